"""Only one command at a time changes a checkout; a second names the first, and a dead command holds no lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kit import locks
from kit.settings import checkout_root

_HOLD = """
import sys
from pathlib import Path
from kit import locks
with locks.exclusive(Path(sys.argv[1]), "make down"):
    {before}
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _holder(root: Path, before: str = "pass") -> Iterator[subprocess.Popen[str]]:
    """Another command that holds the lock until its standard input is closed."""
    command = [sys.executable, "-c", _HOLD.format(before=before), str(root)]
    with subprocess.Popen(
        command, cwd=checkout_root(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_command_waits_and_names_the_first(tmp_path: Path) -> None:
    told: list[str] = []
    with _holder(tmp_path) as process:
        # The holder exits when the wait is reported, so its exit ends the wait.
        def note(text: str) -> None:
            told.append(text)
            assert process.stdin is not None
            process.stdin.close()

        with locks.exclusive(tmp_path, "make up", 60, note):
            assert process.wait(60) == 0
    assert len(told) == 1
    assert told[0].startswith(f"waiting for `make down` (pid {process.pid}, since ")


def test_a_timed_out_wait_says_how_to_proceed(tmp_path: Path) -> None:
    with _holder(tmp_path) as process, pytest.raises(locks.Busy) as refused:
        _enter(tmp_path, "make up", 0.2)
    text = str(refused.value)
    assert text.startswith(f"`make up` waited 0.2s for `make down` (pid {process.pid}, since ")
    assert text.endswith(f"run `kill {process.pid}`, then run `make up` again")


def test_a_killed_command_holds_no_lock(tmp_path: Path) -> None:
    with _holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        _enter(tmp_path, "make up", 60)


def test_programs_of_a_killed_command_hold_the_lock_until_they_are_gone(tmp_path: Path) -> None:
    """Their writes must not mix with those of the next command."""
    before = (
        "import subprocess; p = subprocess.Popen(['sleep', '600'], pass_fds=locks.held_descriptors()); print(p.pid)"
    )
    command = [sys.executable, "-c", _HOLD.format(before=before), str(tmp_path)]
    with subprocess.Popen(
        command, cwd=checkout_root(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        assert one.stdout is not None
        child = int(one.stdout.readline())
        assert one.stdout.readline() == "held\n"
        one.kill()
        one.wait(60)
        with pytest.raises(locks.Busy):
            _enter(tmp_path, "make up", 0.2)
        os.kill(child, signal.SIGKILL)
        _enter(tmp_path, "make up", 60)


def test_a_nested_command_does_not_wait_for_its_parents_lock(tmp_path: Path) -> None:
    nested = [sys.executable, "-c", _HOLD.format(before="pass").replace("make down", "make seed"), str(tmp_path)]
    with locks.exclusive(tmp_path, "make up", 1):
        with locks.exclusive(tmp_path, "make install", 1):
            done = subprocess.run(nested, cwd=checkout_root(), input="", capture_output=True, text=True, timeout=60)
        assert done.stdout == "held\n", done.stderr
        # Leaving an inner block does not release the lock: other processes still wait.
        assert _is_refused_elsewhere(tmp_path)
    assert not _is_refused_elsewhere(tmp_path)


def test_a_removed_lock_file_gives_no_second_lock(tmp_path: Path) -> None:
    """``make clean`` removes the file while others wait for it: each of them must not get a lock of its own."""
    order: list[str] = []
    told = threading.Event()

    def wait_in_line(name: str) -> None:
        with locks.exclusive(tmp_path, name, 60, lambda _: told.set()):
            order.append(f"{name} in")
            order.append(f"{name} out")

    with _holder(tmp_path) as process:
        threads = [threading.Thread(target=wait_in_line, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        assert told.wait(60)
        # Both in one step: otherwise a waiter could create another file in between.
        locks.lock_file(tmp_path).parent.rename(tmp_path / "removed")
        process.kill()
        for thread in threads:
            thread.join(60)
    assert len(order) == 4
    assert [name.split()[0] for name in order[::2]] == [name.split()[0] for name in order[1::2]]


def test_a_lock_folder_removed_before_its_file_exists_is_recreated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.open, []

    def open_late(path: Path, *rest: int) -> int:
        calls.append(path)
        if len(calls) == 1:
            path.parent.rmdir()
        return real(path, *rest)

    monkeypatch.setattr(os, "open", open_late)
    _enter(tmp_path, "make up", 60)
    assert len(calls) == 2


def _enter(root: Path, command: str, seconds: float, say: Callable[[str], None] = lambda _: None) -> None:
    with locks.exclusive(root, command, seconds, say):
        pass


def _is_refused_elsewhere(root: Path) -> bool:
    """Whether a process outside the holder's process tree would have to wait."""
    code = (
        "import fcntl, sys; f = open(sys.argv[1], 'a')\n"
        "try: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\nexcept OSError: print('busy')"
    )
    command = [sys.executable, "-c", code, str(locks.lock_file(root))]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout == "busy\n"
