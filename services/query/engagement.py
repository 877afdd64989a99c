"""Queries about engagement: who liked, reposted or quoted a post, threads, bookmarks, pins, profile timelines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from fastapi import Response

from services.common.cursors import Cursor, Page, decode, page_of
from services.common.errors import NotFound
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.ids import ULID, is_id
from services.common.resources import PageResource
from services.common.responses import JSONResponse
from services.posts.public import (
    DEPTH,
    V1,
    EngagementRepository,
    Post,
    PostResource,
    ReplyTo,
    ancestors_of,
    depth_below,
    labels_of,
    post_of,
)
from services.profiles.public import PersonResource
from services.query.pages import shown_page
from services.query.resources import Reactor, Thread
from services.query.social import PostId, SocialQueries, UserId, page_json, ulid_cursor
from services.timelines.public import Entry

_PATH = re.compile(rf"^(/[01]{ULID}){{1,30}}$")
#: Posts right above one that stands deeper than paths tell.
_STEPS_UP = 10


class EngagementQueries:
    """Composed over the social queries; a viewer who may not see a post learns nothing of its people either."""

    def __init__(self, social: SocialQueries, edges: EngagementRepository) -> None:
        self._social = social
        self._edges = edges

    def people(self, viewer_id: str, post_id: str, which: str, cursor: Cursor | None, limit: int) -> Response:
        """Who liked or reposted."""
        self._seen(viewer_id, post_id)
        page = self._edges.people_of(post_id, which, cursor, limit)
        return page_json(self._social.hydration.people(viewer_id, [edge["userId"] for edge in page.items]), page)

    def reactions(self, viewer_id: str, post_id: str, cursor: Cursor | None, limit: int) -> Response:
        """Who reacted, with which emoji."""
        self._seen(viewer_id, post_id)
        page = self._edges.people_of(post_id, "reactions", cursor, limit)
        people = self._social.hydration.people(viewer_id, [edge["userId"] for edge in page.items])
        edges = {edge["userId"]: edge for edge in page.items}
        items = [{"person": one, "emoji": edges[one["id"]]["emoji"], "at": edges[one["id"]]["at"]} for one in people]
        return page_json(items, page)

    def quotes(self, viewer_id: str, post_id: str, cursor: Cursor | None, limit: int) -> Response:
        self._seen(viewer_id, post_id)
        page = shown_page(
            lambda at: self._edges.quotes(post_id, at, limit),
            lambda ids: self._shown(viewer_id, ids),
            scope="quotes",
            cursor=cursor,
            key=lambda one: f"QUOTE#{one['id']}",
        )
        return page_json(page.items, page)

    def bookmarks(self, viewer_id: str, cursor: Cursor | None, limit: int) -> Response:
        page = self._edges.bookmarks(viewer_id, cursor, limit)
        return page_json(self._shown(viewer_id, [edge["postId"] for edge in page.items]), page)

    def pins(self, viewer_id: str, user_id: str) -> Response:
        """One page: there are few."""
        return page_json(self._shown(viewer_id, self._edges.pinned(user_id)), Page([], None, None))

    def profile(self, viewer_id: str, user_id: str, cursor: Cursor | None, limit: int) -> Response:
        """What someone posted and reposted, newest first."""
        page = shown_page(
            lambda at: self._rows_of(user_id, at, limit),
            lambda rows: self._lines(viewer_id, rows),
            scope="author",
            cursor=cursor,
            key=lambda one: one["repost"]["id"] if one["repost"] else one["id"],
        )
        return page_json(page.items, page)

    def _rows_of(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Any]:
        """Two lists whose keys are ULIDs, merged."""
        rows = [
            *self._social.posts.rows_by_author(user_id, cursor, limit),
            *self._edges.reposts_by(user_id, cursor, limit),
        ]
        newer = cursor is not None and cursor.direction == "newer"
        rows = sorted(rows, key=_place, reverse=not newer)[: limit + 1]
        return page_of(rows, scope="author", cursor=cursor, limit=limit, key=_place)

    def _lines(self, viewer_id: str, rows: Sequence[Any]) -> list[PostResource]:
        reposted = [row["postId"] for row in rows if row["type"] == "repost"]
        posts = self._social.posts.many(reposted) if reposted else {}
        posts |= {row["id"]: post_of(row) for row in rows if row["type"] == "post"}
        lines = [_line(row) for row in rows if row.get("postId", row.get("id")) in posts]
        return self._social.hydration.lines(viewer_id, lines, posts)

    def thread(self, viewer_id: str, post_id: str, after: str | None, limit: int) -> Response:
        """A post with its ancestors (first page only) and a page of its replies in reading order."""
        focus = self._social.posts.get(post_id)
        if focus is None:
            raise NotFound("Post not found.")
        above = self._above(focus) if after is None else []
        below, last = self._edges.thread(focus.root_id or focus.id, focus.path, after, limit)
        found = self._social.posts.many([*above, *(one for _, one in below)])
        shown = {one["id"]: one for one in self._social.hydration.posts(viewer_id, [focus, *found.values()])}
        if focus.id not in shown:
            raise NotFound("Post not found.")
        if last:
            # A path is made of ids: the next page begins after what was shown, if anything was.
            last = next((path for path, one in reversed(below) if one in shown), last)
        return JSONResponse(
            {
                "post": shown[focus.id],
                "ancestors": [{"postId": one, "post": shown.get(one)} for one in above],
                "replies": [
                    {"depth": depth_below(path, focus.path), "post": shown[one]} for path, one in below if one in shown
                ],
                "next": Cursor("thread", "older", last).encode() if last else None,
            }
        )

    def _above(self, focus: Post) -> list[str]:
        """Ids from the first post of the thread down to the one that ``focus`` replies to."""
        told = ancestors_of(focus.path, focus.root_id)
        if focus.reply_to is None or len(labels_of(focus.path)) < DEPTH:
            return told
        steps: list[str] = []
        parent: ReplyTo | None = focus.reply_to
        while parent and parent.post_id not in told and len(steps) < _STEPS_UP:
            steps.append(parent.post_id)
            above = self._social.posts.get(parent.post_id)
            parent = above.reply_to if above else None
        return [*told, *reversed(steps)]

    def _seen(self, viewer_id: str, post_id: str) -> None:
        if self._social.hydration.post(viewer_id, post_id, V1) is None:
            raise NotFound("Post not found.")

    def _shown(self, viewer_id: str, post_ids: Sequence[str]) -> list[PostResource]:
        posts = self._social.posts.many(post_ids) if post_ids else {}
        return self._social.hydration.posts(viewer_id, [posts[one] for one in post_ids if one in posts])


def _place(row: Any) -> str:
    return str(row["gsi1sk"])


def _line(row: Any) -> Entry:
    """A line of a profile, from a post's item or a repost's."""
    if row["type"] == "repost":
        by, key = row["userId"], row["repostId"]
        return Entry(row["postId"], row["authorId"], row["visibility"], repost_id=key, reposted_by=by)
    return Entry(row["id"], row["authorId"], row["visibility"])


def _quote_cursor(text: str | None) -> Cursor | None:
    return decode(text, "quotes", lambda key: key.startswith("QUOTE#") and is_id(key.removeprefix("QUOTE#")))


def engagement_router(queries: EngagementQueries) -> Router:
    """Below ``/v1/posts/{post_id}`` and ``/v1/users/{user_id}``, and ``/v1/bookmarks``."""
    router = Router(prefix="/v1", tags=["posts"])

    @router.get("/posts/{post_id}/thread", summary="A post with its ancestors and its replies", response_model=Thread)
    async def thread(post_id: PostId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        after = decode(cursor, "thread", lambda key: _PATH.match(key) is not None)
        return queries.thread(viewer.user_id, post_id, after.key if after else None, limit)

    def people_route(which: Literal["likes", "reposts"], summary: str) -> None:
        @router.get(
            f"/posts/{{post_id}}/{which}", summary=summary, name=which, response_model=PageResource[PersonResource]
        )
        async def people(
            post_id: PostId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None
        ) -> Response:
            return queries.people(viewer.user_id, post_id, which, ulid_cursor(cursor, which), limit)

    people_route("likes", "People who like a post")
    people_route("reposts", "People who reposted a post")

    @router.get(
        "/posts/{post_id}/reactions",
        summary="People who reacted to a post, and their reactions",
        response_model=PageResource[Reactor],
    )
    async def reactions(
        post_id: PostId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None
    ) -> Response:
        return queries.reactions(viewer.user_id, post_id, ulid_cursor(cursor, "reactions"), limit)

    @router.get("/posts/{post_id}/quotes", summary="Posts that quote a post", response_model=PageResource[PostResource])
    async def quotes(post_id: PostId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        return queries.quotes(viewer.user_id, post_id, _quote_cursor(cursor), limit)

    @router.get("/bookmarks", summary="Your bookmarks", response_model=PageResource[PostResource])
    async def bookmarks(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        return queries.bookmarks(viewer.user_id, ulid_cursor(cursor, "bookmarks"), limit)

    @router.get(
        "/users/{user_id}/pins",
        summary="Pinned posts of a person",
        response_model=PageResource[PostResource],
    )
    async def pins(user_id: UserId, viewer: CurrentViewer) -> Response:
        return queries.pins(viewer.user_id, user_id)

    @router.get(
        "/users/{user_id}/posts", summary="Posts and reposts of a person", response_model=PageResource[PostResource]
    )
    async def profile(user_id: UserId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        return queries.profile(viewer.user_id, user_id, ulid_cursor(cursor, "author"), limit)

    return router
