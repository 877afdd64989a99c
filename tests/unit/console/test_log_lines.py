"""The console keeps log lines, and requests only those added since its last request."""

from __future__ import annotations

import json
import threading
import time
from types import SimpleNamespace

import httpx
import pytest

from emulation.console.log_lines import EmulatorLines, Line, LineIndex
from emulation.emulator.log_lines import LogLines


class Batches:
    """A source that returns one batch per request."""

    def __init__(self, *batches: list[Line]) -> None:
        self._batches = list(batches)

    def groups(self) -> list[str]:
        return ["a", "b"]

    def fresh(self) -> list[Line]:
        return self._batches.pop(0) if self._batches else []


def line(at: int, group: str = "a", message: str = "m") -> Line:
    return Line(at, group, "s", message)


def test_the_newest_lines_of_all_groups_come_in_order() -> None:
    index = LineIndex(Batches([line(1), line(3), line(2, "b")], [line(4, "b")]))
    assert index.newest(10, 0) == []
    index.refresh()
    assert [one.at for one in index.newest(10, 0)] == [1, 2, 3]
    index.refresh()
    assert [one.at for one in index.newest(2, 0)] == [3, 4]
    assert [one.at for one in index.newest(10, 2, 3)] == [2, 3]
    assert [one.at for one in index.newest(10, 0, groups=["b", "none"])] == [2, 4]


def test_lines_are_filtered_by_their_text() -> None:
    index = LineIndex(Batches([line(1, message="one two"), line(2, message="two"), line(3)]))
    index.refresh()
    assert [one.at for one in index.newest(10, 0, text="two")] == [1, 2]


def test_a_busy_group_does_not_displace_lines_of_a_quiet_one() -> None:
    index = LineIndex(Batches([line(0, "b"), *map(line, range(1, 9))]), kept=3)
    index.refresh()
    assert [one.at for one in index.newest(10, 0)] == [0, 6, 7, 8]


def test_followers_get_each_line_once() -> None:
    seen: list[int] = []
    index = LineIndex(Batches([line(1)], [line(2)]))
    index.follow(lambda one: seen.append(one.at))
    for _ in range(3):
        index.refresh()
    assert seen == [1, 2]


class Emulator:
    """A fake emulator that answers from the real ``LogLines``."""

    def __init__(self, *stored: Line) -> None:
        self.lines = LogLines(lambda: stored)
        self.asked = 0
        self.http = httpx.Client(base_url="http://emulator", transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        query = request.url.params
        return httpx.Response(200, content=json.dumps(self.lines.after(query["of"], int(query["after"]))))

    def wrote(self, *times: int) -> None:
        self.lines.add("a", "s", [{"timestamp": at, "message": "m"} for at in times])


def times(source: EmulatorLines) -> list[int]:
    return [one.at for one in source.fresh()]


def test_stored_lines_come_first_and_new_ones_follow() -> None:
    emulator = Emulator(line(2), line(1))
    emulator.wrote(9)
    source = EmulatorLines(emulator.http, None)
    assert times(source) == [1, 2], "before the first request only stored lines are kept"
    emulator.wrote(3, 4)
    emulator.asked = 0
    assert (times(source), emulator.asked) == ([3, 4], 1)
    emulator.asked = 0
    assert (times(source), emulator.asked) == ([], 1)


def test_lines_beyond_one_page_are_read() -> None:
    emulator = Emulator()
    source = EmulatorLines(emulator.http, None)
    assert times(source) == []
    emulator.wrote(*range(1, 12_000))
    assert times(source) == list(range(1, 12_000))


def test_a_restart_of_the_emulator_repeats_no_lines() -> None:
    emulator = Emulator(line(1), line(2))
    source = EmulatorLines(emulator.http, None)
    assert times(source) == [1, 2]
    emulator.lines = Emulator(line(1), line(2), line(5)).lines
    assert times(source) == [5]
    emulator.wrote(6)
    assert times(source) == [6]


def test_a_slow_reader_loses_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulation.emulator.log_lines.KEPT", 3)
    emulator = Emulator()
    source = EmulatorLines(emulator.http, None)
    assert times(source) == []
    emulator.wrote(1, 2)
    assert times(source) == [1, 2]
    emulator.wrote(3, 4, 5, 6, 7)
    assert times(source) == [5, 6, 7]


class Stopped:
    """A source that does not respond: it fails when it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.count = 0

    def groups(self) -> list[str]:
        return []

    def fresh(self) -> list[Line]:
        self.count += 1
        assert self.let_go.wait(60)
        raise httpx.ReadTimeout("")


def test_readers_that_wait_for_a_failing_read_get_its_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would wait as long again; who asks later causes a new read."""
    source, asked = Stopped(), threading.Semaphore(0)
    index, failures = LineIndex(source), []

    def monotonic() -> float:
        now = time.monotonic()
        asked.release()
        return now

    def read() -> None:
        with pytest.raises(httpx.ReadTimeout) as failure:
            index.refresh()
        failures.append(failure.value)

    monkeypatch.setattr("emulation.console.log_lines.time", SimpleNamespace(monotonic=monotonic, time=time.time))
    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
        assert asked.acquire(timeout=60)
    source.let_go.set()
    for thread in threads:
        thread.join(60)
    assert (len(failures), source.count) == (3, 1)
    read()
    assert source.count == 2
