"""Resources that many others hold: people, media."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.common.http import Body

Visibility = Literal["public", "unlisted", "followers", "mentioned"]


class Author(Body):
    id: str
    handle: str
    display_name: str
    avatar_url: str | None


class Relationship(Body):
    self: bool
    following: bool
    followed_by: bool
    requested: bool
    requested_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool


class Person(Author):
    """In lists of people."""

    bio: str
    relationship: Relationship


class MediaVariant(Body):
    """The same picture in another size and format; its height follows from the proportions."""

    url: str
    width: int
    content_type: str


class Media(Body):
    """Links expire: what they hold is that of whoever may see the post. ``placeholder`` is a ``data:`` URL."""

    id: str
    kind: Literal["photo", "video", "audio"]
    state: Literal["pending", "processing", "ready", "rejected"]
    content_type: str
    bytes: int
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    alt_text: str
    url: str | None
    thumbnail_url: str | None
    variants: list[MediaVariant] = Field(default=[])
    placeholder: str | None = None
    peaks: list[int] | None = None
    reason: str | None = None
