"""Servers whose supervisor and watchdog were killed: status and doctor say so."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from kit import inspect
from kit.settings import Settings


@pytest.mark.parametrize(
    ("running", "alive", "said"),
    [
        (True, {"edge": True}, None),
        (False, {}, None),
        (False, {"edge": False}, None),
        (False, {"edge": True, "push": False, "console": True}, "nothing restarts console, edge"),
    ],
)
def test_servers_without_a_supervisor_are_named(
    running: bool, alive: dict[str, bool], said: str | None, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    found = {name: SimpleNamespace(is_alive=lambda yes=yes: yes) for name, yes in alive.items()}
    monkeypatch.setattr(inspect.records, "read_all", lambda run: found)
    monkeypatch.setattr(inspect.client, "is_running", lambda settings: running)
    settings = Settings(root=tmp_path)
    assert (said or "") in (inspect.unguarded(settings) or "")
    assert (inspect.unguarded(settings) is None) is (said is None)
    if not running:
        assert inspect.print_status(settings) == 1
        assert (said or "not running; `make up` starts it") in capsys.readouterr().out
