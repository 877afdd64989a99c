"""A program ends together with the command that started it, however that command ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit import shell, system
from kit.settings import checkout_root

#: Starts a program that starts another one; both record their pid and ignore SIGTERM.
_STUBBORN = "trap '' TERM; echo $$ >> pids; sh -c 'trap \"\" TERM; echo $$ >> pids; while :; do sleep 0.1; done'; true"
#: Programs started under nohup inherit an ignored SIGHUP; this restores the default.
_CALLER = """
import signal, sys
from pathlib import Path
from kit import shell
signal.signal(signal.SIGHUP, signal.SIG_DFL)
shell.run(["sh", "-c", sys.argv[2]], cwd=Path(sys.argv[1]), log=Path(sys.argv[1]) / "log")
"""


def _until(probe: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


def _pids(folder: Path) -> list[int]:
    file = folder / "pids"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


@pytest.fixture(autouse=True)
def _programs_may_start_again() -> Iterator[None]:
    """After a test that failed between a stop and the next step, too."""
    yield
    with shell.ended_on_failure():
        pass


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_no_program_outlives_a_killed_command(tmp_path: Path, number: signal.Signals) -> None:
    caller = subprocess.Popen([sys.executable, "-c", _CALLER, str(tmp_path), _STUBBORN], cwd=checkout_root())
    _until(lambda: len(_pids(tmp_path)) == 2)
    caller.send_signal(number)
    caller.wait(60)
    _until(lambda: not any(system.identity_of(pid) for pid in _pids(tmp_path)))


def test_a_failed_step_ends_the_others_and_starts_no_further_step(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        for _ in range(2):
            try:
                shell.run(["sh", "-c", _STUBBORN], cwd=tmp_path, log=tmp_path / "log")
            except (shell.CommandFailed, shell.Stopping) as error:
                failures.append(error)

    worker = threading.Thread(target=work)
    with pytest.raises(ValueError, match="another step"), shell.ended_on_failure():
        worker.start()
        _until(lambda: len(_pids(tmp_path)) == 2)
        raise ValueError("another step")
    worker.join(60)
    assert [type(error) for error in failures] == [shell.CommandFailed, shell.Stopping]
    _until(lambda: not any(system.identity_of(pid) for pid in _pids(tmp_path)))
    with shell.ended_on_failure():
        assert shell.run(["echo", "again"], cwd=tmp_path, log=tmp_path / "log") == "again\n"


def test_the_exit_code_and_the_output_of_a_program_are_passed_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert shell.run(["sh", "-c", "echo one; echo two >&2"], cwd=tmp_path, log=log) == "one\ntwo\n"
    for command, code in ((["sh", "-c", "exit 3"], 3), (["sh", "-c", "kill -9 $$"], 137), (["no-such-program"], 127)):
        with pytest.raises(shell.CommandFailed, match=f"ended with code {code}"):
            shell.run(command, cwd=tmp_path, log=log)
    assert "no-such-program could not be started: No such file or directory" in log.read_text()


def test_a_program_can_be_interrupted(tmp_path: Path) -> None:
    """``child.py`` itself ignores the signal; the program that it starts handles it."""
    with pytest.raises(shell.CommandFailed, match="ended with code 143"):
        shell.run(["sh", "-c", "kill -TERM $$"], cwd=tmp_path, log=tmp_path / "log")
