"""What the Query function reads of notifications: always the reader's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from services.common.cursors import Page, decode, page_of
from services.common.people import People, author_of
from services.notifications.device_repository import DeviceRepository
from services.notifications.model import Marks, Notification, Type
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.repository import PREFIX, NotificationRepository
from services.notifications.screen import Post, Posts

#: Unread ones that are looked through for those that are hidden by now.
UNREAD_LOOKED_AT = 100
#: reader, notifications, the posts they are about → ids of those that the reader does not want to see any more
Hidden = Callable[[str, Sequence[Notification], Mapping[str, Post]], set[str]]

_repository = NotificationRepository()
_devices, _preferences = DeviceRepository(), PreferenceRepository()


def list_notifications(
    user_id: str,
    cursor: str | None,
    limit: int,
    people: People,
    posts: Posts,
    hidden: Hidden,
    kinds: Collection[Type] = (),
) -> Page[dict[str, Any]]:
    """The API's ``Notification`` resources, newest first; of ``kinds`` only, where some are given. A page may
    hold fewer than ``limit`` though ``older`` leads on.

    Raises:
        InvalidCursor: not a cursor of this list.
    """
    at = decode(cursor, "notifications")
    rows = _repository.page(user_id, at, limit, kinds)
    page = page_of(rows, scope="notifications", cursor=at, limit=limit, key=lambda row: f"{PREFIX}{row.id}")
    marks = _repository.marks(user_id)
    found_posts = _posts_of(page.items, posts)
    gone = hidden(user_id, page.items, found_posts)
    shown = [one for one in page.items if one.id not in gone]
    found = people.find({actor for one in shown for actor in one.actors})
    items = [
        one.to_wire(
            [author_of(found, actor) for actor in one.actors],
            read=marks.has_read(one),
            excerpt=post.line if (post := found_posts.get(one.subject.post_id or "")) else None,
        )
        for one in shown
    ]
    return Page(items, page.older, page.newer)


def unread(user_id: str, posts: Posts, hidden: Hidden) -> tuple[Marks, int]:
    """How many notifications are unread, with the revision of that number; and how many of them are hidden: told
    before the reader blocked or muted. Looked through are the newest ``UNREAD_LOOKED_AT``."""
    marks = _repository.marks(user_id)
    if marks.unread == 0:
        return marks, 0
    rows = [one for one in _repository.page(user_id, None, UNREAD_LOOKED_AT - 1) if not marks.has_read(one)]
    return marks, min(marks.unread, len(hidden(user_id, rows, _posts_of(rows, posts))))


def _posts_of(found: Sequence[Notification], posts: Posts) -> Mapping[str, Post]:
    return posts({one.subject.post_id for one in found if one.subject.post_id})


def settings_of(user_id: str) -> dict[str, Any]:
    """The API's ``NotificationSettings``."""
    return _preferences.one(user_id).to_wire()


def devices_of(user_id: str) -> list[dict[str, Any]]:
    """The API's ``PushDevice`` resources, the newest first."""
    return [device.to_wire() for device in _devices.of_user(user_id)]
