"""Events of the posts context."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from services.common.events.envelope import DomainEvent, StateVersion
from services.common.lazy_dataclasses import dataclass

Visibility = Literal["public", "unlisted", "followers", "mentioned"]
#: Kinds of items that may show media.
PostItemKind = Literal["post", "draft", "scheduled"]


@dataclass(frozen=True)
class PostReference:
    """Another post, and whose it is."""

    post_id: str
    author_id: str


@dataclass(frozen=True, kw_only=True)
class PostPublished(DomainEvent):
    type = "post.published"
    version = 2
    added: ClassVar = {2: {"quoteOf": None}}

    post_id: str
    author_id: str
    visibility: Visibility
    reply_to: PostReference | None = None
    quote_of: PostReference | None = None
    mentions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    created_at: str


@dataclass(frozen=True, kw_only=True)
class PostEdited(DomainEvent):
    """``mentions_added`` are the people whom no earlier version of the post mentioned."""

    type = "post.edited"

    post_id: str
    author_id: str
    visibility: Visibility
    reply_to: PostReference | None = None
    mentions: tuple[str, ...] = ()
    mentions_added: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    created_at: str
    post_version: StateVersion


@dataclass(frozen=True, kw_only=True)
class PostDeleted(DomainEvent):
    type = "post.deleted"

    post_id: str
    author_id: str


@dataclass(frozen=True, kw_only=True)
class ScheduledPostPublished(DomainEvent):
    """A ``PostPublished`` of the same post comes too."""

    type = "post.scheduled_published"

    post_id: str
    author_id: str
    scheduled_id: str


@dataclass(frozen=True, kw_only=True)
class ScheduledPostFailed(DomainEvent):
    """``reason`` is a sentence for the author."""

    type = "post.scheduled_failed"

    scheduled_id: str
    author_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PollEnded(DomainEvent):
    """``recipient_ids`` are a page of the voters; the first page has the author too."""

    type = "poll.ended"

    post_id: str
    author_id: str
    recipient_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AboutPost(DomainEvent):
    """``author_id`` is the post's, ``user_id`` who did it."""

    post_id: str
    author_id: str
    user_id: str


@dataclass(frozen=True, kw_only=True)
class PostLiked(AboutPost):
    type = "post.liked"


@dataclass(frozen=True, kw_only=True)
class PostUnliked(AboutPost):
    type = "post.unliked"


@dataclass(frozen=True, kw_only=True)
class PostReposted(AboutPost):
    """``repost_id`` is a ULID: the place of the repost in timelines. ``visibility`` is the post's."""

    type = "post.reposted"

    repost_id: str
    visibility: Visibility


@dataclass(frozen=True, kw_only=True)
class PostUnreposted(AboutPost):
    type = "post.unreposted"

    repost_id: str


@dataclass(frozen=True, kw_only=True)
class PostReacted(AboutPost):
    type = "post.reacted"

    emoji: str


@dataclass(frozen=True, kw_only=True)
class PostUnreacted(AboutPost):
    type = "post.unreacted"

    emoji: str


@dataclass(frozen=True, kw_only=True)
class PostMediaChanged(DomainEvent):
    """``media_ids`` are shown now or were before, in former versions of the post too."""

    type = "post.media_changed"

    item_kind: Annotated[PostItemKind, Field(alias="kind")]
    item_id: Annotated[str, Field(alias="id")]
    author_id: str
    media_ids: tuple[str, ...]
