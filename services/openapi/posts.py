"""Posts as clients see them, in both versions of the API."""

from __future__ import annotations

from typing import Literal

from services.common.http import Body
from services.openapi.basics import Author, Media, Person, Visibility


class Mention(Body):
    handle: str
    user_id: str


class Entities(Body):
    tags: list[str]
    mentions: list[Mention]
    links: list[str]


class PostCounts(Body):
    """Replies and quotes that not everyone may see are not counted."""

    likes: int
    replies: int
    reposts: int
    quotes: int


class PostViewer(Body):
    """``reaction`` is the viewer's emoji."""

    liked: bool
    reposted: bool
    reaction: str | None
    bookmarked: bool
    can_reply: bool


class ReactionCount(Body):
    emoji: str
    count: int


class PollOption(Body):
    """``votes`` is null for who has not voted, until the poll ends."""

    text: str
    votes: int | None


class Poll(Body):
    """``choices`` are the places of what the viewer chose, empty if nothing."""

    options: list[PollOption]
    multiple: bool
    ends_at: str
    ended: bool
    voters: int
    choices: list[int]


class PostBase(Body):
    """``hidden``: why moderators hid it; only its author still gets it. ``sensitive``: photos and videos stay blurred
    until the reader opens them."""

    id: str
    lang: str
    created_at: str
    visibility: Visibility
    reply_to: str | None
    media: list[Media]
    sensitive: bool
    reply_policy: Literal["everyone", "following", "mentioned", "nobody"]
    counts: PostCounts
    reactions: list[ReactionCount]
    viewer: PostViewer
    version: int
    edited_at: str | None
    poll: Poll | None
    hidden: str | None


class QuotedPost(Body):
    """``quote_of`` is the id of what it quotes itself, which stays folded."""

    id: str
    author: Author
    text: str
    lang: str
    created_at: str
    visibility: Visibility
    reply_to: str | None
    media: list[Media]
    entities: Entities
    content_warning: str | None
    sensitive: bool
    quote_of: str | None


class Quote(Body):
    """``shown`` with the post; ``unavailable``: deleted, or not for the viewer; ``folded``: not looked up here."""

    post_id: str
    state: Literal["shown", "unavailable", "folded"]
    post: QuotedPost | None


class Repost(Body):
    """Why a post stands where it does in a list."""

    id: str
    by: Author
    at: str


class Post(PostBase):
    author: Author
    text: str
    entities: Entities
    content_warning: str | None
    quote: Quote | None
    repost: Repost | None


class Ancestor(Body):
    """``post`` is null where it is deleted or not for the viewer."""

    post_id: str
    post: Post | None


class ThreadReply(Body):
    """``depth``: generations below the post that was asked for, 1 for its direct replies."""

    depth: int
    post: Post


class Thread(Body):
    """``ancestors`` from the first post down, on the first page; ``replies`` in the order of reading."""

    post: Post
    ancestors: list[Ancestor]
    replies: list[ThreadReply]
    next: str | None


class Reactor(Body):
    person: Person
    emoji: str
    at: str


class Facet(Body):
    """Offsets in Unicode code points, the end exclusive; ``value`` is a user id, a tag or an address."""

    start: int
    end: int
    kind: Literal["mention", "tag", "link"]
    value: str


class Content(Body):
    """``warning`` is shown in place of the text until the reader opens it."""

    text: str
    warning: str | None
    facets: list[Facet]


class QuotedPostV2(Body):
    id: str
    author: str
    lang: str
    created_at: str
    visibility: Visibility
    reply_to: str | None
    media: list[Media]
    sensitive: bool
    content: Content
    quote_of: str | None


class Included(Body):
    """``posts`` is empty where what is quoted is not there for the viewer."""

    authors: list[Author]
    posts: list[QuotedPostV2]


class PostV2(PostBase):
    author: str
    content: Content
    quote_of: str | None
    included: Included


class PostVersion(Body):
    version: int
    at: str
    text: str
    lang: str
    content_warning: str | None
    sensitive: bool
    media: list[Media]
    entities: Entities


class PostHistory(Body):
    """The current version first."""

    items: list[PostVersion]


class EditedPost(Body):
    """What an edit may have changed of a post."""

    id: str
    version: int
    edited_at: str | None
    text: str
    lang: str
    content_warning: str | None
    sensitive: bool
    media: list[Media]
    entities: Entities
