"""Notifications against a real DynamoDB API: exact under double delivery, concurrency and reading at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.common.clock import now_text
from services.common.ids import new_id
from services.notifications.model import Notice, Subject, Type
from services.notifications.repository import NotificationRepository, PushRepository
from services.notifications.subscriptions import Subscription
from tests.support.lambdas import new_user

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def kept() -> NotificationRepository:
    return NotificationRepository()


def follow(recipient: str, actor: str) -> Notice:
    return Notice(recipient, Type.FOLLOW, actor, now_text(), f"follow#{actor}")


def like(recipient: str, actor: str, post: str = "p") -> Notice:
    return Notice(recipient, Type.LIKE, actor, now_text(), f"like#{post}#{actor}", f"like#{post}", Subject(post))


def test_delivered_twice_counts_once(kept: NotificationRepository) -> None:
    bob = new_user()
    notice = follow(bob, "ann")
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(kept.add, [notice] * 6))
    assert [new for _, _, new in results].count(True) == 1
    assert len({found.id for found, _, _ in results if found}) == 1
    assert kept.marks(bob).unread == 1
    assert len(kept.page(bob, None, 10)) == 1


def test_many_at_once_are_all_counted(kept: NotificationRepository) -> None:
    bob = new_user()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(kept.add, [follow(bob, str(number)) for number in range(12)]))
    assert kept.marks(bob).unread == 12
    assert len(kept.page(bob, None, 20)) == 12


def test_unread_ones_of_a_group_are_one_notification(kept: NotificationRepository) -> None:
    bob = new_user()
    for actor in ("ann", "cid", "dan", "eve"):
        kept.add(like(bob, actor))
    kept.add(like(bob, "ann", "another"))
    other, grouped = kept.page(bob, None, 10)
    assert (grouped.actors, grouped.count, other.count) == (("eve", "dan", "cid"), 4, 1)
    assert kept.marks(bob).unread == 2
    assert kept.add(like(bob, "ann"))[0] is None
    kept.mark_read(bob, other.id)
    kept.add(like(bob, "fay"))
    newest = kept.page(bob, None, 10)[0]
    assert (newest.actors, newest.count) == (("fay",), 1)
    assert kept.marks(bob).unread == 1


def test_the_read_mark_only_grows_and_what_is_beyond_stays_unread(kept: NotificationRepository) -> None:
    bob = new_user()
    ids = [found.id for found, _, _ in (kept.add(follow(bob, str(number))) for number in range(5)) if found]
    assert kept.mark_read(bob, ids[2])[0].unread == 2
    for old in (ids[0], ids[2], "00000000000000000000000000"):
        assert not kept.mark_read(bob, old)[1]
    assert kept.mark_read(bob, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")[0].unread == 0
    assert kept.marks(bob).read_up_to == ids[4]
    _, marks, _ = kept.add(follow(bob, "late"))
    assert marks.unread == 1
    assert not kept.mark_read(new_user(), new_id())[1]


def test_reading_while_more_arrive_never_miscounts(kept: NotificationRepository) -> None:
    bob = new_user()
    with ThreadPoolExecutor(3) as pool:
        adding = [pool.submit(kept.add, follow(bob, str(number))) for number in range(10)]
        reading = [pool.submit(kept.mark_read, bob, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ") for _ in range(4)]
        for future in [*adding, *reading]:
            future.result()
    marks = kept.marks(bob)
    assert marks.unread == sum(1 for one in kept.page(bob, None, 20) if not marks.has_read(one.id))


def test_a_browser_belongs_to_whoever_subscribed_last() -> None:
    pushes, ann, bob = PushRepository(), new_user(), new_user()
    shared = Subscription(ann, f"https://push/{new_id()}", "p", "a")
    pushes.save(shared)
    pushes.save(shared)
    assert pushes.of_user(ann) == [shared]
    pushes.save(replace(shared, user_id=bob))
    assert (pushes.of_user(ann), len(pushes.of_user(bob))) == ([], 1)
    for _ in range(12):
        pushes.save(Subscription(bob, f"https://push/{new_id()}", "p", "a"))
    assert len(pushes.of_user(bob)) == 10
    pushes.remove(bob, "https://push/unknown")
