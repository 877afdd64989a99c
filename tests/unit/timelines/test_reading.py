"""Readers who return after absences, authors below and above the threshold: no entry missed, none shown twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.clock import now
from services.common.cursors import Cursor, Page, decode
from services.common.events import DomainEvent, ListMemberAdded, ListMemberRemoved
from services.common.ids import new_id
from services.timelines.model import Entry, Job, JobKind
from services.timelines.readers import Reach, ReaderState, list_reader, today
from tests.unit.timelines.test_fanout import World, deleted, edge, published


def away(days: int) -> str:
    return (now() - timedelta(days=days)).date().isoformat()


def test_posts_of_a_large_author_are_merged_without_gaps_or_duplicates() -> None:
    world = World(merge_from=4)
    names = [f"f{number}" for number in range(5)]
    world.put(*(edge(name, 1) for name in names))
    world.drain()
    before = [new_id() for _ in range(3)]
    for post in before:
        world.put(published(post))
        world.drain()
    assert world.readers.reaches == {"anna": Reach.MERGED}
    told = len(world.told)
    after = [new_id() for _ in range(3)]
    world.put(*(published(post) for post in after), edge("late", 1))
    world.drain()
    assert {user for one in world.told[told:] for user in one.users} == {"anna"}
    for name in (*names, "late"):
        assert not set(after) & world.home(name)
        shown = [one.post_id for one in world.page(name, None, 50).items]
        assert shown == sorted(before + after, reverse=True)
    world.put(edge("f0", 2), deleted(after[0]))
    world.drain()
    assert world.page("f0", None, 50).items == []
    assert after[0] not in [one.post_id for one in world.page("f1", None, 50).items]


def test_merged_posts_follow_the_rules_of_fan_out() -> None:
    world = World(merge_from=2)
    world.put(edge("one", 1), edge("both", 1), edge("both", 1, author="ben"))
    world.drain()
    world.put(published(new_id()))
    world.drain()
    reply, private = new_id(), new_id()
    world.put(published(reply, parent="ben"), published(private, visibility="mentioned"))
    world.drain()
    shown = {name: {one.post_id for one in world.page(name, None, 50).items} for name in ("one", "both")}
    assert reply in shown["both"] - shown["one"]
    assert not any(private in posts for posts in shown.values())


def test_beyond_the_merge_limit_posts_of_large_authors_are_pushed() -> None:
    world = World(merge_from=2, most=1)
    large = ("anna", "ben")
    world.put(*(edge(name, 1, author) for name in ("one", "two") for author in large))
    world.drain()
    for author in large:
        world.put(published(new_id(), author))
        world.drain()
    assert world.readers.reaches == dict.fromkeys(large, Reach.MERGED)
    assert {len(world.readers.known[name].merged) for name in ("one", "two")} == {1}
    (merged,) = world.readers.known["one"].merged
    (pushed,) = set(large) - {merged}
    posts = {author: new_id() for author in large}
    world.put(edge("late", 1, merged), edge("late", 1, pushed))
    world.put(*(published(post, author) for author, post in posts.items()))
    world.drain()
    assert world.home("one") >= {posts[pushed]}
    assert posts[merged] not in world.home("one")
    for name in ("one", "two", "late"):
        shown = [one.post_id for one in world.page(name, None, 50).items]
        assert len(shown) == len(set(shown)) == 4
    world.put(edge("one", 2, pushed), deleted(posts[merged], merged), published(new_id(), pushed))
    world.drain()
    assert len(world.page("one", None, 50).items) == 1
    assert "one" not in world.readers.pushed[pushed]


def test_a_long_absent_reader_is_skipped_and_rebuilt_at_the_next_visit() -> None:
    world = World()
    for name in ("here", "gone"):
        world.put(*(edge(name, 1, author) for author in ("anna", "ben", "cleo")))
    world.drain()
    first = new_id()
    world.put(published(first))
    world.drain()
    world.readers.known["gone"] = replace(world.readers.known["gone"], seen_on=away(14))
    told = len(world.told)
    posts = [new_id() for _ in range(6)]
    world.put(*(published(post, author) for post, author in zip(posts, ["anna", "ben", "cleo"] * 2, strict=True)))
    world.put(deleted(posts[0]))
    world.drain()
    assert world.home("here") == {first, *posts[1:]}
    assert world.home("gone") == {first}
    assert not any("gone" in one.users for one in world.told[told:])
    world.send(Job(JobKind.VISIT, user_id="gone"))
    world.drain()
    assert world.home("gone") == world.home("here")
    assert world.readers.known["gone"] == ReaderState(today())


def test_a_visit_of_an_active_reader_only_records_the_day() -> None:
    world = World()
    world.readers.known["one"] = ReaderState(away(3))
    world.fan_out.handle(Job(JobKind.VISIT, user_id="one").to_json())
    assert world.readers.known["one"] == ReaderState(today())
    assert world.queue == []


def test_a_list_is_filled_like_a_home_timeline_and_sends_no_frame() -> None:
    world, reader = World(), list_reader("dora", "L")

    def on_list(version: int) -> DomainEvent:
        kind = ListMemberAdded if version % 2 else ListMemberRemoved
        return kind(
            cause=str(version), actor="dora", list_id="L", owner_id="dora", user_id="anna", edge_version=version
        )

    early, late = new_id(), new_id()
    world.put(published(early))
    world.drain()
    world.put(on_list(1), published(late))
    world.drain()
    assert world.home(reader) == {early, late}
    assert {user for one in world.told for user in one.users} == {"anna"}
    world.put(on_list(2))
    world.drain()
    assert world.home(reader) == set()


AUTHORS = ("small", "big", "mid")


class Walk:
    """A reader who pages in both directions while others write, with absences."""

    def __init__(self, seed: int, limit: int, most: int) -> None:
        self.world, self.limit = World(seed, merge_from=4, most=most), limit
        self.seen: list[str] = []
        self.live: set[str] = set()
        self.dead: set[str] = set()
        self.crowd = [f"c{number}" for number in range(4)]
        self.put(*(edge(name, 1, "big") for name in self.crowd), *(edge("reader", 1, one) for one in AUTHORS))
        self.put(*(edge(name, 1, "mid") for name in self.crowd[:2]))
        self.write("small")
        start = self.take(None)
        self.older, self.newer = start.older, start.newer

    def put(self, *events: DomainEvent) -> None:
        self.world.put(*events)
        self.world.drain()

    def take(self, cursor: str | None) -> Page[Entry]:
        if not self.world.readers.known["reader"].was_here_today:
            self.world.send(Job(JobKind.VISIT, user_id="reader"))
            self.world.drain()
        where: Cursor | None = decode(cursor, "home")
        page = self.world.page("reader", where, self.limit)
        self.seen.extend(one.post_id for one in page.items)
        return page

    def write(self, author: str) -> None:
        post = new_id()
        self.live.add(post)
        self.put(published(post, author))

    def delete(self) -> None:
        post = self.world.random.choice(sorted(self.live))
        self.live.discard(post)
        self.dead.add(post)
        self.put(deleted(post, next(one for one in AUTHORS if post in self.world.store.refs[one])))

    def catch_up(self) -> None:
        while True:
            page = self.take(self.newer)
            self.newer = page.newer or self.newer
            if not page.items:
                return

    def go_back(self) -> None:
        if self.older is not None:
            self.older = self.take(self.older).older

    def step(self, name: str) -> None:
        if name == "away":
            state = self.world.readers.known["reader"]
            self.world.readers.known["reader"] = replace(state, seen_on=away(20))
        elif name == "delete" and self.live:
            self.delete()
        elif name == "newer":
            self.catch_up()
        elif name == "older":
            self.go_back()
        elif name == "crowd":
            self.put(*(edge(one, 1, "mid") for one in self.crowd[2:]))
            self.write("mid")
        else:
            self.write(self.world.random.choice(AUTHORS))


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 1_000_000),
    limit=st.integers(1, 4),
    most=st.integers(0, 2),
    steps=st.lists(st.sampled_from(["post", "post", "crowd", "delete", "newer", "older", "away"]), max_size=40),
)
def test_paging_both_ways_while_others_write_misses_nothing_and_shows_nothing_twice(
    seed: int, limit: int, most: int, steps: list[str]
) -> None:
    walk = Walk(seed, limit, most)
    for one in steps:
        walk.step(one)
    walk.catch_up()
    while walk.older is not None:
        walk.go_back()
    assert len(walk.seen) == len(set(walk.seen)), "a post was shown twice"
    assert walk.live <= set(walk.seen), "a post was missed"
    assert set(walk.seen) <= walk.live | walk.dead
