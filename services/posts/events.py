"""From changes of the posts table to counters and domain events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.counters import Delta
from services.common.events import DomainEvent, event
from services.common.streams import Change
from services.posts.keys import author_counts_key, counts_key
from services.posts.life_events import edited, scheduled_failed, scheduled_published, vote_deltas
from services.posts.reactions import counter_of

#: type of an edge → the counter of its post
_COUNTED = {"like": "likes", "repost": "reposts"}
_OPEN = frozenset({"public", "unlisted"})


def deltas_of(change: Change) -> list[Delta]:
    """A live post counts for its author, its parent and what it quotes; an edge for its post."""
    item = change.item
    if change.kind in _COUNTED:
        amount = (change.new is not None) - (change.old is not None)
        return [Delta(change.event_id, counts_key(item["postId"]), _COUNTED[change.kind], amount)]
    if change.kind == "reaction":
        key = counts_key(item["postId"])
        gone = [Delta(change.event_id, key, counter_of(change.old["emoji"]), -1)] if change.old else []
        made = [Delta(change.event_id, key, counter_of(change.new["emoji"]), 1)] if change.new else []
        return [*gone, *made]
    if change.kind == "vote":
        return vote_deltas(change)
    if change.kind != "post":
        return []
    amount = change.turned("state", "live")
    if amount < 0 and change.old:
        # A tombstone tells nothing of what the post was about.
        item = change.old
    deltas = [Delta(change.event_id, author_counts_key(item["authorId"]), "posts", amount)]
    if item["visibility"] not in _OPEN:
        # A number must not tell of posts that its reader may not know of.
        return deltas
    for name, counter in (("replyTo", "replies"), ("quoteOf", "quotes")):
        other = item.get(name) or (change.old or {}).get(name)
        if other:
            deltas.append(Delta(change.event_id, counts_key(other["postId"]), counter, amount))
    return deltas


def events_of(change: Change) -> list[DomainEvent]:
    """The domain events that this change is."""
    if change.kind == "post":
        return _post_events(change)
    if change.kind == "reaction":
        return _reaction_events(change)
    if change.kind == "scheduled":
        return scheduled_failed(change)
    if change.kind not in _COUNTED or (change.old is None) == (change.new is None):
        return []
    item = change.item
    if change.kind == "like":
        return [_about(change, "post.liked" if change.new else "post.unliked", item)]
    more = {"repostId": item["repostId"]}
    if change.new:
        return [_about(change, "post.reposted", item, {**more, "visibility": item["visibility"]})]
    return [_about(change, "post.unreposted", item, more)]


def _about(change: Change, kind: str, edge: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> DomainEvent:
    data = {"postId": edge["postId"], "authorId": edge["authorId"], "userId": edge["userId"], **(more or {})}
    return event(kind, cause=change.event_id, actor=edge["userId"], data=data)


def _reaction_events(change: Change) -> list[DomainEvent]:
    """Another emoji in place of the first is both: the first taken back, the new one given."""
    old, new = change.old, change.new
    if old and new and old["emoji"] == new["emoji"]:
        return []
    found = []
    if old:
        found.append(_about(change, "post.unreacted", old, {"emoji": old["emoji"]}))
    if new:
        found.append(_about(change, "post.reacted", new, {"emoji": new["emoji"]}))
    return found


def _post_events(change: Change) -> list[DomainEvent]:
    item, turn = change.item, change.turned("state", "live")
    author = item["authorId"]
    if turn < 0:
        data = {"postId": item["id"], "authorId": author}
        return [event("post.deleted", cause=change.event_id, actor=author, data=data)]
    if turn > 0:
        data = {
            "postId": item["id"],
            "authorId": author,
            "visibility": item["visibility"],
            "replyTo": item.get("replyTo"),
            "quoteOf": item.get("quoteOf"),
            "mentions": [one["userId"] for one in item["entities"]["mentions"]],
            "tags": item["entities"]["tags"],
            "createdAt": item["createdAt"],
        }
        published = event("post.published", cause=change.event_id, actor=author, data=data, at=item["createdAt"])
        return [published, *scheduled_published(change)]
    return edited(change)
