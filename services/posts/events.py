"""From changes of the posts table to counters and domain events."""

from __future__ import annotations

from services.common.counters import Delta
from services.common.events import DomainEvent, event
from services.common.streams import Change
from services.posts.keys import author_counts_key, counts_key


def deltas_of(change: Change) -> list[Delta]:
    """A live post counts for its author and its parent; a like for its post."""
    item = change.item
    if change.kind == "like":
        amount = (change.new is not None) - (change.old is not None)
        return [Delta(change.event_id, counts_key(item["postId"]), "likes", amount)]
    if change.kind != "post":
        return []
    amount = change.turned("state", "live")
    deltas = [Delta(change.event_id, author_counts_key(item["authorId"]), "posts", amount)]
    if item.get("replyTo"):
        deltas.append(Delta(change.event_id, counts_key(item["replyTo"]["postId"]), "replies", amount))
    return deltas


def events_of(change: Change) -> list[DomainEvent]:
    """The domain events that this change is."""
    if change.kind == "post":
        return _post_events(change)
    if change.kind == "like" and (change.old is None) != (change.new is None):
        item = change.item
        data = {"postId": item["postId"], "authorId": item["authorId"], "userId": item["userId"]}
        kind = "post.liked" if change.new else "post.unliked"
        return [event(kind, cause=change.event_id, actor=item["userId"], data=data)]
    return []


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
            "mentions": [one["userId"] for one in item["entities"]["mentions"]],
            "tags": item["entities"]["tags"],
            "createdAt": item["createdAt"],
        }
        return [event("post.published", cause=change.event_id, actor=author, data=data, at=item["createdAt"])]
    return []
