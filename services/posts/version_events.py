"""What votes, edits and scheduled posts do to counters, and the domain events that they are."""

from __future__ import annotations

from services.common.counters import Delta
from services.common.dynamo import Item
from services.common.events import (
    DomainEvent,
    PostEdited,
    PostReference,
    ScheduledPostFailed,
    ScheduledPostPublished,
)
from services.common.streams import Change
from services.posts.keys import counts_key
from services.posts.polls import option_counter


def vote_deltas(change: Change) -> list[Delta]:
    """One voter, and one vote for each option that was chosen; a vote is never changed."""
    item, amount = change.item, (change.new is not None) - (change.old is not None)
    key = counts_key(item["postId"])
    chosen = [Delta(change.event_id, key, option_counter(int(one)), amount) for one in item["choices"]]
    return [Delta(change.event_id, key, "voters", amount), *chosen]


def scheduled_failed(change: Change) -> list[DomainEvent]:
    """A scheduled post that could not be published."""
    if change.turned("state", "failed") <= 0:
        return []
    item, author = change.item, change.item["authorId"]
    return [
        ScheduledPostFailed(
            cause=change.event_id, actor=author, scheduled_id=item["id"], author_id=author, reason=item["reason"]
        )
    ]


def scheduled_published(change: Change) -> list[DomainEvent]:
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


def edited(change: Change) -> list[DomainEvent]:
    """A live post with another ``editedAt``. Who was ever mentioned was told then."""
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
            reply_to=reference(new.get("replyTo")),
            mentions=tuple(mentions),
            mentions_added=tuple(one for one in mentions if one not in known),
            tags=tuple(tags),
            tags_removed=tuple(one for one in old["entities"]["tags"] if one not in tags),
            created_at=new["createdAt"],
            post_version=new["version"],
        )
    ]


def reference(found: Item | None) -> PostReference | None:
    """The post that an item names in ``replyTo`` or ``quoteOf``."""
    return PostReference(found["postId"], found["authorId"]) if found else None
