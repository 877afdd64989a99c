"""A table's projector: counters first, then events with their places in the stream."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.common.counters import Delta
from services.common.events import DomainEvent
from services.common.events.envelope import place_of
from services.common.projector import Projector
from services.common.streams import Change


class Ledger:
    """Records what a projector counts and publishes, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[object]]] = []

    def count(self, deltas: Sequence[Delta]) -> None:
        self.calls.append(("count", list(deltas)))

    def publish(self, events: Sequence[DomainEvent]) -> None:
        self.calls.append(("publish", list(events)))


def delta_of(change: Change) -> Delta:
    return Delta(change.event_id, ("POST#1", "COUNTS"), "likes", 1)


def events_of(change: Change) -> list[DomainEvent]:
    return [DomainEvent(id=f"{change.event_id}.{name}", actor=name, at="2026-01-01T00:00:00.000Z") for name in "ab"]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_counters_move_before_events_are_published(ledger: Ledger) -> None:
    project = Projector(lambda change: [delta_of(change)], events_of, ledger.count, ledger.publish)
    changes = [Change("1", None, {}, sequence="9"), Change("2", None, {}, sequence="10")]
    project(changes)
    (counted, deltas), (published, events) = ledger.calls
    assert (counted, published) == ("count", "publish")
    assert deltas == [delta_of(one) for one in changes]
    assert [(one.id, one.actor, one.sequence) for one in events if isinstance(one, DomainEvent)] == [
        (made.id, made.actor, place_of(change.sequence, number))
        for change in changes
        for number, made in enumerate(events_of(change))
    ]


def test_events_of_a_change_without_a_place_have_none(ledger: Ledger) -> None:
    change = Change("1", None, {})
    Projector(lambda _: [], events_of, ledger.count, ledger.publish)([change])
    assert ledger.calls == [("publish", events_of(change))]


def test_changes_that_mean_nothing_are_neither_counted_nor_published(ledger: Ledger) -> None:
    Projector(lambda _: [], lambda _: [], ledger.count, ledger.publish)([Change("1", None, {}, sequence="9")])
    assert ledger.calls == []
