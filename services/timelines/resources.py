"""Frames of the fan-out to devices."""

from __future__ import annotations

from typing_extensions import TypedDict


class TimelinePostedEvent(TypedDict):
    """Somebody whom the person follows has published a post."""

    postId: str
    authorId: str
