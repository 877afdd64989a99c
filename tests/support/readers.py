"""Readers of timelines in memory, and a page as the repository reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.common.cursors import Cursor, Page, page_of
from services.timelines.model import Entry
from services.timelines.readers import Reach, ReaderState, answers_to_others, for_reader, merged_rows, today


class FakeReaders:
    """Readers and reach in dictionaries."""

    def __init__(self, most: int) -> None:
        self.most = most
        #: author → readers who get pushed posts although they also merge
        self.pushed: dict[str, set[str]] = defaultdict(set)
        self.known: dict[str, ReaderState] = defaultdict(ReaderState)
        self.reaches: dict[str, Reach] = {}

    def state(self, reader: str) -> ReaderState:
        return self.known[reader]

    def states(self, readers: Collection[str]) -> dict[str, ReaderState]:
        return {one: self.known[one] for one in readers}

    def begin(self, reader: str) -> None:
        if self.known[reader].seen_on is None:
            self.known[reader] = replace(self.known[reader], seen_on=today())

    def visit(self, reader: str, rebuild_since: str | None) -> None:
        since = rebuild_since or self.known[reader].rebuild_since
        self.known[reader] = replace(self.known[reader], seen_on=today(), rebuild_since=since)

    def rebuilt(self, reader: str, since: str) -> None:
        if self.known[reader].rebuild_since == since:
            self.known[reader] = replace(self.known[reader], rebuild_since=None)

    def merge(self, readers: Sequence[str], author_id: str) -> set[str]:
        full = {one for one in readers if len(self.known[one].merged - {author_id}) >= self.most}
        for one in set(readers) - full:
            self.known[one] = replace(self.known[one], merged=self.known[one].merged | {author_id})
        self.pushed[author_id] |= full
        return full

    def unmerge(self, reader: str, author_id: str) -> None:
        self.known[reader] = replace(self.known[reader], merged=self.known[reader].merged - {author_id})
        self.pushed[author_id].discard(reader)

    def reach(self, authors: Collection[str]) -> dict[str, Reach]:
        return {one: self.reaches.get(one, Reach.PUSHED) for one in authors}

    def set_reach(self, author_id: str, reach: Reach) -> None:
        if self.reaches.get(author_id) is not Reach.MERGED:
            self.reaches[author_id] = reach


def page_of_shelves(
    reader: str,
    merged: frozenset[str],
    shelves: Iterable[Mapping[str, Entry]],
    follows: Callable[[str], bool],
    cursor: Cursor | None,
    limit: int,
) -> Page[Entry]:
    """A page over several partitions (sort key → entry), as ``TimelineRepository.home`` reads it."""
    newer = cursor is not None and cursor.direction == "newer"
    sources: list[list[dict[str, Any]]] = []
    for shelf in shelves:
        keys = sorted(shelf, reverse=not newer)
        if cursor is not None:
            keys = [key for key in keys if (key > cursor.key if newer else key < cursor.key)]
        sources.append([{"sk": key, "entry": shelf[key]} for key in keys[: limit + 1]])
    rows = merged_rows(sources, newer=newer, limit=limit)
    page = page_of(rows, scope="home", cursor=cursor, limit=limit, key=lambda row: str(row["sk"]))
    entries: list[Entry] = [row["entry"] for row in page.items]
    followed = {one for one in answers_to_others(entries, reader, merged) if follows(one)}
    return Page([one for one in entries if for_reader(one, reader, merged, followed)], page.older, page.newer)
