"""Fan-out on read: rebuilds timelines of inactive readers, and lets readers merge authors whom too many follow.

The order of steps makes it safe, as in ``fanout.py``: a state is stored first, and its consequences are read
afterwards. A reader is stored as active before missed posts are searched, and a post's reference is written before its
readers are read: one of the two sees the other. An author counts as merged only once every follower merges them or, at
the limit of merged authors, is stored as a follower to push to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from services.common.lazy_dataclasses import dataclass
from services.timelines.model import Entry, Job, JobKind
from services.timelines.readers import Reach, ReaderState

#: Followees of a reader per message.
FOLLOWEES_PAGE = 50
MISSED_DAYS = 30


class Readers(Protocol):
    """The repository of readers."""

    def state(self, reader: str) -> ReaderState: ...
    def states(self, readers: Collection[str]) -> dict[str, ReaderState]: ...
    def begin(self, reader: str) -> None: ...
    def visit(self, reader: str, rebuild_since: str | None) -> None: ...
    def rebuilt(self, reader: str, since: str) -> None: ...
    def merge(self, readers: Sequence[str], author_id: str) -> set[str]: ...
    def unmerge(self, reader: str, author_id: str) -> None: ...
    def reach(self, authors: Collection[str]) -> dict[str, Reach]: ...
    def set_reach(self, author_id: str, reach: Reach) -> None: ...


class Timelines(Protocol):
    """The repository of timelines."""

    def refs_since(self, author_id: str, since: str) -> list[Entry]: ...
    def add_entries(self, user_id: str, entries: Sequence[Entry]) -> None: ...
    def remove_from_homes(self, users: Sequence[str], post_ids: Sequence[str]) -> None: ...
    def tombstoned(self, post_ids: Iterable[str]) -> set[str]: ...
    def follows(self, follower_id: str, author_id: str) -> bool: ...
    def followers_among(self, author_id: str, users: Iterable[str]) -> set[str]: ...
    def audience_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]: ...
    def sweep(self, user_id: str, author_id: str) -> None: ...
    def trim(self, user_id: str) -> None: ...


class FanOutJobs(Protocol):
    """The fan-out's own queue."""

    def send(self, job: Job, delay_seconds: int = 0) -> None: ...


#: reader, after, limit → ids of a page of those the reader follows (or has on the list), and where the next page begins
Followees = Callable[[str, str | None, int], tuple[list[str], str | None]]


@dataclass(frozen=True)
class FanOutOnRead:
    """Fan-out on read: authors whom readers merge, and posts that readers missed while they were inactive.

    Args:
        merge_from: followers from which an author is merged.
        active_days: days without a visit after which a reader is not fanned out to.
    """

    timelines: Timelines
    readers: Readers
    jobs: FanOutJobs
    followees: Followees
    merge_from: int = 10_000
    active_days: int = 14
    page_size: int = 200
    followees_page: int = FOLLOWEES_PAGE

    def active_readers(self, readers: Sequence[str]) -> list[str]:
        """Active readers, who get posts; timelines of the others are rebuilt at their next visit."""
        states = self.readers.states(readers) if readers else {}
        return [one for one in readers if states[one].is_active(self.active_days)]

    def is_merged(self, author_id: str) -> bool:
        return self.readers.reach([author_id])[author_id] is Reach.MERGED

    def reached(self, author_id: str, followers: int) -> None:
        """After a post was delivered to so many readers: from ``merge_from`` on, start to merge its author."""
        if followers >= self.merge_from and self.readers.reach([author_id])[author_id] is Reach.PUSHED:
            self.readers.set_reach(author_id, Reach.MARKING)
            self.jobs.send(Job(JobKind.MARK, author_id=author_id))

    def mark(self, job: Job) -> None:
        """Make a page of an author's followers merge from now on."""
        users, after = self.timelines.audience_page(job.author_id, job.after, self.page_size)
        self.readers.merge(users, job.author_id)
        # A follower who unfollowed meanwhile has been swept already, perhaps before the mark was set.
        for one in set(users) - self.timelines.followers_among(job.author_id, users):
            self.readers.unmerge(one, job.author_id)
        if after is not None:
            self.jobs.send(replace(job, after=after))
        else:
            self.readers.set_reach(job.author_id, Reach.MERGED)

    def begins_to_follow(self, reader: str, author_id: str) -> bool:
        """Called after the follow was stored; ``True`` when the reader merges the author, so that no entries are
        needed."""
        self.readers.begin(reader)
        if self.readers.reach([author_id])[author_id] is Reach.PUSHED:
            return False
        return not self.readers.merge([reader], author_id)

    def ends_following(self, reader: str, author_id: str) -> None:
        self.readers.unmerge(reader, author_id)

    def visit(self, job: Job) -> None:
        """A reader's visit: from now on posts are delivered, and missed ones are added."""
        reader = job.user_id
        state = self.readers.state(reader)
        since = state.rebuild_since
        if since is None and not state.is_active(self.active_days):
            since = state.missing_since(MISSED_DAYS)
        self.readers.visit(reader, since)
        if since is not None:
            self.jobs.send(Job(JobKind.REBUILD, user_id=reader, since=since))

    def rebuild(self, job: Job) -> None:
        """A page of the reader's followees; the next page runs in parallel."""
        authors, after = self.followees(job.user_id, job.after, self.followees_page)
        if after is not None:
            self.jobs.send(replace(job, after=after))
        reach = self.readers.reach(authors) if authors else {}
        for author in authors:
            is_full = reach[author] is not Reach.PUSHED and bool(self.readers.merge([job.user_id], author))
            if reach[author] is not Reach.MERGED or is_full:
                self._fill(job.user_id, author, job.since)
            if not self.timelines.follows(job.user_id, author):
                self.timelines.sweep(job.user_id, author)
                self.readers.unmerge(job.user_id, author)
        if after is None:
            self.timelines.trim(job.user_id)
            self.readers.rebuilt(job.user_id, job.since)

    def _fill(self, reader: str, author_id: str, since: str) -> None:
        entries = [
            one
            for one in self.timelines.refs_since(author_id, since)
            if one.for_followers and (not one.is_reply_to_another or self._follows_both(reader, one))
        ]
        self.timelines.add_entries(reader, entries)
        ids = {key for one in entries for key in (one.post_id, one.key)}
        gone = self.timelines.tombstoned(ids) if ids else set()
        self.timelines.remove_from_homes([reader], [one.key for one in entries if {one.post_id, one.key} & gone])

    def _follows_both(self, reader: str, entry: Entry) -> bool:
        parent = entry.parent_author_id or ""
        return parent == reader or self.timelines.follows(reader, parent)
