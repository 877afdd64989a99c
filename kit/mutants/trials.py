"""A pytest plugin that tries mutants: it collects the tests once and forks for each mutant.

mutmut's own runner starts pytest again in each fork and formats each failure, which costs most of a second. This one
runs the collected tests that reach the mutated function, first those that detected other mutants of the same function,
then the fastest, and ends the fork at the first failure.

It reads and writes what mutmut left: ``*.py.meta`` with the exit code of each mutant (``null``: not tried), the
environment variable ``MUTANT_UNDER_TEST``, and the functions that a test reached in ``mutmut.state``.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

#: Exit codes, those of mutmut.
SURVIVED, KILLED, INTERRUPTED, UNTESTED, TIMED_OUT = 0, 1, 2, 33, 36
TESTS = Path("tests.json")
_CHOICE = "MUTANT_UNDER_TEST"
#: A test has hung when it used this much processor time or real time, and this many times what it took before.
_CPU_SECONDS, _REAL_SECONDS, _TIMES = 5.0, 60.0, 20
#: It has hung as well when the process used nearly no processor time for so long.
_IDLE_SECONDS, _IDLE_CPU = 10.0, 0.01

# A failing example is enough: no search for the smallest one, no file of examples.
settings.register_profile(
    "mutants",
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)


@dataclass
class Reach:
    """``tests``: mangled function → ids of the tests that reach it; ``seconds``: processor time of each test."""

    tests: Mapping[str, Sequence[str]]
    seconds: Mapping[str, float]

    @classmethod
    def read(cls, path: Path) -> Reach:
        return cls(**json.loads(path.read_text("utf-8")))


@dataclass
class Kills:
    """How many mutants of a function each test detected in this run."""

    counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def order(self, function: str, reach: Reach) -> list[str]:
        """Tests that reach the function: first those that detected most, then the fastest."""
        kills = self.counts[function]
        return sorted(reach.tests.get(function, ()), key=lambda one: (-kills[one], reach.seconds.get(one, 0.0), one))


def function_of(mutant: str) -> str:
    return mutant.partition("__mutmut_")[0]


class Results:
    """The outcomes in a ``*.py.meta`` file; each is written at once, so that a stopped run continues."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content: dict[str, Any] = json.loads(path.read_text("utf-8"))

    def missing(self) -> list[str]:
        return [mutant for mutant, code in self._content["exit_code_by_key"].items() if code is None]

    def note(self, found: Mapping[str, int]) -> None:
        self._content["exit_code_by_key"].update(found)
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(self._content), "utf-8")
        new.replace(self._path)


