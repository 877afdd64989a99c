"""Publishes which media chat shows, in messages and as pictures of groups: one event for every cause (sending, deleting
for all, another picture)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.events import ChatMediaChanged, DomainEvent
from services.common.streams import Change


def media_events_of(change: Change) -> list[DomainEvent]:
    """``chat.media_changed`` with the media that a message or a group shows now or showed before."""
    place = str(change.item["sk"]).partition("#")[0]
    if place == "MSG":
        before, after = _attached(change.old), _attached(change.new)
        seq = int(change.item["seq"])
    elif place == "HEAD":
        before, after = _pictured(change.old), _pictured(change.new)
        seq = 0
    else:
        return []
    if before == after:
        return []
    conversation_id = str(change.item["pk"]).removeprefix("CONV#")
    owners = before | after
    return [
        ChatMediaChanged(
            cause=change.event_id,
            actor=conversation_id,
            conversation_id=conversation_id,
            seq=seq,
            media_ids=tuple(sorted(owners)),
            owners=owners,
        )
    ]


def _attached(item: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Media id → its sender."""
    return {one["id"]: item["senderId"] for one in item.get("media") or ()} if item else {}


def _pictured(item: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Media id → the person who chose it, if stored."""
    found = (item or {}).get("avatarMediaId")
    return {found: (item or {}).get("avatarOwnerId")} if found else {}
