"""From changes of the profiles table to counters and domain events."""

from __future__ import annotations

from services.common.counters import Delta
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
    """``user.followed`` or ``user.unfollowed`` when the edge turned; ``version`` orders them."""
    turn = change.turned("following", True) if change.kind == "follow" else 0
    if turn == 0:
        return []
    item = change.item
    kind = "user.followed" if turn > 0 else "user.unfollowed"
    data = {"followerId": item["followerId"], "followeeId": item["followeeId"], "version": item["version"]}
    return [event(kind, cause=change.event_id, actor=item["followerId"], data=data)]
