"""What votes, edits and scheduled posts do to counters, and the domain events that they are."""

from __future__ import annotations

from services.common.counters import Delta
from services.common.events import DomainEvent, event
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
    item = change.item
    data = {"scheduledId": item["id"], "authorId": item["authorId"], "reason": item["reason"]}
    return [event("post.scheduled_failed", cause=change.event_id, actor=item["authorId"], data=data)]


def scheduled_published(change: Change) -> list[DomainEvent]:
    """A new post that waited for its time."""
    item = change.item
    if not item.get("scheduledId"):
        return []
    data = {"postId": item["id"], "authorId": item["authorId"], "scheduledId": item["scheduledId"]}
    return [event("post.scheduled_published", cause=change.event_id, actor=item["authorId"], data=data)]


def edited(change: Change) -> list[DomainEvent]:
    """A live post with another ``editedAt``. Who was ever mentioned was told then."""
    old, new = change.old, change.new
    if old is None or new is None or new["state"] != "live" or new.get("editedAt") == old.get("editedAt"):
        return []
    known = {*(old.get("everMentioned") or ()), *(one["userId"] for one in old["entities"]["mentions"])}
    mentions, tags = [one["userId"] for one in new["entities"]["mentions"]], new["entities"]["tags"]
    data = {
        "postId": new["id"],
        "authorId": new["authorId"],
        "visibility": new["visibility"],
        "replyTo": new.get("replyTo"),
        "mentions": mentions,
        "mentionsAdded": [one for one in mentions if one not in known],
        "tags": tags,
        "tagsRemoved": [one for one in old["entities"]["tags"] if one not in tags],
        "createdAt": new["createdAt"],
        "version": new["version"],
    }
    return [event("post.edited", cause=change.event_id, actor=new["authorId"], data=data, at=new["editedAt"])]
