"""The API versions of the Post resource, and their form of quoted posts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from services.common.clock import now
from services.common.lazy_dataclasses import dataclass
from services.common.resources import Author
from services.common.tokenizer import tokens_of
from services.posts.entities import with_people
from services.posts.model import Mine, Post, PostCounts
from services.posts.reply_policy import ReplyPolicy
from services.posts.resources import (
    Content,
    PostBase,
    PostResource,
    PostV2,
    PostViewer,
    QuotedPost,
    QuotedPostV2,
    entities_resource,
    poll_resource,
)

#: How many kinds of reactions a post shows; the list of reactions has all.
SHOWN_REACTIONS = 20
R = TypeVar("R", bound=PostBase)


@dataclass(frozen=True)
class View(Generic[R]):
    """One version: ``post`` makes a resource, ``quoting`` puts the quoted post in (``None``: not for the viewer)."""

    post: Callable[[Post, Author, PostCounts, Mine], R]
    quoting: Callable[[R, Post | None, Author], R]


def to_resource(post: Post, author: Author, counts: PostCounts, mine: Mine) -> PostResource:
    """The Post resource of API v1. Readers put in what it quotes, who reposted it and its poll's result: the poll is
    as the author sees it before anybody voted."""
    return {
        **_base(post, counts, mine),
        "author": author,
        "text": post.text,
        "entities": entities_resource(post.entities),
        "contentWarning": post.content_warning,
        "quote": {"postId": post.quote_of.post_id, "state": "folded", "post": None} if post.quote_of else None,
        "repost": None,
    }


def to_resource_v2(post: Post, author: Author, counts: PostCounts, mine: Mine) -> PostV2:
    """The Post resource of API v2: one ``content`` with warning and facets in place of ``text`` and ``entities``;
    people and the quoted post by id, the resources themselves under ``included``."""
    return {
        **_base(post, counts, mine),
        "author": post.author_id,
        "content": _content(post),
        "quoteOf": _quoted_id(post),
        "included": {"authors": [author], "posts": []},
    }


def _base(post: Post, counts: PostCounts, mine: Mine) -> PostBase:
    """The fields of both versions."""
    reactions = list(counts.reactions.items())[:SHOWN_REACTIONS]
    return {
        "id": post.id,
        "lang": post.lang,
        "createdAt": post.created_at,
        "visibility": post.visibility,
        "replyTo": _answered_id(post),
        "media": list(post.media),
        "sensitive": post.sensitive,
        "replyPolicy": post.gate.policy if post.gate else ReplyPolicy.EVERYONE,
        "counts": {
            "likes": counts.likes, "replies": counts.replies, "reposts": counts.reposts, "quotes": counts.quotes,
        },
        "reactions": [{"emoji": emoji, "count": count} for emoji, count in reactions],
        "viewer": _viewer(mine),
        "version": post.version,
        "editedAt": post.edited_at,
        "poll": poll_resource(post.poll, now(), author=True) if post.poll else None,
        "hidden": post.hidden,
    }  # fmt: skip


def _viewer(mine: Mine) -> PostViewer:
    return {
        "liked": mine.liked,
        "reposted": mine.reposted,
        "reaction": mine.reaction,
        "bookmarked": mine.bookmarked,
        "canReply": mine.can_reply,
    }


def _content(post: Post) -> Content:
    ids = {one.handle: one.user_id for one in post.entities.mentions}
    return {
        "text": post.text,
        "warning": post.content_warning,
        "facets": [
            {
                "start": one.start,
                "end": one.end,
                "kind": one.kind,
                "value": ids[one.value] if one.kind == "mention" else one.value,
            }
            for one in with_people(tokens_of(post.text), ids)
        ],
    }


def _answered_id(post: Post) -> str | None:
    return post.reply_to.post_id if post.reply_to else None


def _quoted_id(post: Post) -> str | None:
    return post.quote_of.post_id if post.quote_of else None


def _quoted(post: Post, author: Author) -> QuotedPost:
    """No counts and nothing of the viewer's, and what it quotes itself stays folded."""
    return {
        "id": post.id,
        "author": author,
        "text": post.text,
        "lang": post.lang,
        "createdAt": post.created_at,
        "visibility": post.visibility,
        "replyTo": _answered_id(post),
        "media": list(post.media),
        "entities": entities_resource(post.entities),
        "contentWarning": post.content_warning,
        "sensitive": post.sensitive,
        "quoteOf": _quoted_id(post),
    }


def _quoted_v2(post: Post) -> QuotedPostV2:
    return {
        "id": post.id,
        "author": post.author_id,
        "lang": post.lang,
        "createdAt": post.created_at,
        "visibility": post.visibility,
        "replyTo": _answered_id(post),
        "media": list(post.media),
        "sensitive": post.sensitive,
        "content": _content(post),
        "quoteOf": _quoted_id(post),
    }


def _quoting(resource: PostResource, quoted: Post | None, author: Author) -> PostResource:
    assert resource["quote"] is not None
    post_id = resource["quote"]["postId"]
    if quoted is None:
        return {**resource, "quote": {"postId": post_id, "state": "unavailable", "post": None}}
    return {**resource, "quote": {"postId": post_id, "state": "shown", "post": _quoted(quoted, author)}}


def _quoting_v2(resource: PostV2, quoted: Post | None, author: Author) -> PostV2:
    if quoted is None:
        return resource
    authors = resource["included"]["authors"]
    if author["id"] not in {one["id"] for one in authors}:
        authors = [*authors, author]
    return {**resource, "included": {"authors": authors, "posts": [_quoted_v2(quoted)]}}


V1 = View(to_resource, _quoting)
V2 = View(to_resource_v2, _quoting_v2)
