"""Fan-out with everything in memory, and its input events."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

from services.common.cursors import Cursor, Page
from services.common.events import (
    DomainEvent,
    PostDeleted,
    PostEdited,
    PostPublished,
    PostReference,
    PostReposted,
    PostUnreposted,
    UserFollowed,
    UserUnfollowed,
    Visibility,
)
from services.common.outbox import Outgoing
from services.timelines.fanout import FanOut
from services.timelines.fanout_on_read import FanOutOnRead
from services.timelines.model import (
    HOME_CAP,
    Entry,
    Job,
    TagsNote,
)
from tests.support.readers import FakeReaders, page_of_shelves


class FakeStore:
    """Timelines in dictionaries."""

    def __init__(self) -> None:
        self.homes: dict[str, dict[str, Entry]] = defaultdict(dict)
        self.refs: dict[str, dict[str, Entry]] = defaultdict(dict)
        self.public: set[str] = set()
        self.tags: dict[str, set[str]] = defaultdict(set)
        self.tombstones: set[str] = set()
        self.gone: set[str] = set()
        self.notes: dict[str, TagsNote] = {}
        self.audience: dict[str, dict[str, tuple[int, bool]]] = defaultdict(dict)
        self.reposts: dict[str, dict[str, str]] = defaultdict(dict)
        self.pushed: dict[str, set[str]] = defaultdict(set)

    def publish(self, entry: Entry) -> None:
        self.refs[entry.by][entry.key] = entry
        self.homes[entry.by][entry.key] = entry
        if entry.repost_id and entry.reposted_by:
            self.reposts[entry.post_id][entry.repost_id] = entry.reposted_by
        if entry.for_everyone:
            self.public.add(entry.post_id)
        if entry.visibility == "public":
            for name in entry.tags:
                self.tags[name].add(entry.post_id)

    def unpublish(self, author_id: str, post_id: str, tags: Sequence[str] = ()) -> None:
        known = self.refs[author_id].pop(post_id, None)
        self.homes[author_id].pop(post_id, None)
        self.public.discard(post_id)
        for name in {*tags, *(known.tags if known else ())}:
            self.tags[name].discard(post_id)

    def note_tags(self, post_id: str, note: TagsNote) -> None:
        if note.version > self.notes.get(post_id, TagsNote(0, ())).version:
            self.notes[post_id] = note

    def tags_note(self, post_id: str) -> TagsNote | None:
        return self.notes.get(post_id)

    def retag(self, entry: Entry, removed: Sequence[str]) -> None:
        self.refs[entry.author_id][entry.post_id] = entry
        for name in removed:
            self.tags[name].discard(entry.post_id)
        if entry.visibility == "public":
            for name in entry.tags:
                self.tags[name].add(entry.post_id)

    def forget_repost(self, post_id: str, repost_id: str) -> None:
        self.reposts[post_id].pop(repost_id, None)

    def reposts_page(self, post_id: str, after: str | None, limit: int) -> tuple[list[tuple[str, str]], str | None]:
        found = sorted(pair for pair in self.reposts[post_id].items() if after is None or pair[0] > after)
        return found[:limit], found[limit - 1][0] if len(found) > limit else None

    def add_tombstone(self, post_id: str) -> None:
        self.tombstones.add(post_id)

    def tombstoned(self, post_ids: Iterable[str]) -> set[str]:
        return self.tombstones & set(post_ids)

    def add_to_homes(self, users: Sequence[str], entry: Entry) -> None:
        for user in users:
            self.homes[user][entry.key] = entry

    def add_entries(self, user_id: str, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.homes[user_id][entry.key] = entry

    def remove_from_homes(self, users: Sequence[str], post_ids: Sequence[str]) -> None:
        for user in users:
            for post in post_ids:
                self.homes[user].pop(post, None)

    def set_audience(self, author_id: str, follower_id: str, version: int, active: bool) -> bool:
        if self.audience[author_id].get(follower_id, (0, False))[0] > version:
            return False
        self.audience[author_id][follower_id] = (version, active)
        return True

    def follows(self, follower_id: str, author_id: str) -> bool:
        return self.audience[author_id].get(follower_id, (0, False))[1]

    def followers_among(self, author_id: str, users: Iterable[str]) -> set[str]:
        return {one for one in users if self.follows(one, author_id)}

    def is_anyone_gone(self, users: Iterable[str]) -> bool:
        return bool(self.gone & set(users))

    def forget_audience(self, author_id: str, follower_id: str) -> None:
        self.audience[author_id].pop(follower_id, None)

    def audience_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        names = sorted(name for name in self.audience[author_id] if after is None or name > after)
        page = names[:limit]
        return [one for one in page if self.follows(one, author_id)], page[-1] if len(names) > limit else None

    def pushed_followers_page(self, author_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        names = sorted(name for name in self.pushed[author_id] if after is None or name > after)
        return names[:limit], names[limit - 1] if len(names) > limit else None

    def refs_since(self, author_id: str, since: str) -> list[Entry]:
        return [one for key, one in sorted(self.refs[author_id].items(), reverse=True) if key > since]

    def recent_by(self, author_id: str) -> list[Entry]:
        return [self.refs[author_id][one] for one in sorted(self.refs[author_id], reverse=True)[:20]]

    def sweep(self, user_id: str, author_id: str) -> None:
        self.homes[user_id] = {key: one for key, one in self.homes[user_id].items() if one.by != author_id}

    def trim(self, user_id: str) -> None:
        kept = sorted(self.homes[user_id], reverse=True)[:HOME_CAP]
        self.homes[user_id] = {key: self.homes[user_id][key] for key in kept}


class World:
    """A fan-out with a queue whose messages are taken in any order, some of them twice."""

    def __init__(self, seed: int = 0, merge_from: int = 1000, most: int = 50) -> None:
        self.store, self.queue, self.told = FakeStore(), [], []  # type: ignore[var-annotated]
        self.random, self.readers = random.Random(seed), FakeReaders(most)
        self.store.pushed = self.readers.pushed
        on_read = FanOutOnRead(
            self.store, self.readers, self, self._followees, merge_from, page_size=2, followees_page=2
        )
        self.fan_out = FanOut(self.store, self, self._tell, on_read, page_size=2)

    def _followees(self, reader: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        followed = [one for one in sorted(self.store.audience) if self.store.follows(reader, one)]
        page = [one for one in followed if after is None or one > after]
        return page[:limit], page[limit - 1] if len(page) > limit else None

    def page(self, reader: str, cursor: Cursor | None, limit: int) -> Page[Entry]:
        """A page of a reader's timeline."""
        merged = self.readers.known[reader].merged
        shelves = [self.store.homes[reader], *(self.store.refs[one] for one in sorted(merged))]
        return page_of_shelves(reader, merged, shelves, lambda one: self.store.follows(reader, one), cursor, limit)

    def send(self, job: Job, delay_seconds: int = 0) -> None:
        self.queue.append(job.to_json())

    def _tell(self, outgoing: Sequence[Outgoing]) -> None:
        self.told += outgoing

    def put(self, *events: DomainEvent) -> None:
        self.queue += [one.to_json() for one in events]

    def drain(self) -> None:
        while self.queue:
            body = self.queue.pop(self.random.randrange(len(self.queue)))
            self.fan_out.handle(body)
            if self.random.random() < 0.2:
                self.fan_out.handle(body)

    def home(self, user: str) -> set[str]:
        return set(self.store.homes[user])


