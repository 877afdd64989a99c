"""Small kit files that are empty, garbled or of another version: no command crashes, and no process is hidden."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kit import inspect, locks, processes
from kit.client import Endpoints
from kit.deploy.assembly import DeployedDigests
from kit.derived.walk import Bookmark
from kit.settings import Settings
from kit.stamps import Stamp
from kit.supervisor import client

_DAMAGES = {
    "emptied": b"",
    "cut": b'{"pid": 12, "identi',
    "garbled": b"\x00\xff\xfe garbage \x80",
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "another version": b'{"version": 99, "pid": "12", "port_offset": "none", "name": 1}',
    "a list of another version": b'[{"version": 99}]',
}


@pytest.fixture(params=_DAMAGES.values(), ids=list(_DAMAGES))
def damage(request: pytest.FixtureRequest) -> bytes:
    content: bytes = request.param
    return content


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("ASYNCSNS_STATE", "ASYNCSNS_PORT_OFFSET", "EMULATOR", "TARGET", "TURN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path / "home"))
    settings = Settings()
    for folder in (settings.run, settings.state, settings.logs):
        folder.mkdir(parents=True)
    return settings


_READERS: dict[str, Callable[[Path], object]] = {
    "a stamp": lambda file: Stamp(file, "x").is_current() or None,
    "templates": lambda file: DeployedDigests(file).changed([], set()) or None,
    "a bookmark": lambda file: Bookmark(file).read(),
}


@pytest.mark.parametrize("read", _READERS.values(), ids=list(_READERS))
def test_an_unreadable_file_counts_as_missing(read: Callable[[Path], object], damage: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(damage)
    assert read(file) is None


def test_damaged_launch_tables_and_statuses_are_rewritten(settings: Settings, damage: bytes) -> None:
    for file in (processes.launch_file(settings), settings.run / "status.json"):
        file.write_bytes(damage)
    assert processes.read_launches(settings) == []
    assert client.statuses(settings) == {}
    launches = processes.launches(settings)
    processes.write_launches(settings, launches)
    assert processes.read_launches(settings) == launches


def test_the_choices_of_the_last_up_are_kept(settings: Settings, damage: bytes) -> None:
    settings.remember(port_offset=300, target="embedded")
    settings.remembered_file.write_bytes(damage)
    assert Settings.load().port_offset == 300
    settings.remember(turn="no")
    assert json.loads(settings.remembered_file.read_text())["port_offset"] == "300"


def test_addresses_that_cannot_be_read_are_named_and_the_finish_writes_them(settings: Settings, damage: bytes) -> None:
    settings.endpoints_file.write_bytes(damage)
    assert "baseUrl" not in inspect.endpoints(settings)
    with pytest.raises(ValueError, match=r"endpoints.json is damaged: .* `make up` writes it again"):
        Endpoints.load(settings.endpoints_file)


def test_a_lock_without_a_readable_holder_is_free(tmp_path: Path, damage: bytes) -> None:
    file = locks.lock_file(tmp_path)
    file.parent.mkdir()
    file.write_bytes(damage)
    with locks.exclusive(tmp_path, "make up", seconds=1):
        assert json.loads(file.read_text())["command"] == "make up"


def test_a_waiter_reports_its_wait_even_with_an_unreadable_holder(
    tmp_path: Path, damage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is printed once, and at once: the holder releases the lock as soon as it was printed."""
    monkeypatch.setattr(locks, "_NAMELESS_SECONDS", 0.0)
    file = locks.lock_file(tmp_path)
    file.parent.mkdir()
    with file.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(damage)
        other.flush()
        told: list[str] = []

        def heard(line: str) -> None:
            told.append(line)
            fcntl.flock(other, fcntl.LOCK_UN)

        with locks.exclusive(tmp_path, "make down", 60, heard):
            assert json.loads(file.read_text())["command"] == "make down"
    assert told == ["waiting for another command of this checkout to end; Ctrl-C stops waiting"]


def test_a_waiter_with_an_unreadable_holder_times_out(tmp_path: Path, damage: bytes) -> None:
    file = locks.lock_file(tmp_path)
    file.parent.mkdir()
    with file.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(damage)
        other.flush()
        with (
            pytest.raises(locks.Busy, match=r"waited .* for another command"),
            locks.exclusive(tmp_path, "make down", 0),
        ):
            pass
