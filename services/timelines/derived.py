"""Compares home, public and tag timelines with posts and follows, person by person.

It checks what the fan-out guarantees: posts since the follow, of the last 29 days, within the newest 400 entries, of
authors who are fanned out, to active readers. Lists and merged authors are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Protocol

from services.common.clock import now
from services.common.derived import Compared
from services.common.dynamo import batch_get, query_page
from services.common.events import PostPublished, PostReposted
from services.common.ids import id_at
from services.common.lazy_dataclasses import dataclass
from services.timelines import keys
from services.timelines.model import HOME_CAP, Entry, entry_of_post, entry_of_repost
from services.timelines.projection_repository import TimelineProjection
from services.timelines.reader_repository import ReaderRepository
from services.timelines.readers import Reach
from services.timelines.repository import HOME_DAYS, entry_of

_SHOWN = 3


class Edge(Protocol):
    @property
    def following(self) -> bool: ...
    @property
    def version(self) -> int: ...
    @property
    def since(self) -> str: ...


class PostSource(Protocol):
    def published(self, author: str) -> Iterable[PostPublished | PostReposted]: ...
    def gone(self, post_ids: Collection[str]) -> set[str]: ...


class PeopleSource(Protocol):
    def people(self) -> list[str]: ...
    def edges_of(self, person: str) -> Mapping[str, Edge]: ...


@dataclass(frozen=True)
class TimelineComparison:
    """``active_days``: the fan-out's setting."""

    store: TimelineProjection
    readers: ReaderRepository
    posts: PostSource
    people: PeopleSource
    active_days: int = 14

    def __call__(self, after: str | None) -> Iterator[Compared]:
        for person in self.people.people():
            if after is None or person > after:
                yield self._compared(person)

    def _compared(self, person: str) -> Compared:
        edges = self.people.edges_of(person)
        unpublished = self._unpublished(person)
        audience = self._audience(person, edges)
        missing, surplus = self._home(person, edges)

        def mend() -> None:
            for entry in unpublished:
                self.store.publish(entry)
            for author in audience:
                self.store.set_audience(author, person, edges[author].version, active=edges[author].following)
            self.store.add_entries(person, missing)
            # A deletion writes a tombstone first, so concurrent deletions are found here.
            ids = {key for one in missing for key in (one.post_id, one.key)}
            gone = self.store.tombstoned(ids) if ids else set()
            late = [one.key for one in missing if {one.post_id, one.key} & gone]
            self.store.remove_from_homes([person], [*surplus, *late])

        differences = [
            *_named("posts that public, tag or author lists lack", [one.key for one in unpublished]),
            *_named("follows that the fan-out has otherwise", audience),
            *_named("lines missing in the home timeline", [one.key for one in missing]),
            *_named("lines too many in the home timeline", surplus),
        ]
        return Compared(person, tuple(differences), mend)

    def _entries(self, author: str) -> list[Entry]:
        """Newest first, within the retention of timelines."""
        oldest = _oldest()
        found = [
            entry_of_post(one) if isinstance(one, PostPublished) else entry_of_repost(one)
            for one in self.posts.published(author)
        ]
        return sorted((one for one in found if one.key > oldest), key=lambda one: one.key, reverse=True)

    def _unpublished(self, author: str) -> list[Entry]:
        wanted = {entry.key: (entry, _places(entry)) for entry in self._entries(author)[:HOME_CAP]}
        places = [place for _, found in wanted.values() for place in found]
        there = {(pk, sk) for _, pk, sk in batch_get({self.store.name: places})} if places else set()
        return [entry for entry, found in wanted.values() if not there.issuperset(found)]

    def _audience(self, person: str, edges: Mapping[str, Edge]) -> list[str]:
        notes = {keys.audience(author): author for author in edges}
        found = batch_get({self.store.name: [(pk, person) for pk in notes]}) if notes else {}
        active = {notes[pk] for (_, pk, _), note in found.items() if note["active"]}
        return sorted(author for author, edge in edges.items() if edge.following != (author in active))

    def _home(self, person: str, edges: Mapping[str, Edge]) -> tuple[list[Entry], list[str]]:
        """Missing entries of the home timeline, and keys that it should not have."""
        lines = {entry.key: entry for entry in self._lines(person)}
        following = {author: edge.since for author, edge in edges.items() if edge.following}
        gone = self.posts.gone({one.post_id for one in lines.values()})
        foreign = [
            key
            for key, one in lines.items()
            if one.post_id in gone or (one.by != person and one.by in edges and one.by not in following)
        ]
        if not self._is_fanned_out_to(person):
            return [], sorted(foreign)
        expected = {one.key: one for one in self._entries(person)}
        reach = self.readers.reach(list(following)) if following else {}
        for author, since in following.items():
            if reach[author] is Reach.PUSHED:
                expected |= {one.key: one for one in self._entries(author) if _is_for(one, person, since, following)}
        newest = set(islice(sorted({*expected, *lines}, reverse=True), HOME_CAP))
        missing = [one for key, one in expected.items() if key in newest and key not in lines]
        return sorted(missing, key=lambda one: one.key), sorted(foreign)

    def _is_fanned_out_to(self, person: str) -> bool:
        state = self.readers.state(person)
        return state.is_active(self.active_days) and state.rebuild_since is None

    def _lines(self, person: str) -> list[Entry]:
        rows = query_page(self.store.table, keys.home(person), cursor=None, limit=2 * HOME_CAP, consistent=True)
        return [entry_of(row) for row in rows if row["sk"] != keys.STATE]


def _oldest() -> str:
    return id_at(now() - timedelta(days=HOME_DAYS - 1))


def _places(entry: Entry) -> list[keys.Key]:
    """The timelines where ``publish`` puts it, except its author's home."""
    places = [(keys.author(entry.by), entry.key)]
    if entry.for_everyone:
        places.append((keys.public(keys.bucket_of(entry.post_id)), entry.post_id))
    if entry.visibility == "public":
        places += [(keys.tag(name), entry.key) for name in entry.tags]
    return places


def _is_for(entry: Entry, reader: str, since: str, following: Mapping[str, str]) -> bool:
    """Whether the fan-out delivered it: it is newer than the follow and, for a reply, than the follows of both
    authors."""
    if not entry.for_followers or entry.key < since:
        return False
    parent = entry.parent_author_id or ""
    return not entry.is_reply_to_another or parent == reader or following.get(parent, "~") < entry.key


def _named(what: str, ids: list[str]) -> list[str]:
    if not ids:
        return []
    more = ", …" if len(ids) > _SHOWN else ""
    return [f"{len(ids)} {what}: {', '.join(ids[:_SHOWN])}{more}"]
