"""Posts as clients see them, in both versions of the API, with their polls, versions, drafts and schedules."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from services.common.resources import Author, EntitiesResource, MediaResource
from services.posts.model import Visibility
from services.posts.reply_policy import ReplyPolicy


class PostCounts(TypedDict):
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
    """``choices`` are the places of what the viewer chose, empty if nothing."""

    options: list[PollOption]
    multiple: bool
    endsAt: str
    ended: bool
    voters: int
    choices: list[int]


class PostBase(TypedDict):
    """``hidden``: why moderators hid it; only its author still gets it. ``sensitive``: photos and videos stay blurred
    until the reader opens them."""

    id: str
    lang: str
    createdAt: str
    visibility: Visibility
    replyTo: str | None
    media: list[MediaResource]
    sensitive: bool
    replyPolicy: ReplyPolicy
    counts: PostCounts
    reactions: list[ReactionCount]
    viewer: PostViewer
    version: int
    editedAt: str | None
    poll: PollResource | None
    hidden: str | None


class QuotedPost(TypedDict):
    """``quoteOf`` is the id of the post that it quotes itself, which stays folded."""

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
    """``shown`` with the post; ``unavailable``: deleted, or not for the viewer; ``folded``: not looked up here."""

    postId: str
    state: Literal["shown", "unavailable", "folded"]
    post: QuotedPost | None


class Repost(TypedDict):
    """Why a post stands where it does in a list."""

    id: str
    by: Author
    at: str


class PostResource(PostBase):
    """A post. ``hidden``: why moderators hid it; only its author still gets it. ``sensitive``: photos and videos stay
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
    """``posts`` is empty where the quoted post is not there for the viewer."""

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
    """What an edit may have changed of a post."""

    id: str
    editedAt: str | None


class DraftResource(TypedDict):
    """``content`` is as the composer saved it: any fields of a publication."""

    id: str
    content: dict[str, Any]
    updatedAt: str
    version: int


class Drafts(TypedDict):
    items: list[DraftResource]


class ScheduledPost(TypedDict):
    """``post`` is the content as it was sent; ``reason`` says why it could not be published."""

    id: str
    post: dict[str, Any]
    publishAt: str
    state: Literal["scheduled", "failed"]
    reason: str | None
    version: int


class ScheduledPosts(TypedDict):
    items: list[ScheduledPost]
