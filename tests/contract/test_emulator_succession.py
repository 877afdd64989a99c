"""Lambda execution environments outlive an emulator that is killed; the next one goes on with them."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from emulation.emulator.lambdas import runtime
from emulation.emulator.lambdas.templates import Keeping, Template, ask_left
from emulation.guard import HELPER_HEADERS
from tests.contract.emulator_process import EmulatorProcess, wait_until
from tests.contract.test_lambda_execution_environment import Functions, archive

#: Answers with its process, how often it was called, and whether a file of its first call is still there.
COUNTING = """
import os, tempfile
calls = 0
def handler(event, context):
    global calls
    calls += 1
    mark = os.path.join(tempfile.gettempdir(), "mark")
    kept = os.path.exists(mark)
    open(mark, "w").close()
    return {"pid": os.getpid(), "calls": calls, "kept": kept, "stream": context.log_stream_name}
"""
#: Says in a file that it works, goes on when a second file appears, prints and returns much.
WAITING = """
import os, time
def handler(event, context):
    if event["wait"]:
        open(event["started"], "w").close()
        while not os.path.exists(event["go"]):
            time.sleep(0.01)
        for number in range(2_000):
            print("x" * 100)
        return "y" * 3_000_000
    return {"pid": os.getpid()}
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A path that is short enough for a socket below it, wherever pytest's own folders are."""
    with tempfile.TemporaryDirectory(prefix="asyncsns-") as folder:
        yield Path(folder)


@pytest.fixture
def kept(home: Path) -> Iterator[EmulatorProcess]:
    """An emulator whose environments wait for the next one."""
    emulator = EmulatorProcess(home / "e", settings={"EMULATION_LAMBDA_KEEP_SECONDS": "60"}).start()
    yield emulator
    emulator.stop()


def pids(emulator: EmulatorProcess, name: str) -> dict[int, bool]:
    """Pid of each environment of a function, and whether it works."""
    answer = httpx.get(f"{emulator.url}/_asyncsns/environments", headers=HELPER_HEADERS, timeout=60)
    return {one["pid"]: one["running"] for one in answer.json()["environments"] if one["function"] == name}


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for_end(pid: int) -> None:
    wait_until(lambda: ended(pid), 30, f"end of process {pid}")


class Working:
    """An invocation that nobody will get the result of: its emulator is killed while it works."""

    def __init__(self, emulator: EmulatorProcess, name: str, folder: Path) -> None:
        self.started, self.go = folder / "started", folder / "go"
        event = {"wait": True, "started": str(self.started), "go": str(self.go)}
        with ThreadPoolExecutor(1) as pool:
            lost = pool.submit(Functions(emulator).call, name, event)
            wait_until(self.started.exists, 30, "the invocation")
            (self.pid,) = pids(emulator, name)
            emulator.kill()
            assert lost.exception(60) is not None


def test_the_next_emulator_goes_on_with_the_same_environments(kept: EmulatorProcess) -> None:
    functions = Functions(kept)
    name = functions.create(COUNTING)
    first, _, _ = functions.call(name)
    kept.kill()
    kept.start()
    second, error, log = functions.call(name)
    assert error is None
    assert second == first | {"calls": 2, "kept": True}
    assert "Init Duration" not in log
    assert kept.health()["lambda"]["coldStarts"] == 0
    assert list(pids(kept, name)) == [first["pid"]]


def test_environments_of_a_second_killed_emulator_are_taken_over_too(kept: EmulatorProcess) -> None:
    functions = Functions(kept)
    name, other = functions.create(COUNTING), functions.create(COUNTING)
    first, _, _ = functions.call(name)
    kept.kill()
    kept.start()
    of_other, _, _ = functions.call(other)
    kept.kill()
    kept.start()
    assert functions.call(name)[0] == first | {"calls": 2, "kept": True}
    assert functions.call(other)[0] == of_other | {"calls": 2, "kept": True}


def test_a_busy_environment_is_used_once_it_is_idle_and_its_old_result_is_dropped(
    kept: EmulatorProcess, tmp_path: Path
) -> None:
    name = Functions(kept).create(WAITING)
    work = Working(kept, name, tmp_path)
    kept.start()
    assert pids(kept, name) == {}, "it still works for the emulator that was killed"
    work.go.touch()
    wait_until(lambda: pids(kept, name) == {work.pid: False}, 30, "the environment to be idle", kept.log)
    answer, error, log = Functions(kept).call(name, {"wait": False})
    assert (answer, error) == ({"pid": work.pid}, None)
    assert "x" * 100 in log, "what it printed meanwhile"


