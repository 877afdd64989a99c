"""Readers of timelines: people with a home timeline, and their lists. Rules on fan-out to them, and on merging instead.

A reader is a user id, or ``list:<owner>:<list id>``: a list is filled as a home timeline is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from services.common.clock import now
from services.common.ids import id_at
from services.common.lazy_dataclasses import dataclass
from services.timelines.model import Entry

#: Authors that one reader merges, so that a page is so many queries at most. Posts of further ones are pushed to them.
MERGED_MOST = 50
_LIST = "list:"


def list_reader(owner_id: str, list_id: str) -> str:
    """The reader id of a person's list."""
    return f"{_LIST}{owner_id}:{list_id}"


def list_of(reader: str) -> tuple[str, str] | None:
    """``(owner, list id)``; ``None`` for a person."""
    if not reader.startswith(_LIST):
        return None
    owner, _, list_id = reader.removeprefix(_LIST).partition(":")
    return owner, list_id


class Reach(StrEnum):
    """How an author's posts come to readers. pushed: by fan-out · marking: still pushed, while readers are switched to
    merging · merged: readers merge them. There is no way back: posts of the time of merging are in no home timeline."""

    PUSHED = "pushed"
    MARKING = "marking"
    MERGED = "merged"


@dataclass(frozen=True)
class ReaderState:
    """``seen_on`` is the day (UTC) of the last visit; ``merged`` are authors whose posts are merged when reading;
    ``rebuild_since`` is the id after which entries are being made up for, ``None`` when nothing is."""

    seen_on: str | None = None
    merged: frozenset[str] = frozenset()
    rebuild_since: str | None = None

    @property
    def was_here_today(self) -> bool:
        return self.seen_on == today()

    def is_active(self, active_days: int) -> bool:
        """Whether new posts are put into the timeline."""
        return self.seen_on is not None and date.fromisoformat(self.seen_on) > now().date() - timedelta(active_days)

    def missing_since(self, most_days: int) -> str:
        """The id after which entries may be missing: from a day before the last visit, or within the retention."""
        oldest = now() - timedelta(days=most_days)
        if self.seen_on is None:
            return id_at(oldest)
        seen = datetime.fromisoformat(self.seen_on).replace(tzinfo=UTC)
        return id_at(max(oldest, seen - timedelta(days=1)))


def today() -> str:
    return now().date().isoformat()


def state_of(item: Mapping[str, Any] | None) -> ReaderState:
    """From the item ``STATE``, which is absent before the first visit."""
    found = item or {}
    return ReaderState(found.get("seenOn"), frozenset(found.get("merged") or ()), found.get("rebuildSince"))


def merged_rows(sources: Iterable[Sequence[dict[str, Any]]], *, newer: bool, limit: int) -> list[dict[str, Any]]:
    """One list of up to ``limit + 1`` rows, each sort key once.

    Args:
        sources: each up to ``limit + 1`` rows in the order of the query: newest first, or oldest first for ``newer``.
            So many of each suffice: a row beyond the first of its own source is beyond the first of all.
    """
    rows = {row["sk"]: row for source in sources for row in source}
    return [rows[key] for key in sorted(rows, reverse=not newer)][: limit + 1]


def answers_to_others(entries: Iterable[Entry], reader: str, merged: frozenset[str]) -> set[str]:
    """Authors whose follows decide which merged entries are shown, so that nobody reads half a conversation."""
    merged_ones = [one for one in entries if one.by in merged and one.is_reply_to_another]
    return {one.parent_author_id for one in merged_ones if one.parent_author_id and one.parent_author_id != reader}


def for_reader(entry: Entry, reader: str, merged: frozenset[str], follows: Collection[str]) -> bool:
    """Whether fan-out would have delivered a merged entry."""
    if entry.by not in merged or entry.by == reader:
        return True
    if not entry.for_followers:
        return False
    parent = entry.parent_author_id or ""
    return not entry.is_reply_to_another or parent == reader or parent in follows
