"""`make up` and the short commands find a recent enough Python, whichever `python3` is first on the path."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from kit import __main__ as short_commands
from kit import bootstrap


@pytest.mark.parametrize("arguments", [[], ["install"], ["kit", "down"]])
def test_an_old_python_hands_over_to_a_newer_one(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "LEAST", (99, 0))
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}" if name == "python3.12" else None)
    monkeypatch.setattr(os, "execv", lambda path, command: started.append([path, *command]))
    monkeypatch.setattr(sys, "argv", ["bootstrap", *arguments])
    bootstrap.main()
    assert started == [["/opt/python3.12", "/opt/python3.12", "-m", "kit.bootstrap", *arguments]]


def test_without_a_newer_python_the_bootstrap_names_the_needed_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "LEAST", (99, 0))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["bootstrap", "kit", "status"])
    assert bootstrap.main() == 1
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_short_commands_get_their_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_commands, "main", lambda arguments: len(arguments) * 10)
    monkeypatch.setattr(sys, "argv", ["bootstrap", "kit", "logs", "edge"])
    assert bootstrap.main() == 20