def test_an_environment_whose_function_is_updated_while_it_is_busy_is_not_used_again(
    kept: EmulatorProcess, tmp_path: Path
) -> None:
    functions = Functions(kept)
    name = functions.create(WAITING)
    work = Working(kept, name, tmp_path)
    kept.start()
    functions.client.update_function_code(FunctionName=name, ZipFile=archive({"app.py": COUNTING}))
    work.go.touch()
    wait_for_end(work.pid)
    answer, _, _ = functions.call(name)
    assert (answer["calls"], answer["pid"] == work.pid) == (1, False)


def test_a_busy_environment_that_takes_longer_than_its_function_may_is_ended(
    kept: EmulatorProcess, tmp_path: Path
) -> None:
    name = Functions(kept).create(WAITING, Timeout=3)
    work = Working(kept, name, tmp_path)
    kept.start()
    wait_for_end(work.pid)
    assert pids(kept, name) == {}


def test_an_emulator_that_stops_ends_its_environments(kept: EmulatorProcess) -> None:
    functions = Functions(kept)
    answer, _, _ = functions.call(functions.create(COUNTING))
    assert ask_left(kept.home / "emulator" / "left", "pid") != []
    assert kept.stop() == 0
    wait_for_end(answer["pid"])
    assert list((kept.home / "emulator" / "left").iterdir()) == []
    kept.start()


def test_without_the_setting_environments_end_with_the_emulator(home: Path) -> None:
    emulator = EmulatorProcess(home / "e").start()
    functions = Functions(emulator)
    answer, _, _ = functions.call(functions.create(COUNTING))
    emulator.kill()
    wait_for_end(answer["pid"])


@pytest.mark.parametrize("end", ["nobody came", "its socket was removed", "it was asked to"])
def test_what_nobody_takes_over_ends(home: Path, end: str) -> None:
    seconds = "1" if end == "nobody came" else "600"
    emulator = EmulatorProcess(home / "e", settings={"EMULATION_LAMBDA_KEEP_SECONDS": seconds}).start()
    functions, left = Functions(emulator), home / "e" / "emulator" / "left"
    answer, _, _ = functions.call(functions.create(COUNTING))
    (template,) = ask_left(left, "pid")
    emulator.kill()
    if end == "its socket was removed":
        next(left.iterdir()).unlink()
    elif end == "it was asked to":
        assert ask_left(left, "end") == [template]
    wait_for_end(answer["pid"])
    wait_for_end(template)


def test_a_template_of_other_packages_is_ended_and_not_used(home: Path) -> None:
    keeping = Keeping(home / "t.sock", 600)
    before = Template({"A": "1"}, [], home / "log", keeping=keeping)
    before.warm()
    (pid,) = ask_left(home, "pid")
    after = Template({"A": "2"}, [], home / "log", keeping=keeping)
    try:
        after.warm()
        assert not after.is_left
        assert ask_left(home, "pid") != [pid]
    finally:
        before.close()
        after.close()
    assert ended(pid)


def test_a_template_goes_on_after_callers_that_say_nothing_or_nonsense(home: Path) -> None:
    keeping = Keeping(home / "t.sock", 600)
    template = Template({}, [], home / "log", keeping=keeping)
    try:
        template.warm()
        for said in (b"", json.dumps("nonsense").encode(), b"\0\0\0\x02{}"):
            with socket.socket(socket.AF_UNIX) as caller:
                caller.connect(str(keeping.socket))
                caller.sendall(said)
                if said.endswith(b"{}"):  # valid, so it is answered
                    assert runtime.receive_frame(caller)
        assert len(ask_left(home, "pid")) == 1
        assert template.alive
    finally:
        template.close()


def test_where_the_path_is_too_long_for_a_socket_environments_end_with_the_emulator(home: Path) -> None:
    deep = home / ("d" * 90)
    emulator = EmulatorProcess(deep, settings={"EMULATION_LAMBDA_KEEP_SECONDS": "60"}).start()
    functions = Functions(emulator)
    answer, _, _ = functions.call(functions.create(COUNTING))
    assert ask_left(deep / "emulator" / "left", "pid") == []
    emulator.kill()
    wait_for_end(answer["pid"])
