"""Saved states: stored by name, restored completely, replaced only when the new copy is complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit import saves
from kit.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    monkeypatch.delenv("ASYNCSNS_STATE", raising=False)
    return Settings.load()


def write(settings: Settings, name: str, text: str) -> None:
    path = settings.state / "emulator" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_loading_a_save_replaces_the_whole_state(settings: Settings) -> None:
    write(settings, "table", "first")
    made = saves.save(settings, "first")
    write(settings, "table", "second")
    write(settings, "later", "x")
    saves.save(settings, "second")
    assert saves.load(settings, "first") == made
    assert [path.name for path in settings.state.rglob("*") if path.is_file()] == ["table"]
    assert (settings.state / "emulator" / "table").read_text("utf-8") == "first"
    assert {one.name for one in saves.listed(settings)} == {"first", "second"}
    saves.load(settings, "second")
    assert (settings.state / "emulator" / "later").read_text("utf-8") == "x"


def test_a_save_of_the_same_name_is_replaced(settings: Settings) -> None:
    write(settings, "table", "first")
    saves.save(settings, "one")
    write(settings, "table", "second")
    saves.save(settings, "one")
    write(settings, "table", "third")
    saves.load(settings, "one")
    assert (settings.state / "emulator" / "table").read_text("utf-8") == "second"


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden"])
def test_an_invalid_save_name_is_refused(settings: Settings, name: str) -> None:
    write(settings, "table", "first")
    with pytest.raises(ValueError, match="expected 1 to 64 letters"):
        saves.save(settings, name)


def test_a_missing_state_or_save_is_named(settings: Settings) -> None:
    with pytest.raises(ValueError, match="There is no state"):
        saves.save(settings, "one")
    with pytest.raises(ValueError, match="there are: none"):
        saves.load(settings, "one")


def test_saves_are_refused_on_localstack(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMULATOR", "localstack")
    for change in (saves.save, saves.load):
        with pytest.raises(ValueError, match="LocalStack keeps no state"):
            change(settings, "one")
