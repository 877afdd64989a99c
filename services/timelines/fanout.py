"""Fan-out on write: domain events become lines of timelines, page by page through the queue.

Two rules make any order and any repetition of events end the same way:

- A removal first writes a note, then removes; an addition checks for the note after adding. Whichever comes later sees
  the other, so deletion wins over late fan-out.
- Follows and edits carry a version; only the greatest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol

from services.common.events import (
    DomainEvent,
    ListMemberAdded,
    ListMemberRemoved,
    PostDeleted,
    PostEdited,
    PostPublished,
    PostReposted,
    PostUnreposted,
    UserFollowed,
    UserUnfollowed,
    parse,
)
from services.common.observability import logger
from services.common.outbox import Outgoing, frame
from services.timelines.fanout_on_read import FanOutJobs, FanOutOnRead
from services.timelines.model import (
    Entry,
    Job,
    JobKind,
    TagsNote,
    entry_of_post,
    entry_of_repost,
    is_time_to_trim,
    parse_job,
)
from services.timelines.readers import list_of, list_reader

PAGE = 200
#: Reposts that one message takes back; each has an audience of its own.
RECALL_PAGE = 20
#: A page of deliveries that was under way when someone unfollowed is over by then: the queue's visibility timeout.
SWEEP_AGAIN_SECONDS = 90


class TimelineStore(Protocol):
    """The repository, for the fan-out."""

    def publish(self, entry: Entry) -> None: ...
    def unpublish(self, author_id: str, post_id: str, tags: Sequence[str] = ()) -> None: ...
    def note_tags(self, post_id: str, note: TagsNote) -> None: ...
    def tags_note(self, post_id: str) -> TagsNote | None: ...
    def retag(self, entry: Entry, removed: Sequence[str]) -> None: ...
    def add_tombstone(self, post_id: str) -> None: ...
    def tombstoned(self, post_ids: Iterable[str]) -> set[str]: ...
    def add_to_homes(self, users: Sequence[str], entry: Entry) -> None: ...
    def add_entries(self, user_id: str, entries: Sequence[Entry]) -> None: ...
    def remove_from_homes(self, users: Sequence[str], post_ids: Sequence[str]) -> None: ...
    def set_audience(self, author_id: str, follower_id: str, version: int, active: bool) -> bool: ...
    def follows(self, follower_id: str, author_id: str) -> bool: ...
    def followers_among(self, author_id: str, users: Iterable[str]) -> set[str]: ...
    def is_anyone_gone(self, users: Iterable[str]) -> bool: ...
    def forget_audience(self, author_id: str, follower_id: str) -> None: ...
    def audience_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]: ...
    def pushed_followers_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]: ...
    def recent_by(self, author_id: str) -> list[Entry]: ...
    def sweep(self, user_id: str, author_id: str) -> None: ...
    def trim(self, user_id: str) -> None: ...
    def forget_repost(self, post_id: str, repost_id: str) -> None: ...
    def reposts_page(self, post_id: str, after: str | None, limit: int) -> tuple[list[tuple[str, str]], str | None]: ...


class FanOut:
    """Consumer of the queue ``timelines``; every message may come more than once and in any order."""

    def __init__(
        self,
        store: TimelineStore,
        jobs: FanOutJobs,
        tell: Callable[[Sequence[Outgoing]], None],
        on_read: FanOutOnRead,
        page_size: int = PAGE,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._tell = tell
        self._on_read = on_read
        self._page_size = page_size
        self._on_job: dict[JobKind, Callable[[Job], None]] = {
            JobKind.DELIVER: self._deliver,
            JobKind.REMOVE: self._remove,
            JobKind.SWEEP: self._sweep,
            JobKind.RECALL: self._recall,
            JobKind.VISIT: on_read.visit,
            JobKind.REBUILD: on_read.rebuild,
            JobKind.MARK: on_read.mark,
        }

    def handle(self, body: str) -> None:
        """One message. Raises: ValueError (no event and no job), so that it ends in the dead-letter queue."""
        job = parse_job(body)
        if job is not None:
            self._on_job[job.kind](job)
            return
        event = parse(body)
        if type(event) in self.HANDLERS:
            self.HANDLERS[type(event)](self, event)
        else:
            logger.warning("not for timelines", extra={"type": event.type})

    def _published(self, event: PostPublished) -> None:
        self._spread(entry_of_post(event), event.id)

    def _reposted(self, event: PostReposted) -> None:
        self._spread(entry_of_repost(event), event.id)

    def _spread(self, entry: Entry, event_id: str) -> None:
        if self._is_deleted(entry):
            return
        self._store.publish(entry)
        if self._is_deleted(entry):
            self._store.unpublish(entry.by, entry.key, entry.tags)
            if entry.repost_id:
                self._store.forget_repost(entry.post_id, entry.repost_id)
            return
        if entry.repost_id is None:
            self._follow_edits(entry, entry.tags)
        if is_time_to_trim(entry.by, entry.key):
            self._store.trim(entry.by)
        self._tell_of(entry, [entry.by], event_id)
        if entry.for_followers:
            job = Job(
                JobKind.DELIVER, entry.post_id, entry.author_id, entry.visibility, entry.parent_author_id,
                event_id=event_id, repost_id=entry.repost_id, reposted_by=entry.reposted_by,
                merged=self._on_read.is_merged(entry.by),
            )  # fmt: skip
            self._deliver(job)

    def _edited(self, event: PostEdited) -> None:
        """Entries are references, so a new text needs no update; only tag timelines change with it."""
        entry = entry_of_post(event)
        seen = (*entry.tags, *event.tags_removed)
        if not self._store.tombstoned([entry.post_id]):
            self._store.note_tags(entry.post_id, TagsNote(event.post_version, entry.tags))
            self._follow_edits(entry, seen)
        if self._store.tombstoned([entry.post_id]):
            # Even if it was there before: an older event may have written a tag that only this event knows of.
            self._store.unpublish(entry.author_id, entry.post_id, seen)

    def _follow_edits(self, entry: Entry, seen: Sequence[str]) -> None:
        """Update tag timelines to the latest note. ``seen``: tags of all versions known here.

        The note is written first and read again afterwards: of two concurrent runs, the one that ends later sees the
        other's.
        """
        note = self._store.tags_note(entry.post_id)
        while note is not None:
            removed = dict.fromkeys(one for one in seen if one not in note.tags)
            self._store.retag(replace(entry, tags=note.tags), list(removed))
            latest = self._store.tags_note(entry.post_id)
            if latest == note:
                return
            seen, note = (*seen, *note.tags), latest

    def _is_deleted(self, entry: Entry) -> bool:
        """Whether the post was deleted, or the repost taken back."""
        return bool(self._store.tombstoned({entry.post_id, entry.key}))

    def _deliver(self, job: Job) -> None:
        entry = job.entry
        if self._is_deleted(entry):
            return
        users = self._on_read.active_readers(self._next_page(job))
        if job.merged and users:
            following = self._store.followers_among(entry.by, users)
            users = [one for one in users if one in following]
        if entry.is_reply_to_another and entry.parent_author_id:
            parent = entry.parent_author_id
            both = self._store.followers_among(parent, users)
            users = [one for one in users if one == parent or one in both]
        if not users:
            return
        self._store.add_to_homes(users, entry)
        if self._is_deleted(entry):
            self._store.remove_from_homes(users, [entry.key])
            return
        for user in users:
            if is_time_to_trim(user, entry.key):
                self._store.trim(user)
        self._tell_of(entry, users, job.event_id)

    def _next_page(self, job: Job) -> list[str]:
        """A page of followers; the job for the next page is sent first, so that pages run in parallel."""
        page = self._store.pushed_followers_page if job.merged else self._store.audience_page
        users, after = page(job.entry.by, job.after, self._page_size)
        reached = job.reached + len(users)
        if after is not None:
            self._jobs.send(replace(job, after=after, reached=reached))
        elif job.kind is JobKind.DELIVER:
            self._on_read.reached(job.entry.by, reached)
        return users

    def _tell_of(self, entry: Entry, users: Sequence[str], event_id: str) -> None:
        data: dict[str, Any] = {"postId": entry.post_id, "authorId": entry.author_id}
        people = [one for one in users if list_of(one) is None]
        if people:
            shown = frame("timeline.posted", event_id, data)
            self._tell([Outgoing(f"timeline#{entry.by}", people, shown)])

    def _deleted(self, event: PostDeleted) -> None:
        author, post = event.author_id, event.post_id
        self._store.add_tombstone(post)
        self._store.unpublish(author, post)
        self._remove(Job(JobKind.REMOVE, post, author, event_id=event.id))
        self._recall(Job(JobKind.RECALL, post, author, event_id=event.id))

    def _unreposted(self, event: PostUnreposted) -> None:
        self._take_back(event.post_id, event.repost_id, event.user_id)

    def _take_back(self, post_id: str, repost_id: str, user_id: str) -> None:
        self._store.add_tombstone(repost_id)
        self._store.unpublish(user_id, repost_id)
        self._remove(Job(JobKind.REMOVE, repost_id, user_id))
        self._store.forget_repost(post_id, repost_id)

    def _recall(self, job: Job) -> None:
        """Reposts of a deleted post; one that comes later finds the post's tombstone."""
        reposts, after = self._store.reposts_page(job.post_id, job.after, RECALL_PAGE)
        if after is not None:
            self._jobs.send(replace(job, after=after))
        for repost_id, user_id in reposts:
            self._take_back(job.post_id, repost_id, user_id)

    def _remove(self, job: Job) -> None:
        self._store.remove_from_homes(self._next_page(job), [job.post_id])

    def _followed(self, event: UserFollowed | ListMemberAdded) -> None:
        follower, author = _edge(event)
        if not self._store.set_audience(author, follower, event.edge_version, active=True):
            return
        if self._forgot_deleted(follower, author):
            return
        if self._on_read.begins_to_follow(follower, author):
            if not self._store.follows(follower, author):
                self._on_read.ends_following(follower, author)
            return
        entries = [one for one in self._store.recent_by(author) if one.for_followers and not one.is_reply_to_another]
        self._store.add_entries(follower, entries)
        gone = self._store.tombstoned({key for one in entries for key in (one.post_id, one.key)})
        self._store.remove_from_homes([follower], [one.key for one in entries if {one.post_id, one.key} & gone])
        if not self._store.follows(follower, author):
            self._on_read.ends_following(follower, author)
            self._store.sweep(follower, author)

    def _forgot_deleted(self, follower: str, author: str) -> bool:
        """Delete the note of a follow when one of the two accounts was deleted: the event was late."""
        of_list = list_of(follower)
        is_gone = self._store.is_anyone_gone({of_list[0] if of_list else follower, author})
        if is_gone:
            self._store.forget_audience(author, follower)
        return is_gone

    def _unfollowed(self, event: UserUnfollowed | ListMemberRemoved) -> None:
        follower, author = _edge(event)
        if not self._store.set_audience(author, follower, event.edge_version, active=False):
            return
        self._forgot_deleted(follower, author)
        self._on_read.ends_following(follower, author)
        self._store.sweep(follower, author)
        self._jobs.send(Job(JobKind.SWEEP, author_id=author, user_id=follower), SWEEP_AGAIN_SECONDS)

    def _sweep(self, job: Job) -> None:
        if not self._store.follows(job.user_id, job.author_id):
            self._on_read.ends_following(job.user_id, job.author_id)
            self._store.sweep(job.user_id, job.author_id)

    HANDLERS: ClassVar[dict[type[DomainEvent], Callable[[FanOut, Any], None]]] = {
        PostPublished: _published,
        PostEdited: _edited,
        PostDeleted: _deleted,
        PostReposted: _reposted,
        PostUnreposted: _unreposted,
        UserFollowed: _followed,
        UserUnfollowed: _unfollowed,
        ListMemberAdded: _followed,
        ListMemberRemoved: _unfollowed,
    }


def _edge(event: UserFollowed | UserUnfollowed | ListMemberAdded | ListMemberRemoved) -> tuple[str, str]:
    """The reader and the author: a person's follow, or a member of a list."""
    if isinstance(event, ListMemberAdded | ListMemberRemoved):
        return list_reader(event.owner_id, event.list_id), event.user_id
    return event.follower_id, event.followee_id
