"""Every type of event, and how a message becomes one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.common.events import accounts, calls, chat, live, moderation, notifications, posts, profiles, realtime
from services.common.events.envelope import DomainEvent, fields_from_wire

EVENTS: tuple[type[DomainEvent], ...] = (
    posts.PostPublished,
    posts.PostEdited,
    posts.PostDeleted,
    posts.ScheduledPostPublished,
    posts.ScheduledPostFailed,
    posts.PollEnded,
    posts.PostLiked,
    posts.PostUnliked,
    posts.PostReposted,
    posts.PostUnreposted,
    posts.PostReacted,
    posts.PostUnreacted,
    posts.PostMediaChanged,
    profiles.UserFollowed,
    profiles.UserUnfollowed,
    profiles.FollowRequested,
    profiles.FollowRequestEnded,
    profiles.FollowAccepted,
    profiles.ListMemberAdded,
    profiles.ListMemberRemoved,
    profiles.UserBlocked,
    profiles.ProfilePictured,
    chat.ChatMessageSent,
    chat.ChatMessageUnreceived,
    chat.ChatMessageEdited,
    chat.ChatMessageDeleted,
    chat.ConversationRead,
    chat.ChatMemberLeft,
    chat.ChatMembersAdded,
    chat.ChatMediaChanged,
    calls.CallRinging,
    calls.CallRingingEnded,
    calls.RoomRinging,
    calls.RoomRingingEnded,
    calls.CallMissed,
    live.LiveStarted,
    live.LiveEnded,
    moderation.ModerationDecided,
    notifications.NotificationTestRequested,
    notifications.NotificationCorrected,
    realtime.DeviceLeft,
    accounts.UserDeleted,
)
#: ``type`` on the wire → the class
REGISTRY: dict[str, type[DomainEvent]] = {one.type: one for one in EVENTS}
_REQUIRED = {"id", "type", "actor", "data"}
_ENVELOPE = _REQUIRED | {"at", "version", "sequence"}


def parse(body: str) -> DomainEvent:
    """An event from an SNS message: raw delivery, or wrapped in the SNS envelope inside an SQS body.

    Raises:
        ValueError: it is neither; the consumer lets the record fail, so that it ends in the DLQ.
    """
    document = json.loads(body)
    if isinstance(document, dict) and document.get("Type") == "Notification":
        document = json.loads(document["Message"])
    return from_document(document)


def from_document(document: Any) -> DomainEvent:
    """An event from what ``DomainEvent.to_document`` gives; ``at``, ``version`` and ``sequence`` may be
    missing.

    Raises:
        ValueError: no envelope, an unknown type or version, or other fields than that version has.
    """
    if not isinstance(document, Mapping) or not _REQUIRED <= set(document) <= _ENVELOPE:
        raise ValueError(f"expected a domain event with {sorted(_ENVELOPE)}, got {str(document)[:200]}")
    kind = REGISTRY.get(document["type"])
    if kind is None:
        raise ValueError(f"got the event type {document['type']!r}, expected one of {sorted(REGISTRY)}")
    envelope = {name: str(document[name]) for name in ("id", "actor", "at", "sequence") if name in document}
    return kind(**envelope, **fields_from_wire(kind, int(document.get("version", 1)), document["data"]))