class Watch(threading.Thread):
    """Ends this process when its test hangs. Processor time counts, so that a busy machine fails no test."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._limits = (float("inf"), float("inf"))

    def expect(self, seconds: float) -> None:
        longer = _TIMES * seconds
        self._limits = (time.process_time() + _CPU_SECONDS + longer, time.monotonic() + _REAL_SECONDS + longer)

    def run(self) -> None:
        cpu, since = time.process_time(), time.monotonic()
        while True:
            time.sleep(0.5)
            now, used = time.monotonic(), time.process_time()
            if used - cpu > _IDLE_CPU:
                cpu, since = used, now
            if used > self._limits[0] or now > self._limits[1] or now - since > _IDLE_SECONDS:
                os._exit(TIMED_OUT)


class Failing:
    """In the process of one mutant: the first failure ends it, before pytest describes it."""

    def __init__(self, writing: int) -> None:
        self._writing = writing

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            os.write(self._writing, item.nodeid.encode())
            os._exit(KILLED)


class Measuring:
    """In the process that runs all tests without a change: failures are printed."""

    def __init__(self) -> None:
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = True
            print(report.nodeid, report.longreprtext, sep="\n", flush=True)


@dataclass(frozen=True)
class Running:
    """A mutant that is being tried; ``reading``: where the id of the test that fails comes from."""

    results: Results
    mutant: str
    reading: int


class Trials:
    def __init__(self, config: pytest.Config, children: int) -> None:
        self._plugins = config.pluginmanager
        self._children = children
        self._kills = Kills()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants without a result.

        Raises: pytest.exit.Exception (the tests cannot be collected, or fail without a change).
        """
        if session.testsfailed:
            pytest.exit("The tests cannot be collected.", KILLED)
        gc.collect()
        gc.freeze()
        if not TESTS.is_file():
            pid, status = os.waitpid(self._fork(partial(self._measure, session.items)), 0)
            shutil.rmtree(_temporary(pid), ignore_errors=True)
            if os.waitstatus_to_exitcode(status) != 0:
                pytest.exit("The tests fail without a change.", KILLED)
        self._try_all({item.nodeid: item for item in session.items}, Reach.read(TESTS))
        return True

    @staticmethod
    def _fork(work: Callable[[], int]) -> int:
        """Start ``work`` in a process of its own, with its own folder for temporary files; returns its id."""
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            temporary = _temporary(os.getpid())
            temporary.mkdir()
            os.environ["PYTEST_DEBUG_TEMPROOT"] = str(temporary)
            code = INTERRUPTED
            try:
                code = work()
            finally:
                os._exit(code)
        return pid

    def _measure(self, items: Sequence[pytest.Item]) -> int:
        """Run all tests without a change, and write which functions each reaches and how long it takes."""
        from mutmut.state import state

        measuring = Measuring()
        self._plugins.register(measuring)
        os.environ[_CHOICE] = "stats"
        tests: defaultdict[str, list[str]] = defaultdict(list)
        seconds = {}
        for place, item in enumerate(items):
            state()._stats.clear()
            begin = time.process_time()
            self._run(item, items[place + 1] if place + 1 < len(items) else None)
            seconds[item.nodeid] = time.process_time() - begin
            for function in state()._stats:
                tests[function].append(item.nodeid)
        if not measuring.failed:
            new = TESTS.with_suffix(".new")
            new.write_text(json.dumps({"tests": tests, "seconds": seconds}), "utf-8")
            new.replace(TESTS)
        return KILLED if measuring.failed else SURVIVED

    def _try_all(self, items: Mapping[str, pytest.Item], reach: Reach) -> None:
        begin, tried, survived = time.monotonic(), 0, 0
        running: dict[int, Running] = {}
        pending = _pending(reach)
        following = next(pending, None)
        while following is not None or running:
            if following is not None and len(running) < self._children:
                pid, one = self._start(*following, items, reach)
                running[pid] = one
                following = next(pending, None)
                continue
            pid, status = os.wait()
            code = self._end(running.pop(pid), pid, os.waitstatus_to_exitcode(status))
            tried, survived = tried + 1, survived + (code == SURVIVED)
            if tried % 50 == 0:
                print(f"{tried} tried in {time.monotonic() - begin:.0f} s, {survived} survived", flush=True)

    def _start(
        self, results: Results, mutant: str, items: Mapping[str, pytest.Item], reach: Reach
    ) -> tuple[int, Running]:
        order = self._kills.order(function_of(mutant), reach)
        reading, writing = os.pipe()
        tests = [(items[one], reach.seconds[one]) for one in order]
        pid = self._fork(partial(self._try, mutant, tests, writing))
        os.close(writing)
        return pid, Running(results, mutant, reading)

    def _end(self, one: Running, pid: int, code: int) -> int:
        with os.fdopen(one.reading) as pipe:
            killer = pipe.read()
        if killer:
            self._kills.counts[function_of(one.mutant)][killer] += 1
        shutil.rmtree(_temporary(pid), ignore_errors=True)
        one.results.note({one.mutant: code})
        return code

    def _try(self, mutant: str, tests: Sequence[tuple[pytest.Item, float]], writing: int) -> int:
        """Run the tests; the id of one that fails goes into the pipe."""
        nothing = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nothing, descriptor)
        os.environ[_CHOICE] = mutant
        limit = int(10 + _CPU_SECONDS + _TIMES * sum(seconds for _, seconds in tests))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        self._plugins.register(Failing(writing))
        watch = Watch()
        watch.start()
        for place, (item, seconds) in enumerate(tests):
            watch.expect(seconds)
            self._run(item, tests[place + 1][0] if place + 1 < len(tests) else None)
        return SURVIVED

    @staticmethod
    def _run(item: pytest.Item, following: pytest.Item | None) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _pending(reach: Reach) -> Iterator[tuple[Results, str]]:
    """Mutants without a result; those that no test reaches get theirs here."""
    for path in sorted(Path().rglob("*.py.meta")):
        results = Results(path)
        missing = results.missing()
        untested = [one for one in missing if not reach.tests.get(function_of(one))]
        if untested:
            results.note(dict.fromkeys(untested, UNTESTED))
        for mutant in missing:
            if mutant not in untested:
                yield results, mutant


def _temporary(pid: int) -> Path:
    return Path.cwd() / f"temporary-{pid}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--children", type=int, default=1, help="mutants that are tried at the same time")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("mutants")
    config.pluginmanager.register(Trials(config, config.getoption("--children")))
