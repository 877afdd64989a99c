"""Resources that the Query function composes from several contexts."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from services.common.resources import Author, Paging
from services.posts.public import PostResource
from services.profiles.public import PersonResource
from services.search.public import FacetCount, HighlightSegment, TagHit


class Timeline(Paging):
    """``rebuilding``: posts that the reader missed while away are still being added. ``live``: a frame
    ``timeline.posted`` announces every new post; otherwise request newer ones while the timeline is in view."""

    items: list[PostResource]
    rebuilding: bool
    live: bool


class Ancestor(TypedDict):
    """``post`` is null if it was deleted or the viewer may not see it."""

    postId: str
    post: PostResource | None


class ThreadReply(TypedDict):
    """``depth``: generations below the requested post, 1 for its direct replies."""

    depth: int
    post: PostResource


class Thread(TypedDict):
    """``ancestors`` from the first post down, on the first page; ``replies`` in reading order."""

    post: PostResource
    ancestors: list[Ancestor]
    replies: list[ThreadReply]
    next: str | None


class Reactor(TypedDict):
    person: PersonResource
    emoji: str
    at: str


class MutedThread(TypedDict):
    """``id`` is the id of its root post; ``post`` is null if that was deleted."""

    id: str
    post: PostResource | None


class PostHit(TypedDict):
    """``highlight`` is the whole text in segments; empty if nothing is marked."""

    post: PostResource
    highlight: list[HighlightSegment]


class SearchPageResource(Paging):
    """Posts with ``facets`` and ``total`` (on the first page), people, or tags. ``unknownHandles`` are the handles in
    the query that nobody has."""

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
