"""Resources of the HTTP API as clients see them. Functions answer with plain dictionaries; tests hold them to this."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from services.common.http import Body
from services.openapi.basics import Author, Media, Person, Relationship
from services.openapi.notices import Notification, NotificationSettings, PushDevices, Unread
from services.openapi.posts import EditedPost, Poll, Post, PostHistory, PostV2, Reactor, Thread
from services.openapi.trust import Case, CaseDetail, Decisions, Deletion, Export, LogEntry, MeasureInForce, Reported

T = TypeVar("T")


class FollowState(Body):
    """The account is locked: the follow waits for an answer."""

    requested: bool


class ProfileCounts(Body):
    followers: int
    following: int
    posts: int


class ProfileField(Body):
    name: str
    value: str


class Profile(Author):
    """``suspended``: the reason for which moderators suspended the person, or nothing."""

    bio: str
    header_url: str | None
    fields: list[ProfileField]
    suspended: str | None
    locale: str
    created_at: str
    locked: bool
    counts: ProfileCounts
    relationship: Relationship


class Upload(Body):
    """An S3 POST policy: send ``fields`` and then the file as multipart form to ``url``."""

    url: str
    fields: dict[str, str]
    expires_at: str


class UploadPart(Body):
    """PUT exactly ``bytes`` bytes to ``url``; it is ``null`` once the part has arrived."""

    number: int
    bytes: int
    done: bool
    url: str | None


class UploadParts(Body):
    """After ``expiresAt`` ask for new links; what has arrived stays for a day."""

    part_bytes: int
    parts: list[UploadPart]
    expires_at: str


class UploadPermit(Body):
    """``upload``, or ``parts`` when a resumable one was asked for."""

    media: Media
    upload: Upload | None = None
    parts: UploadParts | None = None


class Draft(Body):
    """``content`` is as the composer saved it: any of a publication's fields."""

    id: str
    content: dict[str, Any]
    updated_at: str
    version: int


class Drafts(Body):
    items: list[Draft]


class ScheduledPost(Body):
    """``post`` is the content as it was sent; ``reason`` says why it could not be published."""

    id: str
    post: dict[str, Any]
    publish_at: str
    state: Literal["scheduled", "failed"]
    reason: str | None
    version: int


class ScheduledPosts(Body):
    items: list[ScheduledPost]


class Call(Body):
    id: str
    caller_id: str
    callee_id: str
    media: Literal["audio", "video"]
    state: Literal["ringing", "accepted", "connected", "ended", "declined", "busy", "missed", "cancelled", "failed"]
    created_at: str
    ended_at: str | None
    reason: Literal["no_answer", "in_another_call", "caller_left", "callee_left", "both_left"] | None


class IceServer(Body):
    urls: list[str]
    username: str | None = None
    credential: str | None = None


class IceServers(Body):
    ice_servers: list[IceServer]


class Ticket(Body):
    ticket: str
    expires_at: str


class Segment(Body):
    text: str
    match: bool


class PostHit(Body):
    """``highlight`` is the whole text in pieces; empty when nothing is marked."""

    post: Post
    highlight: list[Segment]


class TagHit(Body):
    tag: str
    posts: int


class Trend(TagHit):
    people: int
    growth: float


class Suggestions(Body):
    people: list[Author]
    tags: list[TagHit]
    queries: list[str]


class Trends(Body):
    items: list[Trend]


class SavedSearch(Body):
    id: str
    name: str
    query: str
    saved_at: str


class SavedSearches(Body):
    items: list[SavedSearch]


class MutedWord(Body):
    id: str
    word: str
    muted_at: str
    expires_at: str | None


class MutedWords(Body):
    items: list[MutedWord]


class MutedThread(Body):
    """``id`` is that of the post at its root; ``post`` is null when it is gone."""

    id: str
    post: Post | None


class PeopleList(Body):
    """``contains``: whether the asked-for person is on it; null when none was asked for."""

    id: str
    name: str
    members: int
    created_at: str
    contains: bool | None


class PeopleLists(Body):
    items: list[PeopleList]


class Page(Body, Generic[T]):
    """``older`` and ``newer`` are cursors, or null where nothing lies that way."""

    items: list[T]
    older: str | None
    newer: str | None


