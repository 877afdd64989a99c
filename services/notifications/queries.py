"""What the Query function reads of notifications: always the reader's own."""

from __future__ import annotations

from typing import Any

from services.common.cursors import Page, decode, page_of
from services.common.people import People, author_of
from services.notifications.repository import PREFIX, NotificationRepository

_repository = NotificationRepository()


def list_notifications(user_id: str, cursor: str | None, limit: int, people: People) -> Page[dict[str, Any]]:
    """The API's ``Notification`` resources, newest first.

    Raises:
        InvalidCursor: not a cursor of this list.
    """
    at = decode(cursor, "notifications")
    rows = _repository.page(user_id, at, limit)
    page = page_of(rows, scope="notifications", cursor=at, limit=limit, key=lambda row: f"{PREFIX}{row.id}")
    marks = _repository.marks(user_id)
    found = people.find({one.actors[0] for one in page.items})
    items = [one.to_wire(author_of(found, one.actors[0]), read=marks.has_read(one.id)) for one in page.items]
    return Page(items, page.older, page.newer)


def unread(user_id: str) -> int:
    """How many notifications are beyond the read mark."""
    return _repository.marks(user_id).unread
