"""The consumer of a table's stream: counters first, then domain events. The stream is the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from services.common.counters import Delta
from services.common.events import DomainEvent, place_of
from services.common.lazy_dataclasses import dataclass
from services.common.streams import Change
from services.common.tracing import caused_by


@dataclass(frozen=True)
class Projector:
    """Folds a batch of changes. It may be given the same change any number of times: counters are guarded by markers,
    events keep their ids.

    Args:
        deltas_of: what a change does to counters.
        events_of: the domain events that a change is.
        count: see ``counters.apply``.
        publish: see ``events.publish``.
    """

    deltas_of: Callable[[Change], Iterable[Delta]]
    events_of: Callable[[Change], Iterable[DomainEvent]]
    count: Callable[[Sequence[Delta]], None]
    publish: Callable[[Sequence[DomainEvent]], None]

    def __call__(self, changes: Sequence[Change]) -> None:
        deltas = [delta for change in changes for delta in self.deltas_of(change)]
        if deltas:
            self.count(deltas)
        events = [one for change in changes for one in self._events_of(change)]
        if events:
            self.publish(events)

    def _events_of(self, change: Change) -> list[DomainEvent]:
        with caused_by(change.trace):
            return [
                replace(event, sequence=place_of(change.sequence, number)) if change.sequence else event
                for number, event in enumerate(self.events_of(change))
            ]
