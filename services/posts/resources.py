"""Posts as clients see them, in both versions of the API, with their polls and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from typing_extensions import TypedDict

from services.common.resources import Author, EntitiesResource, MediaResource
from services.posts.model import Entities, Post, Visibility
from services.posts.polls import Poll, Tally
from services.posts.reply_policy import ReplyPolicy


class PostCountsResource(TypedDict):
    """Replies and quotes that not everyone may see are not counted."""

    likes: int
    replies: int
    reposts: int
    quotes: int


class PostViewer(TypedDict):
    """``reaction`` is the viewer's emoji."""

    liked: bool
    reposted: bool
    reaction: str | None
    bookmarked: bool
    canReply: bool


class ReactionCount(TypedDict):
    emoji: str
    count: int


class PollOption(TypedDict):
    """``votes`` is null until the viewer has voted or the poll has ended."""

    text: str
    votes: int | None


class PollResource(TypedDict):
    """``choices`` are the positions of the options that the viewer chose, or empty."""

    options: list[PollOption]
    multiple: bool
    endsAt: str
    ended: bool
    voters: int
    choices: list[int]


class PostBase(TypedDict):
    """``hidden``: why moderators hid it; only its author still sees it. ``sensitive``: photos and videos stay blurred
    until the reader opens them."""

    id: str
    lang: str
    createdAt: str
    visibility: Visibility
    replyTo: str | None
    media: list[MediaResource]
    sensitive: bool
    replyPolicy: ReplyPolicy
    counts: PostCountsResource
    reactions: list[ReactionCount]
    viewer: PostViewer
    version: int
    editedAt: str | None
    poll: PollResource | None
    hidden: str | None


class QuotedPost(TypedDict):
    """``quoteOf`` is the id of the post that this post quotes, which stays folded."""

    id: str
    author: Author
    text: str
    lang: str
    createdAt: str
    visibility: Visibility
    replyTo: str | None
    media: list[MediaResource]
    entities: EntitiesResource
    contentWarning: str | None
    sensitive: bool
    quoteOf: str | None


class Quote(TypedDict):
    """``shown`` with the post; ``unavailable``: deleted, or the viewer may not see it; ``folded``: not looked up
    here."""

    postId: str
    state: Literal["shown", "unavailable", "folded"]
    post: QuotedPost | None


class Repost(TypedDict):
    """Why a post is at this place in a list."""

    id: str
    by: Author
    at: str


class PostResource(PostBase):
    """A post. ``hidden``: why moderators hid it; only its author still sees it. ``sensitive``: photos and videos stay
    blurred until the reader opens them."""

    author: Author
    text: str
    entities: EntitiesResource
    contentWarning: str | None
    quote: Quote | None
    repost: Repost | None


class FacetResource(TypedDict):
    """Offsets in Unicode code points, the end exclusive; ``value`` is a user id, a tag or an address."""

    start: int
    end: int
    kind: Literal["mention", "tag", "link"]
    value: str


class Content(TypedDict):
    """``warning`` is shown in place of the text until the reader opens it."""

    text: str
    warning: str | None
    facets: list[FacetResource]


class QuotedPostV2(TypedDict):
    id: str
    author: str
    lang: str
    createdAt: str
    visibility: Visibility
    replyTo: str | None
    media: list[MediaResource]
    sensitive: bool
    content: Content
    quoteOf: str | None


class Included(TypedDict):
    """``posts`` is empty if the viewer can't see the quoted post."""

    authors: list[Author]
    posts: list[QuotedPostV2]


class PostV2(PostBase):
    """A post in version 2 of the API: people and the quoted post by id, the resources under ``included``."""

    author: str
    content: Content
    quoteOf: str | None
    included: Included


class _Written(TypedDict):
    """What an edit may change."""

    version: int
    text: str
    lang: str
    contentWarning: str | None
    sensitive: bool
    media: list[MediaResource]
    entities: EntitiesResource


class PostVersion(_Written):
    at: str


class PostHistory(TypedDict):
    """The current version first."""

    items: list[PostVersion]


class EditedPost(_Written):
    """The fields of a post that an edit can change."""

    id: str
    editedAt: str | None


def entities_resource(entities: Entities) -> EntitiesResource:
    return {
        "tags": list(entities.tags),
        "mentions": [{"handle": one.handle, "userId": one.user_id} for one in entities.mentions],
        "links": list(entities.links),
    }


def poll_resource(
    poll: Poll, now: datetime, tally: Tally | None = None, *, choices: Sequence[int] | None = None, author: bool = False
) -> PollResource:
    """Readers who have not voted see no votes per option until the end; the author always sees them.

    Args:
        choices: what the viewer chose, ``None`` if they did not vote.
        author: whether the viewer made the poll.
    """
    tally, ended = tally or Tally(), poll.has_ended(now)
    shown = ended or author or choices is not None
    votes = [*tally.votes, *([0] * (len(poll.options) - len(tally.votes)))]
    # The projection may be a moment behind the caller's own vote.
    votes = [max(n, int(place in (choices or ()))) for place, n in enumerate(votes)]
    return {
        "options": [
            {"text": text, "votes": count if shown else None} for text, count in zip(poll.options, votes, strict=True)
        ],
        "multiple": poll.multiple,
        "endsAt": poll.ends_at,
        "ended": ended,
        "voters": max(tally.voters, int(choices is not None)),
        "choices": list(choices or ()),
    }


def _written(post: Post) -> _Written:
    return {
        "version": post.version,
        "text": post.text,
        "lang": post.lang,
        "contentWarning": post.content_warning,
        "sensitive": post.sensitive,
        "media": list(post.media),
        "entities": entities_resource(post.entities),
    }


def edited_resource(post: Post) -> EditedPost:
    return {"id": post.id, "editedAt": post.edited_at, **_written(post)}


def current_version_resource(post: Post) -> PostVersion:
    """The newest entry of a post's history."""
    return {"at": post.edited_at or post.created_at, **_written(post)}


def version_resource(version: Mapping[str, Any]) -> PostVersion:
    """One entry of a post's history, from the item of a former version."""
    return {
        "version": int(version["version"]),
        "at": version.get("editedAt") or version["createdAt"],
        "text": version.get("text", ""),
        "lang": version.get("lang", "und"),
        "contentWarning": version.get("contentWarning"),
        "sensitive": bool(version.get("sensitive")),
        "media": list(version.get("media") or ()),
        "entities": version["entities"],
    }