class Timeline(Page[Post]):
    """``rebuilding``: what the reader missed while away is being made up for; more is to come. ``live``: a frame
    ``timeline.posted`` tells of every new post; else ask for newer ones while somebody looks."""

    rebuilding: bool
    live: bool


class FacetValue(Body):
    value: str
    count: int


class SearchPage(Body):
    """Posts with ``facets`` and ``total`` (on the first page), people, or tags."""

    items: list[PostHit] | list[Person] | list[TagHit]
    older: str | None
    newer: str | None
    facets: dict[str, list[FacetValue]] | None = None
    total: int | None = None
    did_you_mean: str | None = None


class Status(Body):
    service: str
    status: str
    at: str
    versions: list[str]


class FieldProblem(Body):
    field: str
    expected: str
    got: str


class Problem(Body):
    """Problem details (RFC 9457); types: ``common/errors.py``."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[FieldProblem] | None = None


#: route → the answers that are no problems: status → resource, ``None`` for no content
ANSWERS: dict[str, dict[int, Any]] = {
    "PUT /v1/me": {200: Profile, 201: Profile},
    "PUT /v1/follows/{user_id}": {202: FollowState, 204: None},
    "DELETE /v1/follows/{user_id}": {204: None},
    "PUT /v1/follow-requests/{user_id}": {204: None},
    "DELETE /v1/follow-requests/{user_id}": {204: None},
    "GET /v1/follow-requests": {200: Page[Person]},
    "GET /v1/follow-requests/sent": {200: Page[Person]},
    "PUT /v1/blocks/{user_id}": {204: None},
    "DELETE /v1/blocks/{user_id}": {204: None},
    "GET /v1/blocks": {200: Page[Person]},
    "PUT /v1/mutes/users/{user_id}": {204: None},
    "DELETE /v1/mutes/users/{user_id}": {204: None},
    "GET /v1/mutes/users": {200: Page[Person]},
    "PUT /v1/mutes/threads/{post_id}": {204: None},
    "DELETE /v1/mutes/threads/{post_id}": {204: None},
    "GET /v1/mutes/threads": {200: Page[MutedThread]},
    "PUT /v1/mutes/words/{word_id}": {200: MutedWord},
    "DELETE /v1/mutes/words/{word_id}": {204: None},
    "GET /v1/mutes/words": {200: MutedWords},
    "PUT /v1/lists/{list_id}": {200: PeopleList},
    "DELETE /v1/lists/{list_id}": {204: None},
    "PUT /v1/lists/{list_id}/members/{user_id}": {204: None},
    "DELETE /v1/lists/{list_id}/members/{user_id}": {204: None},
    "GET /v1/lists": {200: PeopleLists},
    "GET /v1/lists/{list_id}": {200: PeopleList},
    "GET /v1/lists/{list_id}/members": {200: Page[Person]},
    "PUT /v1/searches/{search_id}": {200: SavedSearch, 201: SavedSearch},
    "DELETE /v1/searches/{search_id}": {204: None},
    "POST /v1/posts": {201: Post},
    "DELETE /v1/posts/{post_id}": {204: None},
    "PUT /v1/posts/{post_id}/like": {204: None},
    "DELETE /v1/posts/{post_id}/like": {204: None},
    "PATCH /v1/posts/{post_id}": {200: EditedPost},
    "PUT /v1/posts/{post_id}/vote": {200: Poll},
    "PUT /v1/drafts/{draft_id}": {200: Draft, 201: Draft},
    "DELETE /v1/drafts/{draft_id}": {204: None},
    "PUT /v1/scheduled-posts/{scheduled_id}": {200: ScheduledPost, 201: ScheduledPost},
    "DELETE /v1/scheduled-posts/{scheduled_id}": {204: None},
    "GET /v1/posts/{post_id}/history": {200: PostHistory},
    "GET /v1/drafts": {200: Drafts},
    "GET /v1/scheduled-posts": {200: ScheduledPosts},
    "PUT /v1/posts/{post_id}/repost": {204: None},
    "DELETE /v1/posts/{post_id}/repost": {204: None},
    "PUT /v1/posts/{post_id}/reaction": {204: None},
    "DELETE /v1/posts/{post_id}/reaction": {204: None},
    "PUT /v1/posts/{post_id}/bookmark": {204: None},
    "DELETE /v1/posts/{post_id}/bookmark": {204: None},
    "PUT /v1/posts/{post_id}/pin": {204: None},
    "DELETE /v1/posts/{post_id}/pin": {204: None},
    "POST /v1/media": {201: UploadPermit},
    "POST /v1/media/{media_id}/parts": {200: UploadParts},
    "POST /v1/media/{media_id}/complete": {200: Media},
    "PATCH /v1/media/{media_id}": {200: Media},
    "DELETE /v1/media/{media_id}": {204: None},
    "POST /v1/calls": {201: Call},
    "POST /v1/calls/{call_id}/{action}": {200: Call},
    "PUT /v1/notifications/read": {204: None},
    "PUT /v1/notifications/{notification_id}/read": {204: None},
    "PATCH /v1/notifications/settings": {200: NotificationSettings},
    "PUT /v1/push-subscriptions/mobile": {204: None},
    "DELETE /v1/push-subscriptions/{device_id}": {204: None},
    "POST /v1/push-subscriptions/{device_id}/test": {202: None},
    "PUT /v1/push-subscriptions": {204: None},
    "DELETE /v1/push-subscriptions": {204: None},
    "POST /v1/realtime/tickets": {201: Ticket},
    "POST /v1/me/export": {202: Export},
    "GET /v1/me/export": {200: Export},
    "POST /v1/me/deletion": {202: Deletion},
    "POST /v1/reports": {201: Reported},
    "POST /v1/appeals": {204: None},
    "POST /v1/moderation/cases/{kind}/{subject_id}/decisions": {200: MeasureInForce},
    "GET /v1/moderation/cases": {200: Page[Case]},
    "GET /v1/moderation/cases/{kind}/{subject_id}": {200: CaseDetail},
    "GET /v1/moderation/log": {200: Page[LogEntry]},
    "GET /v1/me/decisions": {200: Decisions},
    "GET /v1/status": {200: Status},
    "GET /v1/me": {200: Profile},
    "GET /v1/users/by-handle/{handle}": {200: Profile},
    "GET /v1/users/{user_id}": {200: Profile},
    "GET /v1/users/{user_id}/posts": {200: Page[Post]},
    "GET /v1/users/{user_id}/followers": {200: Page[Person]},
    "GET /v1/users/{user_id}/following": {200: Page[Person]},
    "GET /v1/timelines/home": {200: Timeline},
    "GET /v1/timelines/lists/{list_id}": {200: Timeline},
    "GET /v1/timelines/public": {200: Page[Post]},
    "GET /v1/timelines/tags/{tag}": {200: Page[Post]},
    "GET /v1/posts/{post_id}": {200: Post},
    "GET /v2/posts/{post_id}": {200: PostV2},
    "GET /v1/posts/{post_id}/replies": {200: Page[Post]},
    "GET /v1/posts/{post_id}/thread": {200: Thread},
    "GET /v1/posts/{post_id}/likes": {200: Page[Person]},
    "GET /v1/posts/{post_id}/reposts": {200: Page[Person]},
    "GET /v1/posts/{post_id}/reactions": {200: Page[Reactor]},
    "GET /v1/posts/{post_id}/quotes": {200: Page[Post]},
    "GET /v1/users/{user_id}/pins": {200: Page[Post]},
    "GET /v1/bookmarks": {200: Page[Post]},
    "GET /v1/media/{media_id}": {200: Media},
    "GET /v1/search": {200: SearchPage},
    "GET /v1/search/suggest": {200: Suggestions},
    "GET /v1/trends": {200: Trends},
    "GET /v1/searches": {200: SavedSearches},
    "GET /v1/calls/ice-servers": {200: IceServers},
    "GET /v1/calls/{call_id}": {200: Call},
    "GET /v1/notifications": {200: Page[Notification]},
    "GET /v1/notifications/unread": {200: Unread},
    "GET /v1/notifications/settings": {200: NotificationSettings},
    "GET /v1/push-subscriptions": {200: PushDevices},
}
