"""`make mutants`: each mutant gets its own process, in which the tests run that reach the mutated function."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kit.mutants import trials
from kit.settings import checkout_root

# A module as mutmut writes it, in short: the environment selects the mutant, and `state` hears which function ran.
BOX = """
import os
import threading
from mutmut.state import state

def least(one, other):
    state()._stats.add("box.x_least")
    mutant = os.environ["MUTANT_UNDER_TEST"]
    if mutant == "box.x_least__mutmut_1":
        return max(one, other)
    if mutant == "box.x_least__mutmut_2":
        return min(other, one)
    while mutant == "box.x_least__mutmut_3":
        pass
    if mutant == "box.x_least__mutmut_4":
        threading.Event().wait()
    if mutant == "box.x_least__mutmut_5":
        os._exit(11)
    return min(one, other)
"""
STATE = """
class State:
    _stats = set()

def state():
    return State
"""
# The limits of a hanging test, shorter than usual.
CONFTEST = """
from kit.mutants import trials
trials._CPU_SECONDS, trials._IDLE_SECONDS = 0.5, 2.0
"""
TESTS = """
from pathlib import Path
from box import least

def test_least(tmp_path):
    with Path("ran.txt").open("a") as file:
        file.write("least\\n")
    assert least(1, 2) == 1

def test_nothing():
    with Path("ran.txt").open("a") as file:
        file.write("nothing\\n")
"""
LEAST = [f"box.x_least__mutmut_{number}" for number in range(1, 6)]
MOST = "box.x_most__mutmut_1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = {
        "box.py": BOX,
        "mutmut/__init__.py": "",
        "mutmut/state.py": STATE,
        "conftest.py": CONFTEST,
        "test_box.py": TESTS,
        "pyproject.toml": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    write(tmp_path, dict.fromkeys([*LEAST, MOST]))
    return tmp_path


def write(folder: Path, results: dict[str, int | None]) -> None:
    (folder / "box.py.meta").write_text(json.dumps({"exit_code_by_key": results, "durations_by_key": {}}))


def results(folder: Path) -> dict[str, int | None]:
    found: dict[str, int | None] = json.loads((folder / "box.py.meta").read_text())["exit_code_by_key"]
    return found


def run(folder: Path, children: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir=.", "-p", trials.__name__]
    paths = os.pathsep.join([str(folder), str(checkout_root())])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*command, "--children", str(children), "."], cwd=folder, env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("children", [1, 3])
def test_each_mutant_gets_its_outcome(folder: Path, children: int) -> None:
    done = run(folder, children)
    assert done.returncode == 0, done.stdout + done.stderr
    codes = [trials.KILLED, trials.SURVIVED, trials.TIMED_OUT, trials.TIMED_OUT, 11]
    assert results(folder) == {**dict(zip(LEAST, codes, strict=True)), MOST: trials.UNTESTED}
    ran = (folder / "ran.txt").read_text().split()
    assert (ran.count("nothing"), ran.count("least")) == (1, 1 + len(LEAST)), "only tests that reach it run again"
    assert not list(folder.glob("temporary-*"))


def test_a_run_that_was_stopped_tries_only_what_has_no_result(folder: Path) -> None:
    run(folder, 1)
    stopped = {**dict.fromkeys(LEAST, 0), LEAST[0]: None, MOST: 0}
    write(folder, stopped)
    (folder / "ran.txt").unlink()
    assert run(folder, 1).returncode == 0
    assert results(folder) == {**stopped, LEAST[0]: trials.KILLED}
    assert (folder / "ran.txt").read_text().split() == ["least"]


@pytest.mark.parametrize("broken", ["assert least(1, 2) == 2", "1 +"])
def test_tests_that_fail_without_a_change_try_nothing(folder: Path, broken: str) -> None:
    tests = folder / "test_box.py"
    tests.write_text(tests.read_text().replace("assert least(1, 2) == 1", broken))
    done = run(folder, 1)
    assert done.returncode != 0
    assert "AssertionError" in done.stdout or "SyntaxError" in done.stdout
    assert set(results(folder).values()) == {None}
