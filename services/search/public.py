"""What other contexts may use of search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from services.search.model import FOLLOWING_LIMIT, Audience, SearchPage
from services.search.queries import (
    MOST_TREND_HOURS,
    TREND_CANDIDATES,
    search_people,
    search_posts,
    search_tags,
    suggest,
    trends,
)
from services.search.query_language import parse
from services.search.resources import (
    FacetCount,
    HighlightSegment,
    TagHit,
    TrendResource,
    Trends,
    facet_resource,
    segment_resource,
    tag_resource,
    trend_resource,
)

if TYPE_CHECKING:
    from services.search.derived import IndexComparison
    from services.search.index import SearchIndex
    from services.search.reindex import Progress, ReindexOutcome

__all__ = [
    "FOLLOWING_LIMIT",
    "MOST_TREND_HOURS",
    "TREND_CANDIDATES",
    "Audience",
    "FacetCount",
    "HighlightSegment",
    "IndexComparison",
    "Progress",
    "ReindexOutcome",
    "SearchIndex",
    "SearchPage",
    "TagHit",
    "TrendResource",
    "Trends",
    "compare_index",
    "doubled_indices",
    "estimated_items",
    "facet_resource",
    "outdated_indices",
    "parse",
    "rebuild_indices",
    "refill_indices",
    "search_index",
    "search_people",
    "search_posts",
    "search_tags",
    "segment_resource",
    "suggest",
    "tag_resource",
    "trend_resource",
    "trends",
]


@cache
def search_index(endpoint: str) -> SearchIndex:
    """Loads the client at the first search: it would cost every other cold start most of its time."""
    from services.search.index import search_index as connected

    return connected(endpoint)


def rebuild_indices(
    endpoint: str, tables: Sequence[str], *, now: datetime, told: Callable[[Progress], None]
) -> ReindexOutcome:
    """Fill new versions of every index from the tables of posts and profiles, then move readers to them.

    Args:
        told: called for every batch.

    Raises:
        Unavailable: OpenSearch stopped answering; readers still use the old indices, the new ones are removed.
    """
    from services.search.index import search_index as connected
    from services.search.reindex import reindex
    from services.search.repository import all_items

    return reindex(connected(endpoint), lambda: all_items(*tables), now=now, told=told)


def refill_indices(endpoint: str, tables: Sequence[str], *, told: Callable[[Progress], None]) -> ReindexOutcome | None:
    """Fill indices that began empty, where they are; None when they have to be replaced (``rebuild_indices``).

    Raises:
        Unavailable: OpenSearch stopped answering; what was written stays.
    """
    from services.search.index import search_index as connected
    from services.search.reindex import refill
    from services.search.repository import all_items

    return refill(connected(endpoint), lambda: all_items(*tables), told=told)


def compare_index(endpoint: str, table_posts: str, table_profiles: str) -> IndexComparison:
    """Compares documents with posts and profiles. Loaded on demand: no function uses it."""
    from services.search.derived import IndexComparison
    from services.search.index import search_index as connected

    return IndexComparison(connected(endpoint), {table_posts: "POST", table_profiles: "PROFILE"})


def outdated_indices(endpoint: str) -> list[str]:
    """Names of the indices that readers use and that are of an older version than the code.

    Raises:
        Unavailable: OpenSearch doesn't answer.
    """
    from services.search.index import search_index as connected

    return connected(endpoint).outdated()


def doubled_indices(endpoint: str) -> dict[str, list[str]]:
    """Aliases with more than one index, with which a search counts twice or fails.

    Raises:
        Unavailable: OpenSearch doesn't answer.
    """
    from services.search.index import search_index as connected

    return connected(endpoint).doubled()


def estimated_items(tables: Sequence[str]) -> int:
    """Items of the tables as DynamoDB last counted them (about every six hours)."""
    from services.search.repository import estimated_items as estimated

    return estimated(*tables)
