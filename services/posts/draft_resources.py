"""Drafts and scheduled posts as their author sees them."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from services.posts.drafts import Draft, ScheduledPost


class DraftResource(TypedDict):
    """``content`` is as the composer saved it: any fields of a post."""

    id: str
    content: dict[str, Any]
    updatedAt: str
    version: int


class Drafts(TypedDict):
    items: list[DraftResource]


class ScheduledPostResource(TypedDict):
    """``post`` is the content as it was sent; ``reason`` says why it could not be published."""

    id: str
    post: dict[str, Any]
    publishAt: str
    state: Literal["scheduled", "failed"]
    reason: str | None
    version: int


class ScheduledPosts(TypedDict):
    items: list[ScheduledPostResource]


def draft_resource(draft: Draft) -> DraftResource:
    return {
        "id": draft.id,
        "content": dict(draft.content),
        "updatedAt": draft.updated_at,
        "version": draft.version,
    }


def scheduled_resource(scheduled: ScheduledPost) -> ScheduledPostResource:
    return {
        "id": scheduled.id,
        "post": dict(scheduled.content),
        "publishAt": scheduled.publish_at,
        "state": scheduled.state.value,
        "reason": scheduled.reason,
        "version": scheduled.version,
    }
