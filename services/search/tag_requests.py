"""Requests that count the tags of posts: how often they are used, and what trends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.common import clock
from services.search.model import Audience
from services.search.requests import visible
from services.search.words import Body


def tag_counts(names: Sequence[str], audience: Audience) -> Body:
    """How many posts, visible to the viewer, carry each tag."""
    return {
        "query": {"bool": {"filter": [visible(audience), {"terms": {"tags": list(names)}}]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"tags": {"terms": {"field": "tags", "size": len(names), "include": list(names)}}},
    }


def trends(now: datetime, window: timedelta, *, size: int, hidden: frozenset[str] = frozenset()) -> Body:
    """Tags of public posts in the last window, by how many people use them, beside the window before."""
    start, before = clock.to_text(now - window), clock.to_text(now - 2 * window)
    conditions: Body = {"filter": [{"term": {"visibility": "public"}}, {"range": {"createdAt": {"gte": before}}}]}
    if hidden:
        conditions["must_not"] = [{"terms": {"authorId": sorted(hidden)}}]
    used = {"terms": {"field": "tags", "size": size, "order": [{"people": "desc"}, {"_count": "desc"}]}}
    return {
        "query": {"bool": conditions},
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            "windows": {
                "filters": {
                    "filters": {
                        "now": {"range": {"createdAt": {"gte": start}}},
                        "before": {"range": {"createdAt": {"lt": start}}},
                    }
                },
                "aggs": {"tags": {**used, "aggs": {"people": {"cardinality": {"field": "authorId"}}}}},
            }
        },
    }
