"""Queries about people, posts, media and timelines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Path, Response

from services.common.cursors import Cursor, Page, decode
from services.common.errors import AppError, NotFound, ProfileMissing
from services.common.http import Absent, CurrentViewer, CursorText, Limit, Router
from services.common.ids import ULID_PATTERN, USER_ID_PATTERN, is_id
from services.common.resources import MediaResource, PageResource
from services.common.responses import JSONResponse
from services.common.signed_urls import granted_media
from services.common.tokenizer import folded_tag
from services.media.public import MediaRepository
from services.media.public import to_resource as media_resource
from services.posts.public import V1, V2, Post, PostRepository, PostResource, PostV2
from services.profiles.public import (
    PersonResource,
    Profile,
    ProfileCounts,
    ProfileRepository,
    ProfileResource,
    normalised_handle,
    shut,
    to_resource,
)
from services.query.hydration import Hydration
from services.query.pages import shown_page
from services.query.resources import Timeline
from services.timelines.public import Entry, Job, JobKind, JobQueue, TimelineRepository, list_of

UserId = Annotated[str, Path(pattern=USER_ID_PATTERN)]
PostId = Annotated[str, Path(pattern=ULID_PATTERN)]
MediaId = Annotated[str, Path(pattern=ULID_PATTERN)]
Tag = Annotated[str, Path(min_length=1, max_length=100)]


def ulid_cursor(text: str | None, scope: str) -> Cursor | None:
    """All lists here are ordered by ULIDs. Raises: InvalidCursor."""
    return decode(text, scope, is_id)


def page_json(items: Sequence[Mapping[str, Any]], page: Page[Any]) -> JSONResponse:
    """The Page resource of API v1; its items may be fewer than the limit though there are older ones."""
    return JSONResponse({"items": list(items), "older": page.older, "newer": page.newer})


class SocialQueries:
    """The reads, composed over the contexts' repositories."""

    def __init__(
        self,
        profiles: ProfileRepository,
        posts: PostRepository,
        media: MediaRepository,
        timelines: TimelineRepository,
        jobs: JobQueue,
        active_days: int,
        live_of: Callable[[str, str], str | None],
    ) -> None:
        """``live_of``: viewer and host → the host's broadcast that runs, for those who may watch it."""
        self.profiles = profiles
        self.posts = posts
        self.media = media
        self.timelines = timelines
        self._jobs, self._active_days, self._live_of = jobs, active_days, live_of
        self.hydration = Hydration(posts, profiles)

    def profile(self, viewer_id: str, user_id: str, missing: AppError) -> ProfileResource:
        """Profile resource of ``user_id`` as ``viewer_id`` sees it."""
        found: Profile | None = self.profiles.get(user_id)
        if found is None:
            raise missing
        relationship = self.profiles.relationship(viewer_id, user_id)
        if relationship.blocked_by:
            # A blocked person sees the name and that they are blocked, and nothing else.
            return to_resource(replace(found, bio="", bio_mentions=(), header_url=None), ProfileCounts(), relationship)
        if found.suspended and user_id != viewer_id:
            found = shut(found)
        told = self.posts.count_by(user_id, itself=relationship.itself, follows=relationship.following)
        counts = replace(self.profiles.counts(user_id), posts=told)
        return to_resource(found, counts, relationship, self._live_of(viewer_id, user_id))

    def timeline(self, viewer_id: str, page: Page[Entry]) -> JSONResponse:
        return page_json(self.hydration.entries(viewer_id, page.items), page)

    def reading(self, viewer_id: str, reader: str, cursor: Cursor | None, limit: int) -> JSONResponse:
        """The timeline of the viewer or of one of their lists. The fan-out records the first visit of a day, and
        rebuilds the timeline of a reader who was long away: meanwhile ``rebuilding`` is set. Timelines without frames
        of the fan-out are not ``live``: lists, and homes with merged authors."""
        page, state = self.timelines.home(reader, cursor, limit)
        if not state.was_here_today:
            self._jobs.send(Job(JobKind.VISIT, user_id=reader))
        is_active = state.is_active(self._active_days)
        items = self.hydration.entries(viewer_id, page.items)
        body = {"items": items, "older": page.older, "newer": page.newer}
        rebuilding = not is_active or state.rebuild_since is not None
        return JSONResponse({**body, "rebuilding": rebuilding, "live": not state.merged and list_of(reader) is None})

    def replies(self, viewer_id: str, post_id: str, cursor: Cursor | None, limit: int) -> JSONResponse:
        """Direct replies that the viewer may see, newest first."""

        def read(at: Cursor | None) -> Page[Post]:
            return self.posts.replies(post_id, at, limit)

        def show(posts: Sequence[Post]) -> list[PostResource]:
            return self.hydration.posts(viewer_id, posts)

        page = shown_page(read, show, scope="replies", cursor=cursor, key=lambda one: one["id"])
        return page_json(page.items, page)

    def people_of(self, viewer_id: str, user_id: str, ids: Sequence[str], page: Page[Any]) -> JSONResponse:
        """People on a list of ``user_id``; across a block it has no pages."""
        people = self.hydration.people_of(viewer_id, user_id, ids)
        return page_json(people or [], page if people is not None else Page([], None, None))

    def medium(self, viewer_id: str, media_id: str) -> MediaResource:
        """A medium, for its owner; others see it in posts, which check their audience. Raises: NotFound."""
        found = self.media.get(media_id)
        if found is None or found.owner_id != viewer_id:
            raise NotFound("Media not found.")
        return granted_media(media_resource(found))


