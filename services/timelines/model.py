"""Entries of timelines, and their readers."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum

from services.common.events import PostEdited, PostPublished, PostReposted
from services.common.lazy_dataclasses import dataclass

#: Entries that a home timeline keeps; beyond it people page by profile, tag or search.
HOME_CAP = 400
BACKFILL = 20
#: One in so many new entries makes a home timeline be cut to its cap: bounded, without a counter per person.
_TRIM_EVERY = 32
PUBLIC, MENTIONED = "public", "mentioned"


@dataclass(frozen=True)
class Entry:
    """An entry of a timeline: a reference; the post itself stays with the posts context."""

    post_id: str
    author_id: str
    visibility: str
    #: The author of the post that this one answers; ``None`` for other posts.
    parent_author_id: str | None = None
    tags: tuple[str, ...] = ()
    #: A repost's own id and whose it is: such a line stands where it was reposted.
    repost_id: str | None = None
    reposted_by: str | None = None

    @property
    def key(self) -> str:
        """The ULID that orders and identifies the entry."""
        return self.repost_id or self.post_id

    @property
    def by(self) -> str:
        """The author or reposter: their followers get the entry, and lose it when they unfollow."""
        return self.reposted_by or self.author_id

    @property
    def for_followers(self) -> bool:
        """Whether followers get it: people who are only mentioned get a notification."""
        return self.visibility != MENTIONED

    @property
    def for_everyone(self) -> bool:
        """Whether the public timeline has it: public, and no reply."""
        return self.visibility == PUBLIC and self.parent_author_id is None and self.repost_id is None

    @property
    def is_reply_to_another(self) -> bool:
        """Whether only people who follow both get it, so that nobody reads half a conversation."""
        return self.parent_author_id not in (None, self.author_id)


def entry_of_post(event: PostPublished | PostEdited) -> Entry:
    parent = event.reply_to.author_id if event.reply_to else None
    return Entry(event.post_id, event.author_id, event.visibility, parent, event.tags)


@dataclass(frozen=True)
class TagsNote:
    """Which tags the latest known version of an edited post has; only the greatest version counts."""

    version: int
    tags: tuple[str, ...]


def entry_of_repost(event: PostReposted) -> Entry:
    return Entry(event.post_id, event.author_id, event.visibility, repost_id=event.repost_id, reposted_by=event.user_id)


def once_per_post(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of a page, each post once at its first place: it may be reposted by several, or be there itself."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.post_id, entry)
    return list(first.values())


def is_time_to_trim(user_id: str, post_id: str) -> bool:
    """A deterministic choice for the same two ids."""
    return zlib.crc32(f"{user_id}{post_id}".encode()) % _TRIM_EVERY == 0


class JobKind(StrEnum):
    """deliver: a page of followers gets an entry · remove: a page of followers loses it · sweep: one person's home
    timeline loses all entries of one author · recall: a page of a deleted post's reposts
    is taken back · visit: a reader came · rebuild: a page of those a reader follows gives what the
    reader missed · mark: a page of followers is told to merge an author."""

    DELIVER = "deliver"
    REMOVE = "remove"
    SWEEP = "sweep"
    RECALL = "recall"
    VISIT = "visit"
    REBUILD = "rebuild"
    MARK = "mark"


@dataclass(frozen=True)
class Job:
    """A message of the fan-out to itself. ``after`` is the follower after whom the page begins; ``user_id`` is the
    reader that a sweep, visit or rebuild is for; ``since`` is the id after which a rebuild looks; ``reached`` counts
    the followers of the pages before; ``merged``: the author is, so only those get it who merge as many as they may;
    ``event_id`` names the frames that tell people."""

    kind: JobKind
    post_id: str = ""
    author_id: str = ""
    visibility: str = PUBLIC
    parent_author_id: str | None = None
    after: str | None = None
    user_id: str = ""
    event_id: str = ""
    repost_id: str | None = None
    reposted_by: str | None = None
    since: str = ""
    reached: int = 0
    merged: bool = False

    @property
    def entry(self) -> Entry:
        return Entry(
            self.post_id,
            self.author_id,
            self.visibility,
            self.parent_author_id,
            repost_id=self.repost_id,
            reposted_by=self.reposted_by,
        )

    def to_json(self) -> str:
        return json.dumps({"job": asdict(self)})


def parse_job(body: str) -> Job | None:
    """The job in a message body; ``None`` when it is something else (a domain event).

    Raises:
        ValueError: not JSON, or a job of another shape.
    """
    document = json.loads(body)
    if not isinstance(document, dict) or "job" not in document:
        return None
    try:
        return Job(**{**document["job"], "kind": JobKind(document["job"]["kind"])})
    except (TypeError, KeyError) as error:
        raise ValueError(f"expected a fan-out job, got {body[:200]!r}") from error
