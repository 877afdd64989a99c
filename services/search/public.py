"""What other contexts may use of search."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from services.search.index import SearchIndex

__all__ = [
    "FOLLOWING_LIMIT",
    "MOST_TREND_HOURS",
    "TREND_CANDIDATES",
    "Audience",
    "SearchIndex",
    "SearchPage",
    "parse",
    "search_index",
    "search_people",
    "search_posts",
    "search_tags",
    "suggest",
    "trends",
]


@cache
def search_index(endpoint: str) -> SearchIndex:
    """Loads the client at the first search: it would cost every other cold start most of its time."""
    from services.search.index import search_index as connected

    return connected(endpoint)
