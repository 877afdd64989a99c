"""What several contexts answer with: pages, people's names, media, what a text holds, problems.

Resources are typed dictionaries in the names of the wire: they cost nothing at run time, mypy holds functions to
them, and ``services/openapi`` describes the API from them. A resource whose domain class has its name ends in
``Resource``; its schema does not.
"""

from __future__ import annotations

from typing import Generic, Literal, NotRequired, TypeVar

from typing_extensions import TypedDict

T = TypeVar("T")


class Paging(TypedDict):
    """``older`` and ``newer`` are cursors, or null if there is no page in that direction."""

    older: str | None
    newer: str | None


class PageResource(Paging, Generic[T]):
    """``older`` and ``newer`` are cursors, or null if there is no page in that direction."""

    items: list[T]


class Author(TypedDict):
    """A person by name."""

    id: str
    handle: str
    displayName: str
    avatarUrl: str | None


class MediaVariant(TypedDict):
    """The same picture in another size and format; the height follows from the proportions."""

    url: str
    width: int
    contentType: str


class MediaResource(TypedDict):
    """Links expire, and work for anyone who has them. ``placeholder`` is a ``data:`` URL; ``peaks`` are the loudness
    of sound over time, 0 to 100."""

    id: str
    kind: Literal["photo", "video", "audio"]
    state: Literal["pending", "processing", "ready", "rejected"]
    contentType: str
    bytes: int
    width: NotRequired[int]
    height: NotRequired[int]
    durationMs: NotRequired[int]
    placeholder: NotRequired[str]
    peaks: NotRequired[list[int]]
    reason: NotRequired[str]
    altText: str
    url: str | None
    thumbnailUrl: str | None
    variants: NotRequired[list[MediaVariant]]


class MentionResource(TypedDict):
    handle: str
    userId: str


class EntitiesResource(TypedDict):
    """Tags, mentions and links in a text."""

    tags: list[str]
    mentions: list[MentionResource]
    links: list[str]


class FieldProblem(TypedDict):
    field: str
    expected: str
    got: str
    reason: NotRequired[str]


class GatewayMessage(TypedDict):
    """Responses by API Gateway itself: `Unauthorized`, `Forbidden`, `Too Many Requests`, `Service Unavailable`, …"""

    message: str


class Problem(TypedDict):
    """Problem details (RFC 9457); types: ``common/errors.py``."""

    type: str
    title: str
    status: int
    detail: NotRequired[str]
    errors: NotRequired[list[FieldProblem]]
