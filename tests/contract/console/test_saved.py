"""The console's page of saved states: a program lists them; ``make up`` configures the kit's."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from emulation.console.saved import NoSaves, Saves
from emulation.settings import Settings as EmulationSettings
from kit.processes import launches
from kit.saves import folder
from kit.settings import Settings


def test_make_up_hands_over_the_command_of_the_kit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    settings = Settings(port_offset=300)
    about = {"name": "full", "at": "2026-12-01T00:00:00+00:00", "size": 12}
    (folder(settings) / "full").mkdir(parents=True)
    (folder(settings) / "full" / "about.json").write_text(json.dumps(about))
    (launch,) = [one for one in launches(settings) if one.name == "console"]
    command = EmulationSettings(launch.env).saves
    command = tuple(sys.executable if word.endswith("/bin/python") else word for word in command)
    assert Saves(command).all() == [about]


def test_without_a_program_no_saves_are_listed_and_a_failed_one_is_reported() -> None:
    assert Saves(()).all() == []
    for command in ((sys.executable, "-c", "import sys; sys.exit('disk is gone')"), ("/nowhere/at/all",)):
        with pytest.raises(NoSaves, match="EMULATION_SAVES: "):
            Saves(command).all()
