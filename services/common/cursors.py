"""Opaque page cursors: base64url JSON of a scope, a direction and the sort key where the page begins.

The partition is not in it: the caller derives it from the signed-in person, so a forged cursor reads nothing else.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Generic, Literal, TypeVar

from services.common.errors import FieldError, InvalidCursor
from services.common.lazy_dataclasses import dataclass

Direction = Literal["older", "newer"]
T = TypeVar("T")
_MAX_LENGTH = 512


@dataclass(frozen=True)
class Cursor:
    """``scope`` names the list (``home``, ``posts``); ``key`` is the sort key just outside the page."""

    scope: str
    direction: Direction
    key: str

    def encode(self) -> str:
        """URL-safe text without padding."""
        body = json.dumps([self.scope, self.direction, self.key], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def decode(text: str | None, scope: str, valid: Callable[[str], bool] | None = None) -> Cursor | None:
    """Parse what ``Cursor.encode`` wrote for the same scope; ``None`` stays ``None`` (the newest page).

    Args:
        valid: whether a sort key has the form that this list's keys have; any will do without it.

    Raises:
        InvalidCursor: not a cursor of this list.
    """
    if text is None or text == "":
        return None
    try:
        if len(text) > _MAX_LENGTH:
            raise ValueError("too long")
        parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        found, direction, key = parts
        if found != scope or direction not in ("older", "newer") or not isinstance(key, str) or not key:
            raise ValueError("wrong list")
        if valid is not None and not valid(key):
            raise ValueError("not a key of this list")
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError, RecursionError) as error:
        expected = "a value that a previous page of this list gave as 'older' or 'newer'"
        raise InvalidCursor(
            "The cursor does not belong to this list.", FieldError("cursor", expected, text[:64])
        ) from error
    return Cursor(scope, direction, key)


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page, newest first. ``older``/``newer`` are cursors, or ``None`` without items in that direction."""

    items: Sequence[T]
    older: str | None
    newer: str | None


def page_of(rows: Sequence[T], *, scope: str, cursor: Cursor | None, limit: int, key: Callable[[T], str]) -> Page[T]:
    """Build a page from up to ``limit + 1`` rows.

    Args:
        rows: as the query gave them: newest first when paging ``older`` (or without a cursor), oldest first when
            paging ``newer``; one more than ``limit`` says that there is more that way.
        key: the sort key of a row.
    """
    newer_page = cursor is not None and cursor.direction == "newer"
    more = len(rows) > limit
    shown = list(rows[:limit])
    if newer_page:
        shown.reverse()
    if not shown:
        here = cursor.key if cursor else None
        return Page(
            [],
            older=Cursor(scope, "older", here).encode() if newer_page and here else None,
            newer=Cursor(scope, "newer", here).encode() if here else None,
        )
    older = Cursor(scope, "older", key(shown[-1])).encode() if newer_page or more else None
    return Page(shown, older=older, newer=Cursor(scope, "newer", key(shown[0])).encode())
