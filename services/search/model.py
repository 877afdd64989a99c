"""Requests and results of search, without OpenSearch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from services.common.lazy_dataclasses import dataclass

Sort = Literal["relevance", "time"]
#: Marks around found words in highlights: private-use characters, which posts cannot hold a meaning for.
MARK_START, MARK_END = "\ue000", "\ue001"


@dataclass(frozen=True)
class Audience:
    """The viewer, and the data that decides which posts they may find.

    Args:
        viewer_id: the asking person.
        following: people whose followers-only posts the viewer may find; at most ``FOLLOWING_LIMIT`` are used.
        hidden: people whose posts the viewer must not find (blocked, either way round).
    """

    viewer_id: str
    following: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


#: Terms of one filter; those beyond it are found in timelines, not by search.
FOLLOWING_LIMIT = 1_000


@dataclass(frozen=True)
class Segment:
    """A piece of highlighted text; ``match`` says whether the query found it."""

    text: str
    match: bool


@dataclass(frozen=True)
class Hit:
    """A found document: its id and the whole text in segments (empty when nothing is marked)."""

    id: str
    highlight: Sequence[Segment] = ()


@dataclass(frozen=True)
class FacetValue:
    value: str
    count: int


@dataclass(frozen=True)
class SearchPage:
    """Hits in order; cursors as in ``common.cursors``; facets come with the first page only."""

    items: Sequence[Hit]
    older: str | None = None
    newer: str | None = None
    total: int = 0
    facets: Mapping[str, Sequence[FacetValue]] = field(default_factory=dict)
    did_you_mean: str | None = None
    #: Handles after ``from:`` and ``to:`` that nobody has; only with the first page.
    unknown_handles: Sequence[str] = ()


@dataclass(frozen=True)
class FoundTag:
    tag: str
    posts: int


@dataclass(frozen=True)
class TagPage:
    items: Sequence[FoundTag]


@dataclass(frozen=True)
class Suggestions:
    """Suggestions while typing: ids of people (best first), tags with their number of posts, and queries whose last
    word is completed from visible posts."""

    people: Sequence[str]
    tags: Sequence[FoundTag]
    queries: Sequence[str] = ()


@dataclass(frozen=True)
class Trend:
    """A tag that many people use now.

    ``growth`` compares the window's posts with those of the window before it (1.0: as many).
    """

    tag: str
    posts: int
    people: int
    growth: float


def segments_of(marked: str) -> list[Segment]:
    """Split text with marks; neighbouring matches become one."""
    parts: list[Segment] = []
    for text, match in re.findall(rf"{MARK_START}(.*?){MARK_END}|([^{MARK_START}]+)", marked, re.DOTALL):
        segment = Segment(text or match, bool(text))
        if parts and parts[-1].match == segment.match:
            segment = Segment(parts.pop().text + segment.text, segment.match)
        parts.append(segment)
    return parts


@dataclass(frozen=True)
class Action:
    """One change of a document. ``source`` None deletes. ``version`` resolves replays and reordering."""

    alias: str
    id: str
    version: int
    source: Mapping[str, Any] | None

    @property
    def version_type(self) -> str:
        """A delete may have the version that it deletes; a document must be newer than the stored one."""
        return "external_gte" if self.source is None else "external"
