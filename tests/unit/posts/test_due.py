"""Scheduled work runs once, however often its message is delivered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common.clock import to_text
from services.common.events import PollEnded
from services.posts.drafts import ScheduledPost
from services.posts.due import Due, sweep
from services.posts.due import DueWork as Work
from services.posts.model import Post, Visibility
from services.posts.polls import Poll

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = to_text(NOON)


class World:
    """The consumer's dependencies in memory."""

    def __init__(self) -> None:
        self.index: dict[tuple[str, str, str], bool] = {(AT, "poll", "p"): True}
        self.post: Post | None = Post(
            "p", "anna", "which?", "en", AT, Visibility.PUBLIC, poll=Poll(("a", "b"), False, AT)
        )
        self.people: list[str] = []
        self.sent: list[tuple[Due, int]] = []
        self.events: list[PollEnded] = []
        self.now = NOON
        self.work = Work(
            self, self, None, None, self.sent.extend, self.events.extend, lambda: self.now  # type: ignore[arg-type]
        )  # fmt: skip

    def is_due(self, at: str, kind: str, identifier: str) -> bool:
        return self.index.get((at, kind, identifier), False)

    def done(self, at: str, kind: str, identifier: str) -> None:
        self.index.pop((at, kind, identifier), None)

    def scheduled(self, author_id: str, scheduled_id: str) -> ScheduledPost | None:
        return None

    def get(self, post_id: str) -> Post | None:
        return self.post

    def voters(self, post_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        rest = [one for one in sorted(self.people) if after is None or one > after]
        return rest[:limit], rest[limit - 1] if len(rest) > limit else None

    def run(self, due: Due) -> None:
        """Handles the message and all messages that it sends."""
        self.work.handle(due.to_json())
        while self.sent:
            self.work.handle(self.sent.pop(0)[0].to_json())


POLL = Due("poll", "p", "anna", AT)


def told(events: Sequence[PollEnded]) -> list[str]:
    return [person for one in {event.id: event for event in events}.values() for person in one.recipient_ids]


@pytest.mark.parametrize("number", [0, 1, 99, 100, 101, 250])
def test_each_voter_and_the_author_are_notified_once(number: int) -> None:
    world = World()
    world.people = [f"v{n:03}" for n in range(number)] + ["anna"]
    world.run(POLL)
    world.run(POLL)
    assert sorted(told(world.events)) == sorted(world.people)
    assert all(len(one.recipient_ids) <= 101 for one in world.events)
    assert world.index == {}


def test_a_consumer_that_dies_midway_publishes_the_same_events_again() -> None:
    world = World()
    world.people = [f"v{n:03}" for n in range(150)]
    done, world.done = world.done, lambda *_: (_ for _ in ()).throw(RuntimeError("died"))  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        world.work.handle(POLL.to_json())
    world.done = done  # type: ignore[method-assign]
    world.run(POLL)
    assert sorted(told(world.events)) == [*["anna"], *world.people]
    assert len(world.events) > len({one.id for one in world.events})


@pytest.mark.parametrize("gone", [True, False])
def test_a_poll_of_a_deleted_post_notifies_no_voter(gone: bool) -> None:
    world = World()
    world.post = None if gone else Post("p", "anna", "", "und", AT, Visibility.PUBLIC, deleted=True)
    world.run(POLL)
    assert world.events == []
    assert world.index == {}


def test_an_early_message_is_delayed() -> None:
    world = World()
    world.now = NOON - timedelta(seconds=2.5)
    world.work.handle(POLL.to_json())
    assert world.sent == [(POLL, 3)]
    assert world.events == []


def test_a_sweep_sends_with_the_delay_to_the_second() -> None:
    class Index:
        def due(self, shard: int, until: str) -> Iterator[Mapping[str, Any]]:
            assert until > AT
            entry = {"kind": "post", "id": "s", "authorId": "anna"}
            yield from [{**entry, "at": at} for at in (AT, to_text(NOON + timedelta(seconds=70)))] if shard == 2 else []

    sent: list[tuple[Due, int]] = []
    assert sweep(Index(), sent.extend, NOON + timedelta(seconds=5)) == 2
    assert [delay for _, delay in sent] == [0, 65]


@pytest.mark.parametrize("body", ["{}", json.dumps({"kind": "post"}), Due("x", "p", "anna", AT).to_json(), "?"])
def test_a_message_of_another_shape_fails(body: str) -> None:
    with pytest.raises(ValueError):
        World().work.handle(body)
