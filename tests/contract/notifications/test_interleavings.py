"""Two events handled at the same time: wherever one interrupts the other, the last written state of likes stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import pytest

from services.common.events import DomainEvent, PostLiked, PostUnliked
from services.notifications.table import NotificationTable
from tests.support.told import Network, people

pytestmark = pytest.mark.usefixtures("fresh")


class Interruption:
    """Runs ``other`` before the call number ``at`` (from 0) that the interrupted one makes to the table."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, other: Callable[[], object]) -> None:
        self.left, self.other, self.came = at, other, False
        for name in ("item", "transact"):
            monkeypatch.setattr(NotificationTable, name, self._before(getattr(NotificationTable, name)))

    def _before(self, call: Callable[..., object]) -> Callable[..., object]:
        def interrupted(*args: object) -> object:
            self.left -= 1
            if self.left < 0 and not self.came:
                self.came = True
                self.other()
            return call(*args)

        return interrupted


def interruptions(
    monkeypatch: pytest.MonkeyPatch, network: Callable[[], tuple[Network, Sequence[DomainEvent]]], before: int,
    pair: tuple[int, int],
) -> Iterator[Network]:  # fmt: skip
    """Networks in which the first ``before`` events were handled, then ``pair``, the second within the first at each
    possible place, then the others."""
    place, came = 0, True
    while came:
        here, events = network()
        first, second = (events[one] for one in pair)
        for event in events[:before]:
            here.notifier.handle(event)
        with monkeypatch.context() as patch:
            interruption = Interruption(patch, place, lambda h=here, one=second: h.notifier.handle(one))  # type: ignore[misc]
            here.notifier.handle(first)
        for event in [one for number, one in enumerate(events) if number >= before and number not in pair]:
            here.notifier.handle(event)
        place, came = place + 1, interruption.came
        if came:
            yield here


@pytest.mark.parametrize("history", ["LULU", "LULC", "CLU"])
def test_of_two_events_at_once_the_last_written_state_stands(history: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``L`` is Ann's like, ``U`` her unlike, ``C`` Cid's like of the same post."""
    author, ann, cid = people(3)
    kinds = {"L": (PostLiked, ann), "U": (PostUnliked, ann), "C": (PostLiked, cid)}

    def network() -> tuple[Network, list[DomainEvent]]:
        nonlocal author
        here, (author,) = Network(), people(1)
        turns = [kinds[one] for one in history]
        return here, [
            here.make(kind, who, post_id="p", author_id=author, user_id=who, sequence=f"{number:043}")
            for number, (kind, who) in enumerate(turns)
        ]

    stands = {"C": 1}.get("C" if "C" in history else "", 0) + (history.replace("C", "")[-1] == "L")
    tried = 0
    for before in range(len(history) - 1):
        for pair in permutations(range(before, len(history)), 2):
            for here in interruptions(monkeypatch, network, before, pair):
                tried += 1
                shown = [(kind, count) for kind, count, _, _ in here.shown(author)]
                assert shown == ([("like", stands)] if stands else []), f"{history}: {before} before, then {pair}"
                assert here.unread(author) == bool(stands)
    assert tried > 20
