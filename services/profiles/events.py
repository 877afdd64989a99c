"""From changes of the profiles table to counters and domain events."""

from __future__ import annotations

from services.common.counters import Delta
from services.common.dynamo import Item
from services.common.events import (
    DomainEvent,
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
from services.common.streams import Change
from services.profiles.keys import counts_key


def deltas_of(change: Change) -> list[Delta]:
    """A follow edge counts once for each of the two."""
    if change.kind != "follow":
        return []
    amount = change.turned("following", True)
    follower, followee = change.item["followerId"], change.item["followeeId"]
    return [
        Delta(change.event_id, counts_key(follower), "following", amount),
        Delta(change.event_id, counts_key(followee), "followers", amount),
    ]


def events_of(change: Change) -> list[DomainEvent]:
    """The domain events of a change: followed or unfollowed (ordered by ``version``), requested, accepted; added to a
    list or removed; pictures of a profile changed; a person blocked."""
    if change.kind == "block":
        return _blocked(change)
    if change.kind == "listMember":
        return _list_events(change)
    if change.kind == "profile":
        return _pictured(change)
    if change.kind != "follow":
        return []
    return _follow_events(change)


def _follow_events(change: Change) -> list[DomainEvent]:
    item, turn = change.item, change.turned("following", True)
    follower, followee = item["followerId"], item["followeeId"]
    who = {"cause": change.event_id, "follower_id": follower, "followee_id": followee}
    found: list[DomainEvent] = []
    if turn > 0:
        found.append(UserFollowed(actor=follower, edge_version=item["version"], **who))
    if turn < 0:
        found.append(UserUnfollowed(actor=follower, edge_version=item["version"], **who))
    if turn > 0 and item.get("accepted"):
        found.append(FollowAccepted(actor=followee, **who))
    if change.turned("requested", True) > 0:
        found.append(FollowRequested(actor=follower, **who))
    if change.turned("requested", True) < 0:
        found.append(FollowRequestEnded(actor=follower, **who))
    return found


def _list_events(change: Change) -> list[DomainEvent]:
    item, turn = change.item, change.turned("member", True)
    if not turn:
        return []
    kind = ListMemberAdded if turn > 0 else ListMemberRemoved
    return [
        kind(
            cause=change.event_id,
            actor=item["ownerId"],
            list_id=item["listId"],
            owner_id=item["ownerId"],
            user_id=item["userId"],
            edge_version=item["version"],
        )
    ]


def _blocked(change: Change) -> list[DomainEvent]:
    """The end of a block has no event."""
    if change.old is not None or change.new is None:
        return []
    blocker, blocked = change.new["blockerId"], change.new["blockedId"]
    return [UserBlocked(cause=change.event_id, actor=blocker, blocker_id=blocker, blocked_id=blocked)]


def _pictured(change: Change) -> list[DomainEvent]:
    """When avatar or header changed: the media that are shown now or were shown before."""
    before, after = _pictures(change.old or {}), _pictures(change.new or {})
    if before == after:
        return []
    user_id, media_ids = change.item["id"], tuple(sorted(before | after))
    return [ProfilePictured(cause=change.event_id, actor=user_id, user_id=user_id, media_ids=media_ids)]


def _pictures(item: Item) -> set[str]:
    return {item[name] for name in ("avatarMediaId", "headerMediaId") if item.get(name)}
