"""Publishes which media posts show: one event for every cause (publishing, editing, deleting, …)."""

from __future__ import annotations

import json

from services.common.dynamo import Item
from services.common.events import DomainEvent, PostItemKind, PostMediaChanged
from services.common.streams import Change
from services.posts.drafts import media_ids_in

#: type of an item → whose media it holds, as the event calls it: former versions belong to their post
_KINDS: dict[str, PostItemKind] = {"post": "post", "version": "post", "draft": "draft", "scheduled": "scheduled"}


def media_events_of(change: Change) -> list[DomainEvent]:
    """``post.media_changed`` with the media that a post, draft or scheduled post shows now or showed before."""
    kind = _KINDS.get(change.kind)
    before, after = _shown(change.old), _shown(change.new)
    if kind is None or before == after:
        return []
    item = change.item
    identity = item["pk"].removeprefix("POST#") if change.kind == "version" else item["id"]
    return [
        PostMediaChanged(
            cause=change.event_id,
            actor=item["authorId"],
            item_kind=kind,
            item_id=identity,
            author_id=item["authorId"],
            media_ids=tuple(sorted(before | after)),
        )
    ]


def _shown(item: Item | None) -> set[str]:
    if not item:
        return set()
    if "content" in item:
        return set(media_ids_in(json.loads(item["content"])))
    return {one["id"] for one in item.get("media") or ()}
