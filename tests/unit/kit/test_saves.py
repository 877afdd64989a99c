"""Saved states: stored by name, restored completely, replaced only when the new copy is complete."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kit import inspect, leftovers, locks, saves, stopped
from kit.__main__ import main
from kit.settings import Settings
from kit.supervisor import client


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


def test_a_save_of_the_same_name_is_replaced_on_request_only(settings: Settings) -> None:
    write(settings, "table", "first")
    saves.save(settings, "one")
    write(settings, "table", "second")
    with pytest.raises(ValueError, match=r"already saved as 'one'.*`make save NAME=one REPLACE=yes`"):
        saves.save(settings, "one")
    saves.save(settings, "one", replace=True)
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


class KilledError(BaseException):
    """What ``kill -9`` is to a command: nothing of it runs afterwards."""


def killed_load(settings: Settings, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """A state ``saved``, then a state ``present``, whose replacement by the first is killed."""
    write(settings, "table", "saved")
    settings.endpoints_file.write_text("saved")
    saves.save(settings, "one")
    write(settings, "table", "present")
    settings.endpoints_file.write_text("present")

    def kill(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        if at == "copying":

            def copy(source: Path, target: Path, **options: bool) -> None:
                (target / "emulator").mkdir(parents=True)
                raise KilledError

            patched.setattr(shutil, "copytree", copy)
        elif at == "copied":
            patched.setattr(saves, "finish_loading", lambda _: kill() if saves.is_loading(settings) else None)
        else:
            rename = Path.rename

            def second(path: Path, target: Path) -> Path:
                return kill() if path.name == "state.new" else rename(path, target)  # type: ignore[return-value]

            patched.setattr(Path, "rename", second)
        with pytest.raises(KilledError):
            saves.load(settings, "one")


@pytest.mark.parametrize(
    ("at", "state", "said"),
    [
        ("copying", "present", "removed "),
        ("copied", "saved", "completed the interrupted `make load-state NAME=one`"),
        ("moving", "saved", "completed the interrupted `make load-state NAME=one`"),
    ],
)
def test_make_up_completes_a_killed_load_or_removes_its_copy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, at: str, state: str, said: str
) -> None:
    killed_load(settings, monkeypatch, at)
    assert leftovers.of_interrupted_commands(settings)
    (line,) = leftovers.clear_interrupted_commands(settings)
    assert line.startswith(said)
    assert (settings.state / "emulator" / "table").read_text("utf-8") == state
    assert settings.endpoints_file.read_text("utf-8") == state
    assert leftovers.of_interrupted_commands(settings) == leftovers.clear_interrupted_commands(settings) == []


@pytest.mark.parametrize("at", ["copying", "copied", "moving"])
def test_a_reset_after_a_killed_load_leaves_nothing_that_comes_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    killed_load(settings, monkeypatch, at)
    inspect.empty_state(settings)
    assert leftovers.clear_interrupted_commands(settings) == []
    assert not settings.state.exists()


def test_a_killed_reset_and_a_killed_save_are_cleared_and_a_save_is_never_lost(settings: Settings) -> None:
    write(settings, "table", "first")
    saves.save(settings, "one")
    (saves.folder(settings) / "one").rename(saves.folder(settings) / ".one.former")
    left = [settings.state.with_name("state.going"), saves.folder(settings) / ".two.new"]
    for path in left:
        path.mkdir()
    assert [one.name for one in saves.listed(settings)] == []
    said = leftovers.clear_interrupted_commands(settings)
    assert said[0].startswith("put back the saved state one")
    assert said[1:] == [f"removed {path}, which an interrupted command left" for path in left]
    assert [one.name for one in saves.listed(settings)] == ["one"]


@pytest.mark.parametrize(("command", "said"), [("save", "nothing was saved"), ("load-state", "the earlier one")])
def test_after_ctrl_c_the_state_and_the_next_command_are_named(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    said: str,
) -> None:
    write(settings, "table", "first")
    saves.save(settings, "one")
    running = [True]
    monkeypatch.setattr(client, "is_running", lambda _: running[0])
    monkeypatch.setattr(client, "stop", lambda _: running.clear() or running.append(False))
    monkeypatch.setattr(locks, "lock_file", lambda _: settings.home / "lock")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copytree", interrupted)
    name = "two" if command == "save" else "one"
    assert main([command, name]) == 130
    line = capsys.readouterr().err
    assert said in line
    assert "the network is stopped: `make up` starts it" in line
    # What `make status` and `make doctor` say, after `kill -9` too.
    assert f"`make {command}` stopped the network" in (stopped.reason(settings) or "")
    stopped.forget(settings)
    assert stopped.reason(settings) is None
