"""Events that arrive out of order or twice: notifications match the last written state of likes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.clock import to_text
from services.common.events import DomainEvent
from services.common.projector import Projector
from services.common.streams import Change
from services.posts.events import events_of
from tests.support.told import START, Network, people

pytestmark = pytest.mark.usefixtures("fresh")


def delivered(events: Sequence[DomainEvent]) -> st.SearchStrategy[list[DomainEvent]]:
    """Each event at least once, in any order; a second delivery is a new event with a later time."""
    remade = [replace(one, at=to_text(START + timedelta(days=1, seconds=n))) for n, one in enumerate(events)]
    again = st.lists(st.sampled_from(remade), unique=True) if remade else st.just([])
    return again.flatmap(lambda twice: st.permutations([*events, *twice]))


def turns(bob: str, ann: str, post: str) -> st.SearchStrategy[list[Change]]:
    """Changes of two edges between two people: a like that is set and removed, and a reaction that also changes."""
    edge = {"postId": post, "userId": ann, "authorId": bob}
    likes = [(None, {"type": "like", **edge}), ({"type": "like", **edge}, None)]
    emoji = st.lists(st.sampled_from([None, "🎉", "❤"]), max_size=4)

    def changes(count: int, reactions: list[str | None]) -> list[Change]:
        images = [{"type": "reaction", "emoji": one, **edge} if one else None for one in [None, *reactions]]
        turned = [*itertools.islice(itertools.cycle(likes), count), *itertools.pairwise(images)]
        return [Change(str(n), *turn, sequence=str(97 + n)) for n, turn in enumerate(turned)]

    return st.builds(changes, st.integers(0, 5), emoji)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_edge_events_in_any_order_end_with_the_last_written_state(data: st.DataObject) -> None:
    network, (bob, ann) = Network(), people(2)
    changes = data.draw(turns(bob, ann, network.own("post_id", "p")))
    told: list[DomainEvent] = []
    Projector(deltas_of=lambda _: (), events_of=events_of, count=print, publish=told.extend)(changes)
    for event in data.draw(delivered(told)):
        network.notifier.handle(event)
    last = {change.kind: change.new for change in changes}
    stands = {(kind, new.get("emoji")) for kind, new in last.items() if new}
    assert {(str(one.type), one.detail) for one in network.kept.page(bob, None, 9)} == stands
    assert network.unread(bob) == len(stands)
