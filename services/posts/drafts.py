"""Drafts, and posts that wait for the time at which they are published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from services.common.lazy_dataclasses import dataclass

DRAFTS_MOST = 100
SCHEDULED_MOST = 100
#: Bytes of JSON.
CONTENT_LIMIT = 16 * 1024
AHEAD_LEAST, AHEAD_MOST = timedelta(minutes=1), timedelta(days=180)


class ScheduleState(StrEnum):
    """scheduled (waits) → published (is a post then, and no entry any more) | failed (has a reason, may be changed)."""

    SCHEDULED = "scheduled"
    FAILED = "failed"


@dataclass(frozen=True)
class Draft:
    """``content`` is the composer's content: it is checked when it becomes a post."""

    id: str
    author_id: str
    content: Mapping[str, Any]
    updated_at: str
    version: int = 1


@dataclass(frozen=True)
class ScheduledPost:
    """``content`` is a valid body of a publication without its ``clientPostId``; ``publish_at`` is RFC 3339.

    ``mentions``: handle → user id, resolved when the text was written. ``None``: an older version scheduled it without
    them."""

    id: str
    author_id: str
    content: Mapping[str, Any]
    publish_at: str
    state: ScheduleState = ScheduleState.SCHEDULED
    reason: str | None = None
    version: int = 1
    mentions: Mapping[str, str] | None = None

    @property
    def client_post_id(self) -> str:
        """The client id of the publication, so that it happens once: an author's client ids are unique."""
        return f"scheduled:{self.id}"


def media_ids_in(content: Mapping[str, Any]) -> list[str]:
    """Ids of the media in a stored content, each once. Drafts have no schema: every text below a ``mediaIds`` counts,
    at any depth."""
    found: dict[str, None] = {}
    left: list[tuple[Any, bool]] = [(content, False)]
    while left:
        value, names_media = left.pop()
        if isinstance(value, Mapping):
            left += [(one, names_media or key == "mediaIds") for key, one in list(value.items())[::-1]]
        elif isinstance(value, list):
            left += [(one, names_media) for one in reversed(value)]
        elif names_media and isinstance(value, str):
            found[value] = None
    return list(found)
