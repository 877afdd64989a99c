"""A post and the rules on its content and audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from services.common.errors import BadRequest, FieldError
from services.common.lazy_dataclasses import dataclass
from services.common.relations import Relation
from services.common.resources import MediaResource
from services.common.text import clean
from services.common.tokenizer import tokens_of, values
from services.posts.entities import MENTION_LIMIT, language_of, with_people
from services.posts.polls import Poll
from services.posts.quotes import QuoteOf
from services.posts.reply_policy import ReplyGate

TEXT_LIMIT = 500
WARNING_LIMIT = 200
MEDIA_LIMIT = 4


class Visibility(StrEnum):
    """public: everywhere · unlisted: by link, on the author's page and for followers, but not in public lists or search
    · followers: the author's followers and mentioned people · mentioned: only mentioned people."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    MENTIONED = "mentioned"


@dataclass(frozen=True)
class ReplyTo:
    """The post that is answered, and whose it is."""

    post_id: str
    author_id: str


@dataclass(frozen=True)
class Mention:
    handle: str
    user_id: str


@dataclass(frozen=True)
class Entities:
    tags: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    links: tuple[str, ...] = ()

    def to_item(self) -> dict[str, Any]:
        return {
            "tags": list(self.tags),
            "mentions": [{"handle": one.handle, "userId": one.user_id} for one in self.mentions],
            "links": list(self.links),
        }


@dataclass(frozen=True)
class Post:
    """``media`` are snapshots of Media resources; ``version`` grows with every change; a deleted post is a tombstone
    that keeps only id, author and thread. ``ever_mentioned`` are the ids of all whom any version mentioned."""

    id: str
    author_id: str
    text: str
    lang: str
    created_at: str
    visibility: Visibility
    client_post_id: str = ""
    reply_to: ReplyTo | None = None
    root_id: str | None = None
    media: tuple[MediaResource, ...] = ()
    entities: Entities = field(default_factory=Entities)
    version: int = 1
    deleted: bool = False
    edited_at: str | None = None
    edits: int = 0
    ever_mentioned: tuple[str, ...] = ()
    poll: Poll | None = None
    scheduled_id: str | None = None
    #: Why moderators hid it; its author still sees it, with the reason.
    hidden: str | None = None
    #: Its author is suspended.
    withheld: bool = False
    #: Shown in place of the post until the reader opens it.
    content_warning: str | None = None
    #: Its photos and videos are blurred until the reader opens them.
    sensitive: bool = False
    quote_of: QuoteOf | None = None
    #: The reply policy; ``None`` when everyone may reply.
    gate: ReplyGate | None = None
    #: Its place in the thread (``thread_paths.py``); empty for a thread's first post.
    path: str = ""

    @property
    def is_open(self) -> bool:
        """Whether others may repost or quote it: everyone may see it."""
        return self.visibility in (Visibility.PUBLIC, Visibility.UNLISTED)

    def visible_to(self, viewer_id: str, relation: Relation) -> bool:
        """Whether ``viewer_id`` may see this post, given their relation to its author."""
        if self.deleted or (viewer_id != self.author_id and (self.hidden or self.withheld)):
            return False
        if viewer_id == self.author_id:
            return True
        if relation.blocked:
            return False
        if self.visibility in (Visibility.PUBLIC, Visibility.UNLISTED):
            return True
        if any(one.user_id == viewer_id for one in self.entities.mentions):
            return True
        return self.visibility is Visibility.FOLLOWERS and relation.follows


def checked_text(text: str, *, has_media: bool) -> str:
    """Raises: BadRequest (over 500 grapheme clusters, control characters; empty and no media)."""
    return clean("text", text, limit=TEXT_LIMIT, least=0 if has_media else 1)


def checked_warning(text: str | None) -> str | None:
    """A content warning, or nothing where there is none. Raises: BadRequest (too long, control characters)."""
    return clean("contentWarning", text, limit=WARNING_LIMIT) or None if text else None


def checked_lang(lang: str | None, text: str) -> str:
    """The author's declaration (a primary language subtag, BCP 47), or a guess by script."""
    if lang is None:
        return language_of(text)
    primary = lang.lower().split("-")[0]
    if not (primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3):
        expected = "a language tag such as ja or en"
        raise BadRequest(f"lang: expected {expected}.", FieldError("lang", expected, repr(lang[:16])))
    return primary


def handles_in(text: str) -> list[str]:
    """Handles that the text mentions: those that must be resolved to people. At most ``MENTION_LIMIT`` count."""
    return values(tokens_of(text), "mention")[:MENTION_LIMIT]


def entities_of(text: str, ids: Mapping[str, str]) -> Entities:
    """Entities of a text, its mentions resolved by ``ids`` (handle → user id)."""
    facets = with_people(tokens_of(text), ids)
    return Entities(
        tags=tuple(values(facets, "tag")),
        mentions=tuple(Mention(handle, ids[handle]) for handle in values(facets, "mention")),
        links=tuple(values(facets, "link")),
    )


@dataclass(frozen=True)
class PostCounts:
    """Projections: they follow their edges within a moment. ``reactions``: emoji → how many, the most used first."""

    likes: int = 0
    replies: int = 0
    reposts: int = 0
    quotes: int = 0
    reactions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Mine:
    """The viewer's relation to a post: their edges, and whether they may reply."""

    liked: bool = False
    reposted: bool = False
    reaction: str | None = None
    bookmarked: bool = False
    can_reply: bool = True
