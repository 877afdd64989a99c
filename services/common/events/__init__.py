"""Domain events, the language that contexts speak with each other: past tense, versioned, in one registry.

They travel by SNS and SQS, so a consumer may see one twice and in any order; it recognises a repeat by ``id``.
A context publishes the events of the module of its own name; any context may consume them.
"""

from __future__ import annotations

from services.common.events.accounts import UserDeleted
from services.common.events.calls import CallMissed, CallRinging, CallRingingEnded, RoomRinging, RoomRingingEnded
from services.common.events.chat import (
    AboutMessage,
    ChatMediaChanged,
    ChatMemberLeft,
    ChatMembersAdded,
    ChatMessageDeleted,
    ChatMessageEdited,
    ChatMessageSent,
    ChatMessageUnreceived,
    ConversationRead,
)
from services.common.events.envelope import DomainEvent, Moment, place_of
from services.common.events.live import LiveEnded, LiveStarted
from services.common.events.moderation import ModerationDecided
from services.common.events.notifications import NotificationCorrected, NotificationTestRequested
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
    FollowRequestEnded,
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
    "CallRinging",
    "CallRingingEnded",
    "ChatMediaChanged",
    "ChatMemberLeft",
    "ChatMembersAdded",
    "ChatMessageDeleted",
    "ChatMessageEdited",
    "ChatMessageSent",
    "ChatMessageUnreceived",
    "ConversationRead",
    "DeviceLeft",
    "DomainEvent",
    "FollowAccepted",
    "FollowRequestEnded",
    "FollowRequested",
    "ListMemberAdded",
    "ListMemberRemoved",
    "LiveEnded",
    "LiveStarted",
    "ModerationDecided",
    "Moment",
    "NotificationCorrected",
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
    "RoomRinging",
    "RoomRingingEnded",
    "ScheduledPostFailed",
    "ScheduledPostPublished",
    "UserBlocked",
    "UserDeleted",
    "UserFollowed",
    "UserUnfollowed",
    "Visibility",
    "from_document",
    "parse",
    "place_of",
    "publish",
]
