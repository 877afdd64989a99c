"""Unfollows and deletions during fan-out: entries that the fan-out wrote are removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.common.events import DomainEvent
from services.common.ids import new_id
from services.timelines.model import Job, JobKind
from services.timelines.readers import Reach
from tests.unit.timelines.test_fanout import World, deleted, edge, published, reposted


def during(world: World, owner: Any, method: str, *events: DomainEvent) -> None:
    """Another invocation handles ``events`` at the first call of ``method``, just before it writes."""
    write: Callable[..., Any] = getattr(owner, method)

    def interrupted(*arguments: Any) -> Any:
        setattr(owner, method, write)
        for event in events:
            world.fan_out.handle(event.to_json())
        return write(*arguments)

    setattr(owner, method, interrupted)


def test_an_unfollow_wins_over_a_follow_that_was_under_way() -> None:
    world = World()
    world.put(published(new_id()), edge("kept", 1))
    world.drain()
    during(world, world.store, "add_entries", edge("one", 2))
    world.fan_out.handle(edge("one", 1).to_json())
    assert world.home("one") == set()
    assert len(world.home("kept")) == 1


def test_an_uninterrupted_follow_stays() -> None:
    world, post = World(), new_id()
    world.put(published(post), edge("one", 1))
    world.drain()
    assert world.home("one") == {post}


def test_an_unfollow_wins_over_the_merge_of_a_large_author_that_was_under_way() -> None:
    world = World()
    world.readers.set_reach("anna", Reach.MERGED)
    during(world, world.readers, "merge", edge("one", 2))
    world.fan_out.handle(edge("one", 1).to_json())
    assert world.readers.known["one"].merged == frozenset()


def test_a_delivery_that_was_under_way_at_an_unfollow_is_swept_later() -> None:
    world, post = World(), new_id()
    world.put(edge("one", 1))
    world.drain()
    during(world, world.store, "add_to_homes", edge("one", 2))
    world.fan_out.handle(published(post).to_json())
    world.drain()
    assert world.home("one") == set()


def test_the_later_sweep_skips_readers_who_follow_again() -> None:
    world, post = World(), new_id()
    world.put(edge("one", 3), published(post))
    world.drain()
    world.fan_out.handle(Job(JobKind.SWEEP, author_id="anna", user_id="one").to_json())
    assert world.home("one") == {post}


def test_the_later_sweep_runs_after_writes_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep waits as long as an in-progress delivery may take: its message's visibility timeout."""
    world, sent = World(), []
    monkeypatch.setattr(world, "send", lambda job, delay_seconds=0: sent.append((job, delay_seconds)))
    world.fan_out.handle(edge("one", 2).to_json())
    assert sent == [(Job(JobKind.SWEEP, author_id="anna", user_id="one"), 90)]


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_follow_or_unfollow_changes_nothing(version: int) -> None:
    world, post = World(), new_id()
    world.put(edge("one", 3), edge("two", 4), published(post))
    world.drain()
    for follower in ("one", "two"):
        world.fan_out.handle(edge(follower, version).to_json())
    assert (world.home("one"), world.home("two")) == ({post}, set())


def test_a_post_deleted_during_a_new_follow_is_removed() -> None:
    world, stays, goes = World(), new_id(), new_id()
    world.put(published(stays), published(goes))
    world.drain()
    during(world, world.store, "add_entries", deleted(goes))
    world.fan_out.handle(edge("one", 1).to_json())
    assert world.home("one") == {stays}


def test_a_repost_of_a_post_deleted_during_a_new_follow_is_removed() -> None:
    world, post, repost = World(), new_id(), new_id()
    world.put(published(post, author="ben"), reposted(post, repost, "anna", author="ben"))
    world.drain()
    during(world, world.store, "add_entries", deleted(post, author="ben"))
    world.fan_out.handle(edge("one", 1).to_json())
    assert world.home("one") == set()
