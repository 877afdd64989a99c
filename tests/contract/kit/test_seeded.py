"""While the seeded state is copied, nothing writes to it; afterwards every process goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit import seeded, system
from kit.client.api import wait_for
from kit.settings import Settings

#: A server with a child of its own, both of which write all the time.
_WRITER = """
import os, sys
os.fork()
file = open(sys.argv[1] + str(os.getpid()), "ab", buffering=0)
while True:
    file.write(b"x")
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", _WRITER, f"{tmp_path}/"], start_new_session=True)
    yield process
    for pid in system.session_members(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()


def _sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in sorted(folder.iterdir())]


def _grew(folder: Path, before: list[int]) -> bool:
    now = _sizes(folder)
    return len(now) == len(before) and all(new > old for new, old in zip(now, before, strict=True))


def test_writers_and_their_children_stand_still_during_a_copy(tmp_path: Path, server: subprocess.Popen[bytes]) -> None:
    before = wait_for(lambda: _sizes(tmp_path), until=lambda sizes: len(sizes) == 2 and min(sizes) > 0, what="writes")
    with seeded.stopped([server.pid]):
        halted = _sizes(tmp_path)
        states = {row.state[:1] for row in system.rows() if row.session == server.pid}
        assert states == {"T"}
        assert [_sizes(tmp_path) for _ in range(50)] == [halted] * 50
    assert min(halted) >= min(before)
    wait_for(lambda: _grew(tmp_path, halted), until=bool, what="further writes")


def test_processes_go_on_when_the_copy_fails(tmp_path: Path, server: subprocess.Popen[bytes]) -> None:
    wait_for(lambda: len(_sizes(tmp_path)), until=lambda count: count == 2, what="both writers")
    with pytest.raises(OSError, match="full"), seeded.stopped([server.pid]):
        raise OSError("full")
    before = _sizes(tmp_path)
    wait_for(lambda: _grew(tmp_path, before), until=bool, what="further writes")


def test_what_a_killed_start_left_stopped_goes_on(
    tmp_path: Path, server: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for(lambda: len(_sizes(tmp_path)), until=lambda count: count == 2, what="both writers")
    with seeded.stopped([server.pid]):
        before = _sizes(tmp_path)
        monkeypatch.setattr(seeded, "_writers", lambda settings: [server.pid])
        seeded.resume(Settings())
        wait_for(lambda: _grew(tmp_path, before), until=bool, what="further writes")