WRITTEN = "2026-01-01T00:00:00.000Z"


def published(
    post: str,
    author: str = "anna",
    visibility: Visibility = "public",
    parent: str | None = None,
    tags: Sequence[str] = (),
) -> DomainEvent:
    return PostPublished(
        cause=post, actor=author, post_id=post, author_id=author, visibility=visibility,
        reply_to=PostReference("p", parent) if parent else None, tags=tuple(tags), created_at=WRITTEN,
    )  # fmt: skip


def edited(post: str, version: int, tags: Sequence[str], removed: Sequence[str], author: str = "anna") -> DomainEvent:
    return PostEdited(
        cause=f"{post}{version}", actor=author, post_id=post, author_id=author, visibility="public", tags=tuple(tags),
        tags_removed=tuple(removed), created_at=WRITTEN, post_version=version,
    )  # fmt: skip


def deleted(post: str, author: str = "anna") -> DomainEvent:
    return PostDeleted(cause=post, actor=author, post_id=post, author_id=author)


def reposted(post: str, repost: str, by: str, author: str = "anna") -> DomainEvent:
    return PostReposted(
        cause=repost, actor=by, post_id=post, author_id=author, user_id=by, repost_id=repost, visibility="public"
    )


def unreposted(post: str, repost: str, by: str, author: str = "anna") -> DomainEvent:
    return PostUnreposted(cause=repost, actor=by, post_id=post, author_id=author, user_id=by, repost_id=repost)


def edge(follower: str, version: int, author: str = "anna") -> DomainEvent:
    kind = UserFollowed if version % 2 else UserUnfollowed
    cause = f"{follower}-{author}-{version}"
    return kind(cause=cause, actor=follower, follower_id=follower, followee_id=author, edge_version=version)
