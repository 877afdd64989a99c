"""What the Query function reads of notifications: always the reader's own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.common.cursors import Page, decode, page_of
from services.common.people import People, author_of
from services.notifications.device_repository import DeviceRepository
from services.notifications.model import Marks, Type
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.repository import PREFIX, NotificationRepository
from services.notifications.screen import Posts

_repository = NotificationRepository()
_devices, _preferences = DeviceRepository(), PreferenceRepository()


def list_notifications(
    user_id: str, cursor: str | None, limit: int, people: People, posts: Posts, kinds: Collection[Type] = ()
) -> Page[dict[str, Any]]:
    """The API's ``Notification`` resources, newest first; of ``kinds`` only, where some are given.

    Raises:
        InvalidCursor: not a cursor of this list.
    """
    at = decode(cursor, "notifications")
    rows = _repository.page(user_id, at, limit, kinds)
    page = page_of(rows, scope="notifications", cursor=at, limit=limit, key=lambda row: f"{PREFIX}{row.id}")
    marks = _repository.marks(user_id)
    found = people.find({actor for one in page.items for actor in one.actors})
    found_posts = posts({one.subject.post_id for one in page.items if one.subject.post_id})
    items = [
        one.to_wire(
            [author_of(found, actor) for actor in one.actors],
            read=marks.has_read(one),
            excerpt=post.line if (post := found_posts.get(one.subject.post_id or "")) else None,
        )
        for one in page.items
    ]
    return Page(items, page.older, page.newer)


def unread(user_id: str) -> Marks:
    """How many notifications are unread, and the revision of that number."""
    return _repository.marks(user_id)


def settings_of(user_id: str) -> dict[str, Any]:
    """The API's ``NotificationSettings``."""
    return _preferences.one(user_id).to_wire()


def devices_of(user_id: str) -> list[dict[str, Any]]:
    """The API's ``PushDevice`` resources, the newest first."""
    return [device.to_wire() for device in _devices.of_user(user_id)]
