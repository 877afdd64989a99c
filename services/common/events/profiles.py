"""Events of the profiles context: follows, lists, blocks and pictures."""

from __future__ import annotations

from services.common.events.envelope import DomainEvent, StateVersion
from services.common.lazy_dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class UserFollowed(DomainEvent):
    type = "user.followed"

    follower_id: str
    followee_id: str
    edge_version: StateVersion


@dataclass(frozen=True, kw_only=True)
class UserUnfollowed(DomainEvent):
    type = "user.unfollowed"

    follower_id: str
    followee_id: str
    edge_version: StateVersion


@dataclass(frozen=True, kw_only=True)
class FollowRequested(DomainEvent):
    type = "user.follow_requested"

    follower_id: str
    followee_id: str


@dataclass(frozen=True, kw_only=True)
class FollowRequestEnded(DomainEvent):
    """It was withdrawn, refused or accepted."""

    type = "user.follow_request_ended"

    follower_id: str
    followee_id: str


@dataclass(frozen=True, kw_only=True)
class FollowAccepted(DomainEvent):
    """The actor is the followee; a ``UserFollowed`` comes too."""

    type = "user.follow_accepted"

    follower_id: str
    followee_id: str


@dataclass(frozen=True, kw_only=True)
class ListMemberAdded(DomainEvent):
    type = "list.member_added"

    list_id: str
    owner_id: str
    user_id: str
    edge_version: StateVersion


@dataclass(frozen=True, kw_only=True)
class ListMemberRemoved(DomainEvent):
    """Also for each member of a list that is deleted."""

    type = "list.member_removed"

    list_id: str
    owner_id: str
    user_id: str
    edge_version: StateVersion


@dataclass(frozen=True, kw_only=True)
class UserBlocked(DomainEvent):
    """The end of a block has no event."""

    type = "user.blocked"

    blocker_id: str
    blocked_id: str


@dataclass(frozen=True, kw_only=True)
class ProfilePictured(DomainEvent):
    """``media_ids``: avatar and header, as they are or were before."""

    type = "profile.pictured"

    user_id: str
    media_ids: tuple[str, ...]
