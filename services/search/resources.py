"""What search answers with, but for the posts and people that it finds."""

from __future__ import annotations

from typing_extensions import TypedDict


class HighlightSegment(TypedDict):
    """A piece of a found text; ``match`` says whether the query found it."""

    text: str
    match: bool


class FacetCount(TypedDict):
    value: str
    count: int


class TagHit(TypedDict):
    tag: str
    posts: int


class TrendResource(TagHit):
    """``growth``: posts of the window by those of the window before it."""

    people: int
    growth: float


class Trends(TypedDict):
    items: list[TrendResource]
