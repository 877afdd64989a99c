"""Alarms are evaluated once for all metrics of a second, in the account that published them."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from emulation.emulator import alarms

_account = contextvars.ContextVar("account", default="")


def place() -> alarms.Place:
    return _account.get(), "us-east-1"


async def test_many_requests_evaluate_once_in_each_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "EVALUATION_SECONDS", 0.01)
    evaluated: list[str] = []
    done = asyncio.Event()

    def evaluate() -> None:
        evaluated.append(_account.get())
        if len(evaluated) == 2:
            done.set()

    evaluate_later = alarms.later(evaluate, place)
    for account in ("a", "b", "a", "b"):
        contextvars.copy_context().run(lambda one=account: (_account.set(one), evaluate_later()))
    assert not evaluated
    async with asyncio.timeout(10):
        await done.wait()
    assert sorted(evaluated) == ["a", "b"]


async def test_requests_after_an_evaluation_are_evaluated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "EVALUATION_SECONDS", 0.0)
    evaluated: asyncio.Queue[None] = asyncio.Queue()
    evaluate_later = alarms.later(lambda: evaluated.put_nowait(None), place)
    for _ in range(2):
        evaluate_later()
        async with asyncio.timeout(10):
            await evaluated.get()
    assert evaluated.empty()


def test_old_metrics_are_looked_for_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(alarms.time, "monotonic", lambda: now)
    evicted: list[str] = []
    evict = alarms.seldom(lambda: evicted.append(_account.get()), place)
    evict()
    evict()
    now += alarms.EVICTION_SECONDS
    evict()
    assert len(evicted) == 2
