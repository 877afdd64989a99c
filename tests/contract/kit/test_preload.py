"""Servers that are forked from a process with their packages are like servers that were started by themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit import system
from kit.processes import Launch
from kit.settings import checkout_root
from kit.supervisor import forked, health

pytestmark = pytest.mark.skipif(not system.has_proc(), reason="servers are forked on Linux alone")

_SERVER = """
import os, sys, time
print(os.environ["ASKED"], sys.argv[1], "uvicorn" in sys.modules, "PRELOAD" in os.environ, flush=True)
while os.environ["ASKED"] == "wait":
    time.sleep(0.05)
sys.exit(65)
"""


@pytest.fixture
def preload(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    (tmp_path / "served.py").write_text(_SERVER)
    command = [sys.executable, "-m", "emulation.preload", str(tmp_path / "s"), "." * 2048]
    environment = {"PYTHONPATH": str(checkout_root()), "PRELOAD": "1"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, start_new_session=True)
    _until(lambda: health.check(f"unix://{tmp_path / 's'}") == "ok")
    yield process
    process.kill()
    process.wait()


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _launch(folder: Path, asked: str) -> Launch:
    argv = [sys.executable, "-m", "served", "word"]
    return Launch("served", "", argv, str(folder), {"ASKED": asked}, None, None, [], 2, preload=str(folder / "s"))


def _fork(launch: Launch) -> forked.Forked:
    with (Path(launch.cwd) / "log").open("ab") as log:
        child = forked.fork(launch, log)
    assert child is not None
    return child


def test_a_forked_process_has_its_own_command_line_session_environment_and_log(
    preload: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    launch = _launch(tmp_path, "wait")
    child = _fork(launch)
    child.begin()
    _until(lambda: (tmp_path / "log").read_text() != "")
    try:
        assert (tmp_path / "log").read_text() == "wait word True False\n"
        assert system.command_of(child.pid) == launch.argv
        assert system.command_of(preload.pid) == [sys.executable, "-m", "emulation.preload", str(tmp_path / "s")]
        assert os.getsid(child.pid) == os.getpgid(child.pid) == child.pid
        assert child.poll() is None
    finally:
        os.killpg(child.pid, signal.SIGKILL)
    _until(lambda: system.identity_of(child.pid) is None)
    assert child.poll() == -signal.SIGKILL


@pytest.mark.usefixtures("preload")
def test_its_exit_code_is_known_at_its_end(tmp_path: Path) -> None:
    child = _fork(_launch(tmp_path, "end"))
    child.begin()
    _until(lambda: system.identity_of(child.pid) is None)
    assert child.poll() == 65


@pytest.mark.usefixtures("preload")
def test_a_forked_process_does_not_begin_after_its_caller_leaves(tmp_path: Path) -> None:
    child = _fork(_launch(tmp_path, "wait"))
    child.close()
    _until(lambda: system.identity_of(child.pid) is None)
    assert (tmp_path / "log").read_text() == ""


def test_a_forked_process_survives_the_end_of_its_forker(preload: subprocess.Popen[bytes], tmp_path: Path) -> None:
    launch = _launch(tmp_path, "wait")
    child = _fork(launch)
    child.begin()
    preload.kill()
    preload.wait()
    _until(lambda: (tmp_path / "log").read_text() != "")
    try:
        assert child.poll() is None
        assert system.identity_of(child.pid) is not None
        with (tmp_path / "log").open("ab") as log:
            assert forked.fork(launch, log) is None, "nothing is there to fork another"
    finally:
        os.killpg(child.pid, signal.SIGKILL)
    _until(lambda: system.identity_of(child.pid) is None)
    assert child.poll() is None, "nobody is left who could tell its exit code"


@pytest.mark.usefixtures("preload")
def test_a_command_line_that_is_too_long_is_not_forked(tmp_path: Path) -> None:
    launch = _launch(tmp_path, "end")
    launch.argv.append("x" * 4096)
    with (tmp_path / "log").open("ab") as log:
        assert forked.fork(launch, log) is None
    assert _fork(_launch(tmp_path, "end")).pid, "the next one is"
