"""Work at a set time: publishes scheduled posts, ends polls.

A rule calls the sweeper every minute. It reads the head of the due index and sends a message for each entry, delayed
to the second; an entry is swept again until it is done, so neither a lost message nor a missed minute loses anything.
Messages may therefore come any number of times: the entry's own condition makes it happen once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.common.clock import from_text, now, to_text
from services.common.errors import AppError, Conflict, InProgress
from services.common.events import DomainEvent, PollEnded
from services.common.lazy_dataclasses import dataclass
from services.common.observability import logger
from services.posts.commands import NewPost, PostCommands
from services.posts.drafts import ScheduledPost, ScheduleState
from services.posts.keys import DUE_SHARDS
from services.posts.model import Post

#: A sweep looks this far ahead; the next one comes after a minute, and may come late.
LOOK_AHEAD = timedelta(seconds=150)
#: People per ``poll.ended``: a message of SNS may hold 256 KB.
RECIPIENTS = 100
_MOST_DELAY = 900


@dataclass(frozen=True)
class Due:
    """One entry of the due index. ``kind``: ``post`` (to be published) or ``poll`` (to be ended); ``at`` is RFC 3339;
    ``after``: the voter after whom this page of people begins."""

    kind: str
    id: str
    author_id: str
    at: str
    after: str | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    def delay(self, moment: datetime) -> int:
        """Seconds until its time, as a queue takes them."""
        return max(0, min(_MOST_DELAY, math.ceil((from_text(self.at) - moment).total_seconds())))


def parse(body: str) -> Due:
    """Raises: ValueError (another shape), so that the message ends in the dead-letter queue."""
    try:
        return Due(**json.loads(body))
    except TypeError as error:
        raise ValueError(f"expected what is due, got {body[:200]!r}") from error


class Index(Protocol):
    """The repository, for the sweeper."""

    def due(self, shard: int, until: str) -> Iterator[Mapping[str, Any]]: ...


class Entries(Protocol):
    """The drafts, for the consumer."""

    def is_due(self, at: str, kind: str, identifier: str) -> bool: ...
    def done(self, at: str, kind: str, identifier: str) -> None: ...
    def scheduled(self, author_id: str, scheduled_id: str) -> ScheduledPost | None: ...
    def unscheduling(self, found: ScheduledPost) -> list[Mapping[str, Any]]: ...
    def fail(self, found: ScheduledPost, reason: str) -> bool: ...


class Voters(Protocol):
    """The votes, for the consumer."""

    def get(self, post_id: str) -> Post | None: ...
    def voters(self, post_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]: ...


#: Sends messages with their delays in seconds.
Send = Callable[[Sequence[tuple[Due, int]]], None]


def sweep(index: Index, send: Send, moment: datetime) -> int:
    """Send all entries that are due soon; returns how many."""
    until = to_text(moment + LOOK_AHEAD)
    sent = 0
    for shard in range(DUE_SHARDS):
        found = [Due(one["kind"], one["id"], one["authorId"], one["at"]) for one in index.due(shard, until)]
        send([(one, one.delay(moment)) for one in found])
        sent += len(found)
    return sent


class DueWork:
    """Consumer of the queue ``due``."""

    def __init__(
        self,
        entries: Entries,
        voters: Voters,
        posts: PostCommands,
        new_post_of: Callable[[str, Mapping[str, Any]], NewPost],
        send: Send,
        publish: Callable[[Sequence[DomainEvent]], None],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._entries = entries
        self._voters = voters
        self._posts = posts
        self._new_post_of = new_post_of
        self._send = send
        self._publish = publish
        self._clock = clock

    def handle(self, body: str) -> None:
        """One message. Raises: ValueError (no such work), so that it ends in the dead-letter queue."""
        due = parse(body)
        early = due.delay(self._clock())
        if early:
            # A queue may be ahead of its delay by a little, and our clocks differ.
            self._send([(due, early)])
            return
        if due.kind == "post":
            self._publish_scheduled(due)
        elif due.kind == "poll":
            self._end_poll(due)
        else:
            raise ValueError(f"expected post or poll, got {due.kind!r}")

    def _publish_scheduled(self, due: Due) -> None:
        """The transaction that makes the post also removes the entry, so there is always exactly one of the two."""
        found = self._entries.scheduled(due.author_id, due.id)
        if found is None or found.state is not ScheduleState.SCHEDULED or found.publish_at != due.at:
            logger.info("nothing to publish any more", extra={"scheduled": due.id})
            return
        draft = self._new_post_of(found.client_post_id, found.content)
        draft = replace(draft, scheduled_id=found.id, mentions=found.mentions)
        try:
            self._posts.publish(due.author_id, draft, self._entries.unscheduling(found))
        except (InProgress, Conflict):
            # Changed, cancelled or published meanwhile; or only held by another transaction: then it is to come again.
            if self._entries.scheduled(due.author_id, due.id) == found:
                raise
        except AppError as error:
            if error.status >= 500:
                raise
            self._entries.fail(found, error.detail or error.title)

    def _end_poll(self, due: Due) -> None:
        """Notify all voters, page by page; ids of events derive from the page, so repeats are recognised."""
        if due.after is None and not self._entries.is_due(due.at, due.kind, due.id):
            return
        post = self._voters.get(due.id)
        if post is None or post.deleted or post.poll is None:
            self._entries.done(due.at, due.kind, due.id)
            return
        users, after = self._voters.voters(due.id, due.after, RECIPIENTS)
        recipients = [one for one in users if one != post.author_id]
        if due.after is None:
            recipients.insert(0, post.author_id)
        if recipients:
            cause, author = f"{post.id}#{due.after or ''}", post.author_id
            ended = PollEnded(
                cause=cause, actor=author, post_id=post.id, author_id=author, recipient_ids=tuple(recipients)
            )
            self._publish([ended])
        if after is not None:
            self._send([(replace(due, after=after), 0)])
        if due.after is None:
            self._entries.done(due.at, due.kind, due.id)
