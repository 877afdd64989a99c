"""Timelines in a real DynamoDB API."""

from __future__ import annotations

import uuid
from datetime import timedelta

from services.common.clock import now
from services.common.cursors import decode
from services.common.ids import id_at, new_id
from services.timelines.model import HOME_CAP, Entry
from services.timelines.projection_repository import TimelineProjection
from tests.support.aws import Aws
from tests.support.lambdas import new_user


def test_public_pages_cross_hours_both_ways(fresh: Aws) -> None:
    store, author = TimelineProjection("timelines"), new_user()
    moments = [now() - timedelta(hours=hours, minutes=minutes) for hours in (0, 1, 5, 30) for minutes in (1, 2, 3)]
    posts = sorted((id_at(moment) for moment in moments), reverse=True)
    for post in posts:
        store.publish(Entry(post, author, "public"))
    seen: list[str] = []
    cursor = None
    while len(seen) < len(posts):
        page = store.public(decode(cursor, "public"), 5)
        seen += [entry.post_id for entry in page.items if entry.author_id == author]
        cursor = page.older
        if cursor is None:
            break
    assert seen == posts
    where = store.public(None, 50).newer
    late = new_id()
    store.publish(Entry(late, author, "public"))
    back = [entry.post_id for entry in store.public(decode(where, "public"), 5).items]
    assert back == [late]


def test_a_withdrawn_post_leaves_every_timeline(fresh: Aws) -> None:
    store, author, post = TimelineProjection("timelines"), new_user(), new_id()
    tag = f"t{uuid.uuid4().hex}"
    store.publish(Entry(post, author, "public", None, (tag,)))
    assert [one.post_id for one in store.recent_by(author)] == [post]
    for _ in range(2):
        store.unpublish(author, post)
    assert store.recent_by(author) == []
    assert store.tag(tag, None, 10).items == []
    assert store.home(author, None, 10)[0].items == []
    assert post not in [one.post_id for one in store.public(None, 50).items]
    assert store.tombstoned([post]) == set()
    store.add_tombstone(post)
    assert store.tombstoned([post, new_id()]) == {post}


def test_the_audience_keeps_the_greatest_version(fresh: Aws) -> None:
    store, author, people = TimelineProjection("timelines"), new_user(), sorted(new_user() for _ in range(5))
    assert store.set_audience(author, people[0], 2, active=False)
    assert not store.set_audience(author, people[0], 1, active=True)
    assert not store.follows(people[0], author)
    for one in people[1:]:
        assert store.set_audience(author, one, 1, active=True)
    found, after = store.audience_page(author, None, 3)
    assert (found, after) == (people[1:3], people[2])
    assert store.audience_page(author, after, 3) == (people[3:], None)
    assert store.followers_among(author, people) == set(people[1:])


def test_homes_are_swept_and_trimmed(fresh: Aws) -> None:
    store, user, one, other = TimelineProjection("timelines"), new_user(), new_user(), new_user()
    posts = [new_id() for _ in range(HOME_CAP + 10)]
    store.add_entries(user, [Entry(post, one if number % 2 else other, "public") for number, post in enumerate(posts)])
    store.trim(user)
    store.sweep(user, other)
    page, _ = store.home(user, None, 50)
    assert {entry.author_id for entry in page.items} == {one}
    seen = len(page.items)
    while page.older:
        page, _ = store.home(user, decode(page.older, "home"), 50)
        seen += len(page.items)
    assert seen == HOME_CAP // 2
