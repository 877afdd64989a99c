"""Domain events, the language that contexts speak with each other: past tense, versioned, in one registry.

They travel by SNS and SQS, so a consumer may see one twice and in any order; it recognises a repeat by ``id``.
A context publishes the events of the module of its own name; any context may consume them.
"""

from __future__ import annotations

from services.common.events.accounts import UserDeleted
from services.common.events.calls import CallMissed
from services.common.events.chat import (
    AboutMessage,
    ChatMediaChanged,
    ChatMembersAdded,
    ChatMessageSent,
    ChatMessageUnreceived,
)
from services.common.events.envelope import DomainEvent
from services.common.events.moderation import ModerationDecided
from services.common.events.notifications import NotificationTestRequested
from services.common.events.posts import (
    AboutPost,
    PollEnded,
    PostDeleted,
    PostEdited,
    PostItemKind,
    PostLiked,
    PostMediaChanged,
    PostPublished,
    PostReacted,
    PostReference,
    PostReposted,
    PostUnliked,
    PostUnreacted,
    PostUnreposted,
    ScheduledPostFailed,
    ScheduledPostPublished,
    Visibility,
)
from services.common.events.profiles import (
    FollowAccepted,
    FollowRequested,
    ListMemberAdded,
    ListMemberRemoved,
    ProfilePictured,
    UserBlocked,
    UserFollowed,
    UserUnfollowed,
)
from services.common.events.realtime import DeviceLeft
from services.common.events.registry import EVENTS, REGISTRY, from_document, parse
from services.common.events.topic import publish

__all__ = [
    "EVENTS",
    "REGISTRY",
    "AboutMessage",
    "AboutPost",
    "CallMissed",
    "ChatMediaChanged",
    "ChatMembersAdded",
    "ChatMessageSent",
    "ChatMessageUnreceived",
    "DeviceLeft",
    "DomainEvent",
    "FollowAccepted",
    "FollowRequested",
    "ListMemberAdded",
    "ListMemberRemoved",
    "ModerationDecided",
    "NotificationTestRequested",
    "PollEnded",
    "PostDeleted",
    "PostEdited",
    "PostItemKind",
    "PostLiked",
    "PostMediaChanged",
    "PostPublished",
    "PostReacted",
    "PostReference",
    "PostReposted",
    "PostUnliked",
    "PostUnreacted",
    "PostUnreposted",
    "ProfilePictured",
    "ScheduledPostFailed",
    "ScheduledPostPublished",
    "UserBlocked",
    "UserDeleted",
    "UserFollowed",
    "UserUnfollowed",
    "Visibility",
    "from_document",
    "parse",
    "publish",
]
