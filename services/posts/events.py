"""From changes of the posts table to counters and domain events."""

from __future__ import annotations

from typing import Any

from services.common.counters import Delta
from services.common.dynamo import Item
from services.common.events import (
    DomainEvent,
    PostDeleted,
    PostEdited,
    PostLiked,
    PostPublished,
    PostReacted,
    PostReference,
    PostReposted,
    PostUnliked,
    PostUnreacted,
    PostUnreposted,
    ScheduledPostFailed,
    ScheduledPostPublished,
)
from services.common.streams import Change
from services.posts.author_counts import OPEN_POSTS, audience_counter
from services.posts.keys import author_counts_key, counts_key
from services.posts.polls import option_counter
from services.posts.reactions import counter_of

#: type of an edge → the counter of its post
_COUNTED = {"like": "likes", "repost": "reposts"}


def deltas_of(change: Change) -> list[Delta]:
    """A live post counts for its author and, if all may see it, for its parent and what it quotes; an edge for its
    post."""
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
        return _vote_deltas(change)
    if change.kind != "post":
        return []
    return _post_deltas(change)


def _post_deltas(change: Change) -> list[Delta]:
    """Counters reveal no posts that their reader may not see: see ``audience_counter``."""
    before, after = audience_counter(change.old), audience_counter(change.new)
    if before == after:
        return []
    # A tombstone tells nothing of what the post was about.
    item = change.old if before and change.old else change.item
    key = author_counts_key(item["authorId"])
    moved = [(before, -1), (after, 1)]
    deltas = [Delta(change.event_id, key, counter, amount) for counter, amount in moved if counter]
    opened = (after == OPEN_POSTS) - (before == OPEN_POSTS)
    for name, counter in (("replyTo", "replies"), ("quoteOf", "quotes")):
        if item.get(name):
            deltas.append(Delta(change.event_id, counts_key(item[name]["postId"]), counter, opened))
    return deltas


def events_of(change: Change) -> list[DomainEvent]:
    """The domain events that this change is."""
    if change.kind == "post":
        return _post_events(change)
    if change.kind == "reaction":
        return _reaction_events(change)
    if change.kind == "scheduled":
        return _scheduled_failed(change)
    if change.kind not in _COUNTED or (change.old is None) == (change.new is None):
        return []
    edge = change.item
    about = _about(change, edge)
    if change.kind == "like":
        return [PostLiked(**about) if change.new else PostUnliked(**about)]
    if change.new:
        return [PostReposted(**about, repost_id=edge["repostId"], visibility=edge["visibility"])]
    return [PostUnreposted(**about, repost_id=edge["repostId"])]


def _about(change: Change, edge: Item) -> dict[str, Any]:
    """Shared fields of the events of an edge."""
    return {
        "cause": change.event_id,
        "actor": edge["userId"],
        "post_id": edge["postId"],
        "author_id": edge["authorId"],
        "user_id": edge["userId"],
    }


def _reaction_events(change: Change) -> list[DomainEvent]:
    """A changed emoji gives two events: the first is withdrawn, the new one given."""
    old, new = change.old, change.new
    if old and new and old["emoji"] == new["emoji"]:
        return []
    found: list[DomainEvent] = []
    if old:
        found.append(PostUnreacted(**_about(change, old), emoji=old["emoji"]))
    if new:
        found.append(PostReacted(**_about(change, new), emoji=new["emoji"]))
    return found


def _post_events(change: Change) -> list[DomainEvent]:
    item, turn = change.item, change.turned("state", "live")
    if turn < 0:
        author = item["authorId"]
        return [PostDeleted(cause=change.event_id, actor=author, post_id=item["id"], author_id=author)]
    return [_published(change), *_scheduled_published(change)] if turn > 0 else _edited(change)


def _published(change: Change) -> PostPublished:
    item = change.item
    return PostPublished(
        cause=change.event_id,
        actor=item["authorId"],
        at=item["createdAt"],
        post_id=item["id"],
        author_id=item["authorId"],
        visibility=item["visibility"],
        reply_to=_reference(item.get("replyTo")),
        quote_of=_reference(item.get("quoteOf")),
        mentions=tuple(one["userId"] for one in item["entities"]["mentions"]),
        tags=tuple(item["entities"]["tags"]),
        created_at=item["createdAt"],
    )


def _vote_deltas(change: Change) -> list[Delta]:
    """One voter, and one vote for each chosen option; a vote never changes."""
    item, amount = change.item, (change.new is not None) - (change.old is not None)
    key = counts_key(item["postId"])
    chosen = [Delta(change.event_id, key, option_counter(int(one)), amount) for one in item["choices"]]
    return [Delta(change.event_id, key, "voters", amount), *chosen]


def _scheduled_failed(change: Change) -> list[DomainEvent]:
    """A scheduled post that could not be published."""
    if change.turned("state", "failed") <= 0:
        return []
    item, author = change.item, change.item["authorId"]
    return [
        ScheduledPostFailed(
            cause=change.event_id, actor=author, scheduled_id=item["id"], author_id=author, reason=item["reason"]
        )
    ]


def _scheduled_published(change: Change) -> list[DomainEvent]:
    """A new post that waited for its time."""
    item, author = change.item, change.item["authorId"]
    if not item.get("scheduledId"):
        return []
    return [
        ScheduledPostPublished(
            cause=change.event_id,
            actor=author,
            post_id=item["id"],
            author_id=author,
            scheduled_id=item["scheduledId"],
        )
    ]


def _edited(change: Change) -> list[DomainEvent]:
    """A live post with another ``editedAt``. People who were mentioned before were notified then."""
    old, new = change.old, change.new
    if old is None or new is None or new["state"] != "live" or new.get("editedAt") == old.get("editedAt"):
        return []
    known = {*(old.get("everMentioned") or ()), *(one["userId"] for one in old["entities"]["mentions"])}
    mentions, tags = [one["userId"] for one in new["entities"]["mentions"]], new["entities"]["tags"]
    return [
        PostEdited(
            cause=change.event_id,
            actor=new["authorId"],
            at=new["editedAt"],
            post_id=new["id"],
            author_id=new["authorId"],
            visibility=new["visibility"],
            reply_to=_reference(new.get("replyTo")),
            mentions=tuple(mentions),
            mentions_added=tuple(one for one in mentions if one not in known),
            tags=tuple(tags),
            tags_removed=tuple(one for one in old["entities"]["tags"] if one not in tags),
            created_at=new["createdAt"],
            post_version=new["version"],
        )
    ]


def _reference(found: Item | None) -> PostReference | None:
    """The post that an item names in ``replyTo`` or ``quoteOf``."""
    return PostReference(found["postId"], found["authorId"]) if found else None
