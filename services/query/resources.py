"""What the Query function composes of several contexts' resources."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from services.common.resources import Author, Paging
from services.posts.public import PostResource
from services.profiles.public import PersonResource
from services.search.public import FacetCount, HighlightSegment, TagHit


class Timeline(Paging):
    """``rebuilding``: what the reader missed while away is being made up for; more is to come. ``live``: a frame
    ``timeline.posted`` tells of every new post; else ask for newer ones while somebody looks."""

    items: list[PostResource]
    rebuilding: bool
    live: bool


class Ancestor(TypedDict):
    """``post`` is null where it is deleted or not for the viewer."""

    postId: str
    post: PostResource | None


class ThreadReply(TypedDict):
    """``depth``: generations below the post that was asked for, 1 for its direct replies."""

    depth: int
    post: PostResource


class Thread(TypedDict):
    """``ancestors`` from the first post down, on the first page; ``replies`` in the order of reading."""

    post: PostResource
    ancestors: list[Ancestor]
    replies: list[ThreadReply]
    next: str | None


class Reactor(TypedDict):
    person: PersonResource
    emoji: str
    at: str


class MutedThread(TypedDict):
    """``id`` is that of the post at its root; ``post`` is null when it is gone."""

    id: str
    post: PostResource | None


class PostHit(TypedDict):
    """``highlight`` is the whole text in pieces; empty when nothing is marked."""

    post: PostResource
    highlight: list[HighlightSegment]


class SearchPageResource(Paging):
    """Posts with ``facets`` and ``total`` (on the first page), people, or tags. ``unknownHandles`` are those of the
    query that nobody has."""

    items: list[PostHit] | list[PersonResource] | list[TagHit]
    facets: NotRequired[dict[str, list[FacetCount]]]
    total: NotRequired[int]
    didYouMean: NotRequired[str | None]
    unknownHandles: NotRequired[list[str]]


class SuggestionsResource(TypedDict):
    people: list[Author]
    tags: list[TagHit]
    queries: list[str]


class Status(TypedDict):
    service: str
    status: str
    at: str
    versions: list[str]