def people_router(queries: SocialQueries) -> Router:
    """``/v1/me`` and ``/v1/users``."""
    router = Router(prefix="/v1", tags=["profiles"])
    nobody = "Person not found."

    @router.get(
        "/me",
        summary="Your profile",
        response_model=ProfileResource,
        responses={204: {"description": "You have none."}},
    )
    async def me(viewer: CurrentViewer, absent: Absent = "problem") -> Response:
        missing = ProfileMissing("Create a profile first: PUT /v1/me.")
        try:
            return JSONResponse(queries.profile(viewer.user_id, viewer.user_id, missing))
        except ProfileMissing:
            if absent == "problem":
                raise
        return Response(status_code=204)

    @router.get("/users/by-handle/{handle}", summary="A profile by its handle", response_model=ProfileResource)
    async def by_handle(handle: Annotated[str, Path(max_length=64)], viewer: CurrentViewer) -> Response:
        user_id = queries.profiles.id_of_handle(normalised_handle(handle))
        if user_id is None:
            raise NotFound(nobody)
        return JSONResponse(queries.profile(viewer.user_id, user_id, NotFound(nobody)))

    @router.get("/users/{user_id}", summary="A profile", response_model=ProfileResource)
    async def user(user_id: UserId, viewer: CurrentViewer) -> Response:
        return JSONResponse(queries.profile(viewer.user_id, user_id, NotFound(nobody)))

    @router.get(
        "/users/{user_id}/followers", summary="Followers of a person", response_model=PageResource[PersonResource]
    )
    async def followers(
        user_id: UserId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None
    ) -> Response:
        page = queries.profiles.followers(user_id, ulid_cursor(cursor, "followers"), limit)
        ids = [edge["followerId"] for edge in page.items]
        return queries.people_of(viewer.user_id, user_id, ids, page)

    @router.get(
        "/users/{user_id}/following",
        summary="People whom a person follows",
        response_model=PageResource[PersonResource],
    )
    async def following(
        user_id: UserId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None
    ) -> Response:
        page = queries.profiles.following(user_id, ulid_cursor(cursor, "following"), limit)
        ids = [edge["followeeId"] for edge in page.items]
        return queries.people_of(viewer.user_id, user_id, ids, page)

    return router


def timelines_router(queries: SocialQueries) -> Router:
    """``/v1/timelines``."""
    router = Router(prefix="/v1/timelines", tags=["timelines"])

    @router.get("/home", summary="Posts of people you follow, and your own", response_model=Timeline)
    async def home(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        return queries.reading(viewer.user_id, viewer.user_id, ulid_cursor(cursor, "home"), limit)

    @router.get("/public", summary="Everyone's public posts", response_model=PageResource[PostResource])
    async def public(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        return queries.timeline(viewer.user_id, queries.timelines.public(ulid_cursor(cursor, "public"), limit))

    @router.get("/tags/{tag}", summary="Public posts with a tag", response_model=PageResource[PostResource])
    async def tagged(tag: Tag, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        name = folded_tag(tag.removeprefix("#").removeprefix("＃"))
        return queries.timeline(viewer.user_id, queries.timelines.tag(name, ulid_cursor(cursor, "tag"), limit))

    return router


def posts_router(queries: SocialQueries) -> Router:
    """``/v1/posts``, ``/v2/posts`` and ``/v1/media``."""
    router = Router()

    def found(document: Mapping[str, Any] | None) -> Response:
        if document is None:
            raise NotFound("Post not found.")
        return JSONResponse(document)

    @router.get("/v1/posts/{post_id}", summary="A post", tags=["posts"], response_model=PostResource)
    async def post(post_id: PostId, viewer: CurrentViewer) -> Response:
        return found(queries.hydration.post(viewer.user_id, post_id, V1))

    @router.get("/v2/posts/{post_id}", summary="A post (version 2)", tags=["posts"], response_model=PostV2)
    async def post_v2(post_id: PostId, viewer: CurrentViewer) -> Response:
        return found(queries.hydration.post(viewer.user_id, post_id, V2))

    @router.get(
        "/v1/posts/{post_id}/replies",
        summary="Direct replies to a post",
        tags=["posts"],
        response_model=PageResource[PostResource],
    )
    async def replies(post_id: PostId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        where = ulid_cursor(cursor, "replies")
        found(queries.hydration.post(viewer.user_id, post_id, V1))
        return queries.replies(viewer.user_id, post_id, where, limit)

    @router.get(
        "/v1/media/{media_id}", summary="A media item and its state", tags=["media"], response_model=MediaResource
    )
    async def medium(media_id: MediaId, viewer: CurrentViewer) -> Response:
        return JSONResponse(queries.medium(viewer.user_id, media_id))

    return router
