"""Fan-out with everything in memory: in any order and with repeated messages, timelines end up the same."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.ids import new_id
from services.timelines.model import (
    HOME_CAP,
    Entry,
    Job,
    JobKind,
    once_per_post,
    parse_job,
)
from tests.support.fanout import World, deleted, edge, edited, published, reposted, unreposted


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 1_000_000), turns=st.lists(st.integers(0, 4), min_size=5, max_size=5))
def test_any_order_and_any_repetition_end_the_same(seed: int, turns: list[int]) -> None:
    world = World(seed)
    followers = [f"f{number}" for number in range(5)]
    posts = [new_id() for _ in range(6)]
    for name, most in zip(followers, turns, strict=True):
        world.put(*(edge(name, version) for version in range(1, most + 1)))
    world.put(*(published(post, tags=["tag"]) for post in posts), *(deleted(post) for post in posts[:3]))
    world.drain()
    live = set(posts[3:])
    for name, most in zip(followers, turns, strict=True):
        assert world.home(name) == (live if most % 2 else set()), (name, most)
    assert world.home("anna") == live
    assert world.store.public == world.store.tags["tag"] == set(world.store.refs["anna"]) == live


TAGS = st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True, max_size=3)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 1_000_000), versions=st.lists(TAGS, min_size=1, max_size=5), is_deleted=st.booleans())
def test_edits_in_any_order_end_with_the_last_tags_and_restore_no_deleted_post(
    seed: int, versions: list[list[str]], is_deleted: bool
) -> None:
    world, post = World(seed), new_id()
    world.put(published(post, tags=versions[0]))
    for number, (before, after) in enumerate(itertools.pairwise(versions), start=2):
        world.put(edited(post, number, after, [one for one in before if one not in after]))
    if is_deleted:
        world.put(deleted(post))
    world.drain()
    wanted = set() if is_deleted else set(versions[-1])
    assert {name for name, posts in world.store.tags.items() if post in posts} == wanted
    assert (post in world.store.refs["anna"]) is (post in world.home("anna")) is (not is_deleted)
    if not is_deleted:
        assert set(world.store.refs["anna"][post].tags) == wanted


def test_deletion_wins_over_an_edit_that_was_under_way() -> None:
    world, post = World(), new_id()
    world.fan_out.handle(published(post, tags=["a"]).to_json())
    retag = world.store.retag

    def interrupted(entry: Entry, removed: Sequence[str]) -> None:
        world.fan_out.handle(deleted(post).to_json())
        retag(entry, removed)

    world.store.retag = interrupted  # type: ignore[method-assign]
    world.fan_out.handle(edited(post, 2, ["b"], ["a"]).to_json())
    assert world.store.tags["a"] == world.store.tags["b"] == set()
    assert world.store.refs["anna"] == {}


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 1_000_000), turns=st.lists(st.integers(0, 4), min_size=3, max_size=3))
def test_reposts_in_any_order_end_the_same(seed: int, turns: list[int]) -> None:
    """One of four posts is deleted, one of five reposts is undone, while people follow and unfollow the reposter."""
    world = World(seed)
    posts, reposts = [new_id() for _ in range(4)], [new_id() for _ in range(5)]
    followers = [f"f{number}" for number in range(3)]
    for name, most in zip(followers, turns, strict=True):
        world.put(*(edge(name, version, author="ben") for version in range(1, most + 1)))
    world.put(*(published(post) for post in posts), deleted(posts[0]))
    world.put(*(reposted(post, key, "ben") for post, key in zip([*posts, posts[3]], reposts, strict=True)))
    world.put(reposted(posts[0], last := new_id(), "cleo"), unreposted(posts[1], reposts[1], "ben"))
    world.drain()
    live = set(reposts[2:])
    for name, most in zip(followers, turns, strict=True):
        assert world.home(name) == (live if most % 2 else set()), (name, most)
    assert world.home("ben") == live
    assert world.home("anna") == world.store.public == set(posts[1:])
    assert last not in world.home("cleo")
    assert {key for found in world.store.reposts.values() for key in found} == live


def test_unfollowing_an_author_keeps_reposts_by_others() -> None:
    world, post, repost = World(), new_id(), new_id()
    world.put(edge("one", 1), edge("one", 1, author="ben"))
    world.drain()
    world.put(published(post), reposted(post, repost, "ben"))
    world.drain()
    assert world.home("one") == {post, repost}
    world.put(edge("one", 2))
    world.drain()
    assert world.home("one") == {repost}


def test_a_page_shows_a_repeated_post_only_at_its_first_place() -> None:
    own, first, second = (
        Entry("p", "anna", "public"),
        *(Entry("p", "anna", "public", repost_id=f"r{n}", reposted_by=f"u{n}") for n in (1, 2)),
    )
    other = Entry("q", "anna", "public")
    assert once_per_post([second, other, first, own]) == [second, other]


def test_every_follower_gets_a_post_page_by_page_and_one_frame() -> None:
    world, post = World(), new_id()
    names = [f"f{number}" for number in range(7)]
    world.put(*(edge(name, 1) for name in names))
    world.drain()
    world.put(published(post))
    world.drain()
    assert all(post in world.home(name) for name in names)
    heard = {user for one in world.told for user in one.users}
    assert heard == {"anna", *names}
    assert len({one.frame["eventId"] for one in world.told}) == 1


@pytest.mark.parametrize(
    ("visibility", "parent", "follower", "follower_of_both", "public"),
    [
        ("public", None, True, True, True),
        ("unlisted", None, True, True, False),
        ("followers", None, True, True, False),
        ("mentioned", None, False, False, False),
        ("public", "anna", True, True, False),
        ("public", "ben", False, True, False),
    ],
)
def test_visibility_and_parent_decide_which_timelines_list_a_post(
    visibility: str, parent: str | None, follower: bool, follower_of_both: bool, public: bool
) -> None:
    world, post = World(), new_id()
    world.put(edge("one", 1), edge("both", 1), edge("both", 1, author="ben"))
    world.drain()
    world.put(published(post, visibility=visibility, parent=parent, tags=["tag"]))
    world.drain()
    assert (post in world.home("one")) is follower
    assert (post in world.home("both")) is follower_of_both
    assert (post in world.store.public) is public
    assert (post in world.store.tags["tag"]) is (visibility == "public")
    assert post in world.home("anna")


def test_deletion_wins_over_a_fan_out_that_was_under_way() -> None:
    world, post = World(), new_id()
    world.put(edge("one", 1))
    world.drain()
    add = world.store.add_to_homes

    def interrupted(users: Sequence[str], entry: Entry) -> None:
        world.fan_out.handle(deleted(post).to_json())
        add(users, entry)

    world.store.add_to_homes = interrupted  # type: ignore[method-assign]
    world.fan_out.handle(published(post).to_json())
    assert world.home("one") == set()


def test_home_timelines_stay_near_their_cap() -> None:
    world = World()
    world.put(edge("one", 1))
    world.drain()
    for number in range(HOME_CAP + 200):  # fixed ids: the hash of an id decides when it is trimmed
        world.fan_out.handle(published(f"01M8QT7BCS{number:016}").to_json())
    assert HOME_CAP <= len(world.home("one")) <= HOME_CAP + 150


@pytest.mark.parametrize("body", ["", "{", "[]", '{"job": 1}', '{"job": {"kind": "fly"}}', '{"a": 1}'])
def test_a_message_of_another_shape_fails(body: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        World().fan_out.handle(body)


def test_jobs_are_read_back_from_their_json() -> None:
    job = Job(JobKind.SWEEP, author_id="a", user_id="u", after="x")
    assert parse_job(job.to_json()) == job
    assert parse_job(json.dumps({"id": "event"})) is None
