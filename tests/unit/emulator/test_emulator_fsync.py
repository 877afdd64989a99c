"""With ``EMULATION_FSYNC=yes`` each answer follows an fsync that began after its change was written.

The order is recorded: real files, the emulator's own front, and an application behind it that notes changes.
"""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from emulation.emulator.durability import Durability
from emulation.emulator.group_commit import GroupCommit
from emulation.emulator.journal import Journal
from emulation.emulator.server import Host
from emulation.emulator.snapshot import Encoding, SnapshotStore, take
from emulation.emulator.streams import RecordSignal
from emulation.pump.checkpoints import CheckpointStore
from emulation.settings import Settings

SEND = [(b"x-amz-target", b"AmazonSQS.SendMessage")]
SIGNED = (b"authorization", b"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, Signature=0")
ENCODING = Encoding(version_of=lambda service: 1, default=str)


class Recorder:
    """Events in order: ``write``, ``fsync`` (its start), ``synced`` (its end), ``replace``, answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[str, Any]] = []
        self._lock = threading.Lock()
        write, sync, replace = os.write, os.fsync, Path.replace

        def write_noted(descriptor: int, data: Any) -> int:
            count = write(descriptor, data)
            self.note("write", bytes(data))
            return count

        def sync_noted(descriptor: int) -> None:
            self.note("fsync", descriptor)
            sync(descriptor)
            self.note("synced", descriptor)

        def replace_noted(path: Path, target: Any) -> Path:
            self.note("replace", Path(target).name)
            return replace(path, target)

        monkeypatch.setattr(os, "write", write_noted)
        monkeypatch.setattr(os, "fsync", sync_noted)
        monkeypatch.setattr(Path, "replace", replace_noted)

    def note(self, what: str, detail: Any = None) -> None:
        with self._lock:
            self.seen.append((what, detail))

    def kinds(self) -> list[str]:
        return [what for what, _ in self.seen]


def _host(root: Path, fsync: bool) -> Host:
    journal = Journal(root, fsync=fsync)
    journal.open()
    store = SnapshotStore(root, fsync=fsync)
    durability = Durability(store, ENCODING, journal, dict, 60.0, GroupCommit(journal))

    async def note_and_answer(scope: Any, receive: Any, send: Any) -> None:
        journal.add(["message", (await receive())["body"].decode()])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    unused = cast(Any, None)
    return Host(note_and_answer, durability, RecordSignal(), *[unused] * 5)


async def _ask(host: Host, name: str, recorder: Recorder) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": name.encode(), "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            recorder.note("answer", name)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [*SEND, SIGNED], "query_string": b""}
    await host._forward(scope, receive, send)


def _order_of(recorder: Recorder, name: str) -> tuple[int, int, int]:
    """The positions of the write of ``name``, of the first fsync end after it, and of the answer."""
    written = next(i for i, (what, detail) in enumerate(recorder.seen) if what == "write" and name.encode() in detail)
    answered = recorder.seen.index(("answer", name))
    began = [i for i, what in enumerate(recorder.kinds()[:answered]) if what == "fsync" and i > written]
    ended = [i for i, what in enumerate(recorder.kinds()[:answered]) if what == "synced" and began and i > began[0]]
    return written, ended[0] if ended else -1, answered


async def test_each_answer_follows_an_fsync_that_follows_its_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, recorder = _host(tmp_path, fsync=True), Recorder(monkeypatch)
    names = [f"m{number:02d}" for number in range(24)]
    await asyncio.gather(*(_ask(host, name, recorder) for name in names))
    for name in names:
        written, synced, answered = _order_of(recorder, name)
        assert written < synced < answered, recorder.kinds()
    assert recorder.kinds().count("fsync") < len(names)  # concurrent requests share an fsync


async def test_without_it_each_answer_follows_its_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host, recorder = _host(tmp_path, fsync=False), Recorder(monkeypatch)
    await _ask(host, "one", recorder)
    assert [what for what in recorder.kinds() if what != "replace"] == ["write", "answer"]


def test_a_generation_is_on_the_disk_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, recorder = SnapshotStore(tmp_path, fsync=True), Recorder(monkeypatch)
    state = {"turn": 0}
    for turn in (1, 2):
        recorder.seen.clear()
        state["turn"] = turn
        take(store, ENCODING, {"sqs": lambda: state})
        counts = recorder.seen.index(("replace", "current"))
        assert recorder.kinds()[:counts].count("synced") >= 3  # the service, the manifest, their folder
        assert "synced" in recorder.kinds()[counts:]  # the symlink


def test_checkpoints_are_on_the_disk_before_they_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints, recorder = CheckpointStore.open(tmp_path / "checkpoints.json", fsync=True), Recorder(monkeypatch)
    checkpoints.set("shard", "1", 0.0)
    checkpoints.flush()
    assert recorder.kinds() == ["fsync", "synced", "replace", "fsync", "synced"]


@pytest.mark.parametrize(("value", "wanted"), [("yes", True), ("no", False), ("", False), ("YES", True)])
def test_only_yes_turns_fsync_on(value: str, wanted: bool) -> None:
    assert Settings({"EMULATION_FSYNC": value}).fsync is wanted


def test_a_setting_that_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="EMULATION_FSYNC: expected yes or no, got '1'"):
        _ = Settings({"EMULATION_FSYNC": "1"}).fsync
