"""From changes of the profiles table to counters and domain events."""

from __future__ import annotations

from services.common.counters import Delta
from services.common.dynamo import Item
from services.common.events import DomainEvent, event
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
    """What an edge's turn means: followed or unfollowed (``version`` orders the two), asked for, accepted; or that
    somebody is on a list, or no more; or that pictures of a profile changed; or that somebody blocks another person."""
    if change.kind == "block":
        return _blocked(change)
    if change.kind == "listMember":
        return _list_events(change)
    if change.kind == "profile":
        return _pictured(change)
    if change.kind != "follow":
        return []
    item, turn = change.item, change.turned("following", True)
    who = {"followerId": item["followerId"], "followeeId": item["followeeId"]}
    found: list[DomainEvent] = []

    def tell(kind: str, actor: str, data: dict[str, object]) -> None:
        found.append(event(kind, cause=change.event_id, actor=actor, data=data))

    if turn:
        versioned = {**who, "version": item["version"]}
        tell("user.followed" if turn > 0 else "user.unfollowed", who["followerId"], versioned)
    if turn > 0 and item.get("accepted"):
        tell("user.follow_accepted", who["followeeId"], who)
    if change.turned("requested", True) > 0:
        tell("user.follow_requested", who["followerId"], who)
    return found


def _list_events(change: Change) -> list[DomainEvent]:
    item, turn = change.item, change.turned("member", True)
    if not turn:
        return []
    kind = "list.member_added" if turn > 0 else "list.member_removed"
    data = {name: item[name] for name in ("listId", "ownerId", "userId", "version")}
    return [event(kind, cause=change.event_id, actor=item["ownerId"], data=data)]


def _blocked(change: Change) -> list[DomainEvent]:
    """Nobody hears of the end of a block."""
    if change.old is not None or change.new is None:
        return []
    data = {name: change.new[name] for name in ("blockerId", "blockedId")}
    return [event("user.blocked", cause=change.event_id, actor=data["blockerId"], data=data)]


def _pictured(change: Change) -> list[DomainEvent]:
    """When avatar or header changed: the media that are shown now or were before."""
    before, after = _pictures(change.old or {}), _pictures(change.new or {})
    if before == after:
        return []
    user_id = change.item["id"]
    data = {"userId": user_id, "mediaIds": sorted(before | after)}
    return [event("profile.pictured", cause=change.event_id, actor=user_id, data=data)]


def _pictures(item: Item) -> set[str]:
    return {item[name] for name in ("avatarMediaId", "headerMediaId") if item.get(name)}
