"""Notifications against a real DynamoDB API: exact under double delivery, concurrency and simultaneous reads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from services.common.clock import now_text
from services.common.cursors import Cursor, decode, page_of
from services.common.ids import new_id
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import Device
from services.notifications.model import Notice, NotificationSubject, NotificationType
from services.notifications.preferences import Channel
from services.notifications.repository import NotificationRepository
from tests.support.lambdas import new_user

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def kept() -> NotificationRepository:
    return NotificationRepository("notifications")


def follow(recipient: str, actor: str) -> Notice:
    return Notice(recipient, NotificationType.FOLLOW, actor, now_text(), f"follow#{actor}")


def like(recipient: str, actor: str, post: str = "p") -> Notice:
    return Notice(
        recipient,
        NotificationType.LIKE,
        actor,
        now_text(),
        f"like#{post}#{actor}",
        f"like#{post}",
        NotificationSubject(post),
    )


def test_a_notice_delivered_twice_counts_once(kept: NotificationRepository) -> None:
    bob = new_user()
    notice = follow(bob, "ann")
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(kept.add, [notice] * 6))
    assert [new for _, _, new in results].count(True) == 1
    assert len({found.id for found, _, _ in results if found}) == 1
    assert kept.marks(bob).unread == 1
    assert len(kept.page(bob, None, 10)) == 1


def test_concurrent_notices_are_all_counted(kept: NotificationRepository) -> None:
    bob = new_user()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(kept.add, [follow(bob, str(number)) for number in range(12)]))
    assert kept.marks(bob).unread == 12
    assert len(kept.page(bob, None, 20)) == 12


def test_unread_messages_of_a_group_are_one_notification(kept: NotificationRepository) -> None:
    bob = new_user()
    for actor in ("ann", "cid", "dan", "eve"):
        kept.add(like(bob, actor))
    kept.add(like(bob, "ann", "another"))
    other, grouped = kept.page(bob, None, 10)
    assert (grouped.actors, grouped.count, other.count) == (("eve", "dan", "cid"), 4, 1)
    assert kept.marks(bob).unread == 2
    assert kept.add(like(bob, "ann")) == (grouped, kept.marks(bob), False)
    kept.mark_read(bob, other.id)
    kept.add(like(bob, "fay"))
    newest = kept.page(bob, None, 10)[0]
    assert (newest.actors, newest.count) == (("fay",), 1)
    assert kept.marks(bob).unread == 1


def test_the_read_mark_only_grows_and_newer_notifications_stay_unread(kept: NotificationRepository) -> None:
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
    assert marks.unread == sum(1 for one in kept.page(bob, None, 20) if not marks.has_read(one))


def test_marking_one_notification_leaves_the_others_unread(kept: NotificationRepository) -> None:
    bob = new_user()
    first, second, third = [found for found, _, _ in (kept.add(follow(bob, one)) for one in "abc") if found]
    done = kept.mark_one(bob, second.id)
    assert done and done.marks.unread == 2
    assert not kept.mark_one(bob, second.id)
    assert not kept.mark_one(bob, new_id())
    assert not kept.mark_one(new_user(), first.id)
    marks = kept.marks(bob)
    assert [marks.has_read(one) for one in kept.page(bob, None, 9)] == [False, True, False]
    # Notifications after the mark count, except those that were read one by one.
    kept.mark_one(bob, third.id)
    assert kept.mark_read(bob, first.id)[0].unread == 0


def test_a_read_notification_is_not_extended(kept: NotificationRepository) -> None:
    bob = new_user()
    read, _, _ = kept.add(like(bob, "ann"))
    assert read
    kept.mark_one(bob, read.id)
    _, marks, _ = kept.add(like(bob, "cid"))
    newest, older = kept.page(bob, None, 9)
    assert (marks.unread, newest.actors, older.actors) == (1, ("cid",), ("ann",))


def test_reading_one_twice_at_once_counts_once(kept: NotificationRepository) -> None:
    bob = new_user()
    ids = [found.id for found, _, _ in (kept.add(follow(bob, one)) for one in "ab") if found]
    with ThreadPoolExecutor(4) as pool:
        changed = [done is not None for done in pool.map(lambda _: kept.mark_one(bob, ids[0]), range(4))]
    assert (changed.count(True), kept.marks(bob).unread) == (1, 1)


def test_some_types_page_both_ways(kept: NotificationRepository) -> None:
    bob = new_user()
    made = []
    for number in range(8):
        notice = follow(bob, str(number)) if number % 2 else like(bob, "x", str(number))
        found, _, _ = kept.add(notice if number != 5 else replace(notice, type=NotificationType.MENTION))
        assert found
        made.append(found)
    kinds = (NotificationType.FOLLOW, NotificationType.MENTION)
    wanted = [one.id for one in reversed(made) if one.type in kinds]
    seen: list[str] = []
    cursor = None
    while True:
        page = page_of(
            kept.page(bob, cursor, 3, kinds), scope="n", cursor=cursor, limit=3, key=lambda row: f"N#{row.id}"
        )
        seen += [one.id for one in page.items]
        if page.older is None:
            break
        cursor = decode(page.older, "n")
    assert seen == wanted
    back = kept.page(bob, Cursor("n", "newer", f"N#{wanted[-1]}"), 2, kinds)
    assert [one.id for one in back] == list(reversed(wanted))[1:4]


def browser(user: str, name: str = "") -> Device:
    return Device(user, Channel.WEB_PUSH, f"https://push/{new_id()}", name, "p", "a")


def test_a_browser_belongs_to_the_last_subscriber() -> None:
    devices, ann, bob = DeviceRepository("notifications"), new_user(), new_user()
    shared = browser(ann, "Desk")
    devices.save(shared)
    devices.save(replace(shared, name=""))
    (kept,) = devices.of_user(ann)
    assert (kept.address, kept.name) == (shared.address, "Desk")
    devices.save(replace(shared, user_id=bob))
    assert (devices.of_user(ann), len(devices.of_user(bob))) == ([], 1)
    gone = [old for _ in range(12) for old in devices.save(browser(bob))]
    assert (len(devices.of_user(bob, Channel.WEB_PUSH)), len(gone)) == (10, 3)
    assert devices.remove_address(bob, "https://push/unknown") is None
    assert devices.of_user(bob, Channel.MOBILE) == []


def test_notes_about_a_removed_device_do_not_restore_it() -> None:
    devices, ann = DeviceRepository("notifications"), new_user()
    device = browser(ann)
    devices.save(device)
    devices.note_failure(device, "503")
    assert devices.of_user(ann)[0].failure == "503"
    devices.note_use(devices.of_user(ann)[0])
    assert (devices.of_user(ann)[0].failure, bool(devices.of_user(ann)[0].last_used_at)) == (None, True)
    devices.remove(ann, device.id)
    devices.note_failure(device, "503")
    devices.note_use(device)
    assert devices.of_user(ann) == []
