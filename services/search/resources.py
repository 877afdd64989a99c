"""What search answers with, except for the posts and people that it finds."""

from __future__ import annotations

from typing_extensions import TypedDict

from services.search.model import FacetValue, FoundTag, Segment, Trend


class HighlightSegment(TypedDict):
    """A segment of a found text; ``match`` says whether it matches the query."""

    text: str
    match: bool


class FacetCount(TypedDict):
    value: str
    count: int


class TagHit(TypedDict):
    tag: str
    posts: int


class TrendResource(TagHit):
    """``growth``: posts in the window divided by those in the window before it."""

    people: int
    growth: float


class Trends(TypedDict):
    items: list[TrendResource]


def segment_resource(segment: Segment) -> HighlightSegment:
    return {"text": segment.text, "match": segment.match}


def facet_resource(facet: FacetValue) -> FacetCount:
    return {"value": facet.value, "count": facet.count}


def tag_resource(tag: FoundTag) -> TagHit:
    return {"tag": tag.tag, "posts": tag.posts}


def trend_resource(trend: Trend) -> TrendResource:
    return {"tag": trend.tag, "posts": trend.posts, "people": trend.people, "growth": trend.growth}
