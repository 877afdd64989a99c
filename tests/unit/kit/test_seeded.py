"""The kept seeded state: made once, taken again only by the checkout that made it, unchanged, within a day."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kit import seeded
from kit.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("ASYNCSNS_STATE", "ASYNCSNS_KEEP_SEEDED", "SEED", "SEARCH", "EMULATOR", "TURN", "SFU"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path / "home"))
    chosen = Settings(root=tmp_path)
    for folder in ("emulation", "kit", "services", "infra", "requirements"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "code.py").write_text("1")
    (tmp_path / "requirements" / "project.txt").write_text("a==1")
    return chosen


def write(settings: Settings, name: str, text: str) -> Path:
    path = settings.state / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def run(settings: Settings) -> None:
    """What a first `make up` leaves."""
    write(settings, "emulator/table", "seeded")
    write(settings, "emulator/packages/one/code.py", "code")
    write(settings, "emulator/tmp/working", "gone soon")
    write(settings, "stamps/seeded", "1")
    for file in (settings.outputs_file, settings.endpoints_file):
        file.write_text("{}")


def test_the_kept_state_is_the_seeded_one_however_often_it_is_taken(settings: Settings) -> None:
    run(settings)
    assert seeded.keep(settings) is None
    assert seeded.is_kept(settings)
    for _ in range(2):
        write(settings, "emulator/table", "used")
        write(settings, "emulator/packages/two/code.py", "newer code")
        _empty(settings)
        seeded.restore(settings)
        files = {str(path.relative_to(settings.state)) for path in settings.state.rglob("*") if path.is_file()}
        assert files == {"emulator/table", "emulator/packages/one/code.py", "stamps/seeded"}
        assert (settings.state / "emulator" / "table").read_text() == "seeded"
        assert settings.endpoints_file.exists() and settings.outputs_file.exists()


def test_unpacked_code_is_stored_once(settings: Settings) -> None:
    run(settings)
    seeded.keep(settings)
    _empty(settings)
    seeded.restore(settings)
    code, table = settings.state / "emulator/packages/one/code.py", settings.state / "emulator/table"
    assert (code.stat().st_nlink, table.stat().st_nlink) == (2, 1)


def test_sockets_are_left_out(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run(settings)
    monkeypatch.chdir(settings.state / "emulator")  # a socket's path has at most 107 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("invocations.sock")
        assert seeded.keep(settings) is None
    assert not (seeded.folder(settings) / "state" / "emulator" / "invocations.sock").exists()


@pytest.mark.parametrize("edited", ["emulation", "kit", "services", "infra", "requirements"])
def test_a_state_of_other_code_is_not_taken(settings: Settings, edited: str) -> None:
    run(settings)
    seeded.keep(settings)
    (settings.root / edited / "code.py").write_text("2")
    assert not seeded.is_kept(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("ASYNCSNS_FSYNC", "yes"), ("TURN", "yes"), ("ASYNCSNS_RATE_LIMITS", "off")]
)
def test_a_state_of_other_settings_is_not_taken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    run(settings)
    seeded.keep(settings)
    monkeypatch.setenv(name, value)
    assert not seeded.is_kept(settings)
    assert not seeded.is_kept(Settings(root=settings.root, port_offset=100))


def test_a_state_of_other_keys_is_not_taken(settings: Settings) -> None:
    run(settings)
    seeded.keep(settings)
    (settings.home / "keys").mkdir()
    (settings.home / "keys" / "media.pem").write_text("another")
    assert not seeded.is_kept(settings)


@pytest.mark.parametrize("age", [timedelta(days=1), timedelta(hours=-1)])
def test_a_state_of_another_day_is_not_taken(settings: Settings, age: timedelta) -> None:
    run(settings)
    seeded.keep(settings)
    about = seeded.folder(settings) / "about.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "at": (datetime.now(UTC) - age).isoformat()}))
    assert not seeded.is_kept(settings)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"at": 1, "made_from": ""}', '{"at": "2026-01-01", "made_from": ""}']
)
def test_a_damaged_description_counts_as_nothing_kept(settings: Settings, text: str) -> None:
    run(settings)
    seeded.keep(settings)
    (seeded.folder(settings) / "about.json").write_text(text)
    assert not seeded.is_kept(settings)


def test_only_an_empty_folder_makes_a_state_worth_keeping(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert seeded.is_first_start(settings)
    settings.state.mkdir(parents=True)
    assert seeded.is_first_start(settings)
    for name, value in (("SEED", "no"), ("ASYNCSNS_KEEP_SEEDED", "no"), ("SEARCH", "node"), ("EMULATOR", "localstack")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert not seeded.is_first_start(settings), name
    write(settings, "emulator/table", "used")
    assert not seeded.is_first_start(settings)
    monkeypatch.setenv("ASYNCSNS_KEEP_SEEDED", "perhaps")
    with pytest.raises(ValueError, match="ASYNCSNS_KEEP_SEEDED=perhaps: expected yes or no"):
        seeded.is_first_start(settings)


def test_a_copy_that_fails_leaves_the_earlier_one_and_says_why(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings)
    seeded.keep(settings)

    def full(*paths: object, **more: object) -> Iterator[None]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    assert seeded.keep(settings) == "not kept: [Errno 28] No space left on device"
    assert seeded.is_kept(settings)
    assert [path.name for path in settings.home.iterdir() if path.name.endswith(".new")] == []


def _empty(settings: Settings) -> None:
    shutil.rmtree(settings.state)
