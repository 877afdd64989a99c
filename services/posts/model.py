"""A post and the rules on it: what it may hold and who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.common.clock import now
from services.common.errors import BadRequest, FieldError
from services.common.relations import Relation
from services.common.text import clean
from services.common.tokenizer import tokens_of, values
from services.posts import polls
from services.posts.entities import MENTION_LIMIT, language_of, with_people
from services.posts.quotes import QuoteOf
from services.posts.reply_policy import ReplyGate, ReplyPolicy

TEXT_LIMIT = 500
WARNING_LIMIT = 200
MEDIA_LIMIT = 4


class Visibility(StrEnum):
    """public: everywhere · unlisted: by link, on the author's page and for followers, but in no public list nor search
    · followers: the author's followers and who is mentioned · mentioned: only who is mentioned."""

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

    def to_json(self) -> dict[str, Any]:
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
    media: tuple[Mapping[str, Any], ...] = ()
    entities: Entities = field(default_factory=Entities)
    version: int = 1
    deleted: bool = False
    edited_at: str | None = None
    edits: int = 0
    ever_mentioned: tuple[str, ...] = ()
    poll: polls.Poll | None = None
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
    #: Who may reply; nothing where everyone may.
    gate: ReplyGate | None = None
    #: Its place in the thread (``thread_paths.py``); empty for a thread's first post.
    path: str = ""

    @property
    def is_open(self) -> bool:
        """Whether others may carry it on, by repost or quote: everyone may see it."""
        return self.visibility in (Visibility.PUBLIC, Visibility.UNLISTED)

    def visible_to(self, viewer_id: str, relation: Relation) -> bool:
        """Whether ``viewer_id`` may know of this post at all, given their relation to its author."""
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
    """The author's own word for it (a primary language subtag, BCP 47), or a guess by script."""
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
class Counts:
    """Projections: they follow their edges within a moment. ``reactions``: emoji → how many, the most used first."""

    likes: int = 0
    replies: int = 0
    reposts: int = 0
    quotes: int = 0
    reactions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Mine:
    """How the viewer stands to a post: their edges, and whether they may reply."""

    liked: bool = False
    reposted: bool = False
    reaction: str | None = None
    bookmarked: bool = False
    can_reply: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "liked": self.liked,
            "reposted": self.reposted,
            "reaction": self.reaction,
            "bookmarked": self.bookmarked,
            "canReply": self.can_reply,
        }


#: Kinds of reactions that a post is shown with; the list of who reacted has all.
SHOWN_REACTIONS = 20


def to_json(post: Post, author: Mapping[str, Any], counts: Counts, mine: Mine) -> dict[str, Any]:
    """The Post resource of API v1; what it quotes, who reposted it and its poll's result
    are put in by who reads them: the poll is as the author sees it before anybody voted."""
    return {
        "id": post.id,
        "author": author,
        "text": post.text,
        "lang": post.lang,
        "createdAt": post.created_at,
        "visibility": post.visibility.value,
        "replyTo": post.reply_to.post_id if post.reply_to else None,
        "media": list(post.media),
        "entities": post.entities.to_json(),
        "contentWarning": post.content_warning,
        "sensitive": post.sensitive,
        "replyPolicy": post.gate.policy.value if post.gate else ReplyPolicy.EVERYONE.value,
        "quote": {"postId": post.quote_of.post_id, "state": "folded", "post": None} if post.quote_of else None,
        "repost": None,
        "counts": {
            "likes": counts.likes, "replies": counts.replies, "reposts": counts.reposts, "quotes": counts.quotes,
        },
        "reactions": [
            {"emoji": one, "count": count} for one, count in list(counts.reactions.items())[:SHOWN_REACTIONS]
        ],
        "viewer": mine.to_json(),
        "version": post.version,
        "editedAt": post.edited_at,
        "poll": polls.to_json(post.poll, now(), author=True) if post.poll else None,
        "hidden": post.hidden,
    }  # fmt: skip


def to_json_v2(post: Post, author: Mapping[str, Any], counts: Counts, mine: Mine) -> dict[str, Any]:
    """The Post resource of API v2: one ``content`` with warning and facets in place of ``text`` and ``entities``;
    people and the quoted post by id, the resources themselves under ``included``."""
    ids = {one.handle: one.user_id for one in post.entities.mentions}
    facets = [
        {
            "start": one.start,
            "end": one.end,
            "kind": one.kind,
            "value": ids[one.value] if one.kind == "mention" else one.value,
        }
        for one in with_people(tokens_of(post.text), ids)
    ]
    first = to_json(post, author, counts, mine)
    replaced = ("text", "entities", "author", "contentWarning", "repost", "quote")
    return {
        **{key: value for key, value in first.items() if key not in replaced},
        "content": {"text": post.text, "warning": post.content_warning, "facets": facets},
        "author": post.author_id,
        "quoteOf": post.quote_of.post_id if post.quote_of else None,
        "included": {"authors": [author], "posts": []},
    }
