"""What all viewers of a page share: one read at a time, and while the next is slow, the earlier answer with its age."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from emulation.console.shared import FRESH, OLDEST, Shared
from tests.unit.console.test_console import console


class Slow:
    """A server whose answers come when they are let go. They are numbered."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.let_go.set()
        self.count = 0
        self.failure: Exception | None = None

    def read(self) -> int:
        self.count += 1
        number = self.count
        assert self.let_go.wait(60)
        if self.failure:
            raise self.failure
        return number


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.let_go.set()


def test_an_answer_is_shared_for_a_second(clock: Clock, slow: Slow) -> None:
    shared = Shared(clock)
    assert [shared.of("a", slow.read) for _ in range(3)] == [(1, None)] * 3
    clock.at = FRESH
    assert shared.of("a", slow.read, newest=True) == (2, None)


def test_while_the_next_read_is_slow_the_earlier_answer_is_given_with_its_age(clock: Clock, slow: Slow) -> None:
    shared = Shared(clock, patience=0.01)
    shared.of("a", slow.read)
    clock.at = 7.0
    slow.let_go.clear()
    assert [shared.of("a", slow.read) for _ in range(3)] == [(1, 7.0)] * 3
    assert slow.count == 2, "all wait for one read"
    slow.let_go.set()
    assert shared.of("a", slow.read, newest=True) == (2, None)


def test_an_answer_that_is_too_old_is_waited_for(clock: Clock, slow: Slow) -> None:
    shared, given = Shared(clock, patience=0.01), []
    shared.of("a", slow.read)
    clock.at = OLDEST + 1
    slow.let_go.clear()
    waiting = threading.Thread(target=lambda: given.append(shared.of("a", slow.read)))
    waiting.start()
    waiting.join(0.1)
    assert given == []
    slow.let_go.set()
    waiting.join(60)
    assert given == [(2, None)]


def test_a_failure_takes_the_place_of_the_earlier_answer(clock: Clock, slow: Slow) -> None:
    shared = Shared(clock, patience=0.01)
    shared.of("a", slow.read)
    clock.at = 2.0
    slow.failure = OSError("gone")
    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            shared.of("a", slow.read, newest=True)
    slow.failure, count = None, slow.count
    assert shared.of("a", slow.read) == (count + 1, None)


def test_after_a_change_nothing_earlier_is_given(clock: Clock, slow: Slow) -> None:
    """Nor what is being read meanwhile: it may be of before the change."""
    shared = Shared(clock, patience=0.01)
    shared.of("a", slow.read)
    clock.at = 2.0
    slow.let_go.clear()
    assert shared.of("a", slow.read).age == 2.0
    shared.forget()
    slow.let_go.set()
    assert shared.of("a", slow.read) == (3, None)
    assert shared.of("a", slow.read) == (3, None)


def test_the_page_gets_the_age_of_an_earlier_answer_and_can_wait_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulation.console.shared.FRESH", 0.0)
    monkeypatch.setattr("emulation.console.shared.PATIENCE", 0.01)
    slow = Slow()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"sockets": [{"device": str(slow.read())}]})

    gateway = httpx.Client(base_url="http://x", transport=httpx.MockTransport(answer))
    client = TestClient(console(nowhere=gateway))

    def devices(**headers: str) -> tuple[Any, str | None]:
        found = client.get("/api/sockets", headers=headers)
        return found.json()[0]["device"], found.headers.get("age")

    assert devices() == ("1", None)
    slow.let_go.clear()
    assert devices() == ("1", "1")
    slow.let_go.set()
    assert devices(Prefer="wait=10")[1] is None
