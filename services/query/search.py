"""Queries to the search index: it returns ids in order; the contexts' tables have their items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Query as Parameter
from fastapi import Response

from services.common.errors import BadRequest, FieldError
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.responses import JSONResponse
from services.profiles.public import MuteRepository, SavedSearches, SavedSearchRepository, saved_search_resource
from services.query.resources import PostHit, SearchPageResource, SuggestionsResource
from services.query.social import SocialQueries
from services.search.public import (
    FOLLOWING_LIMIT,
    MOST_TREND_HOURS,
    TREND_CANDIDATES,
    Audience,
    TrendResource,
    Trends,
    facet_resource,
    search_people,
    search_posts,
    search_tags,
    segment_resource,
    suggest,
    tag_resource,
    trend_resource,
    trends,
)

if TYPE_CHECKING:
    from services.search.public import SearchIndex

Text = Annotated[str, Parameter(max_length=512, description="The query; its language: docs/contexts/search.md.")]
Kind = Literal["posts", "people", "tags"]
Sort = Literal["relevance", "time"]
TRENDS_SHOWN = 10
Hours = Annotated[int, Parameter(ge=1, le=MOST_TREND_HOURS)]


class SearchQueries:
    """Search for one viewer."""

    def __init__(self, index: Callable[[], SearchIndex], social: SocialQueries, mutes: MuteRepository) -> None:
        self._index = index
        self._social = social
        self._mutes = mutes

    def posts(self, viewer_id: str, q: str, sort: str, cursor: str | None, limit: int) -> SearchPageResource:
        """Found posts with their highlights; each passes ``Post.visible_to`` again."""
        found = search_posts(self._index(), self._audience(viewer_id), q, sort=sort, cursor=cursor, limit=limit)
        posts = self._social.posts.many(hit.id for hit in found.items)
        live = [posts[hit.id] for hit in found.items if hit.id in posts]
        shown = {post["id"]: post for post in self._social.hydration.posts(viewer_id, live)}
        items: list[PostHit] = [
            {"post": shown[hit.id], "highlight": [segment_resource(piece) for piece in hit.highlight]}
            for hit in found.items
            if hit.id in shown
        ]
        facets = {name: [facet_resource(one) for one in values] for name, values in found.facets.items()}
        return {
            "items": items,
            "older": found.older,
            "newer": found.newer,
            "facets": facets,
            "total": found.total,
            "didYouMean": found.did_you_mean,
            "unknownHandles": list(found.unknown_handles),
        }

    def people(self, viewer_id: str, q: str, cursor: str | None, limit: int) -> SearchPageResource:
        found = search_people(self._index(), q, cursor=cursor, limit=limit)
        people = self._social.hydration.people(viewer_id, [hit.id for hit in found.items])
        return {"items": people, "older": found.older, "newer": found.newer}

    def tags(self, viewer_id: str, q: str, cursor: str | None, limit: int) -> SearchPageResource:
        """One page only: the viewer narrows the search by typing more."""
        if cursor is not None:
            raise BadRequest("Tags have only one page.", FieldError("cursor", "none", cursor[:32]))
        found = search_tags(self._index(), self._audience(viewer_id), q, limit=limit)
        return {"items": [tag_resource(one) for one in found.items], "older": None, "newer": None}

    def suggest(self, viewer_id: str, q: str) -> SuggestionsResource:
        """Muted people and words can be found, but are not suggested."""
        mutes = self._mutes.mutes_of(viewer_id)
        audience = self._audience(viewer_id)
        found = suggest(self._index(), replace(audience, hidden=audience.hidden | mutes.people), q)
        authors = self._social.profiles.authors(found.people)
        return {
            "people": [authors[one].author() for one in found.people if one in authors],
            "tags": [tag_resource(one) for one in found.tags if not mutes.hides_text(one.tag)],
            "queries": [one for one in found.queries if not mutes.hides_text(one)],
        }

    def trends(self, viewer_id: str, hours: int) -> list[TrendResource]:
        """Trends without posts of blocked or muted people, and without muted words."""
        mutes = self._mutes.mutes_of(viewer_id)
        hidden = mutes.people.union(self._social.profiles.hidden_ids(viewer_id, FOLLOWING_LIMIT))
        found = trends(self._index(), Audience(viewer_id, hidden=hidden), hours=hours, limit=TREND_CANDIDATES)
        return [trend_resource(one) for one in found if not mutes.hides_text(one.tag)][:TRENDS_SHOWN]

    def _audience(self, viewer_id: str) -> Audience:
        following = self._social.profiles.following_ids(viewer_id, FOLLOWING_LIMIT)
        hidden = self._social.profiles.hidden_ids(viewer_id, FOLLOWING_LIMIT)
        return Audience(viewer_id, following=frozenset(following), hidden=frozenset(hidden))


def search_router(search: SearchQueries, saved: SavedSearchRepository) -> Router:
    """``/v1/search``, ``/v1/searches`` and ``/v1/trends``."""
    router = Router(prefix="/v1", tags=["search"])

    @router.get("/search", summary="Posts, people or tags", response_model=SearchPageResource)
    async def find(
        viewer: CurrentViewer,
        q: Text,
        type: Kind = "posts",
        sort: Sort = "relevance",
        limit: Limit = 20,
        cursor: CursorText = None,
    ) -> Response:
        if type == "people":
            return JSONResponse(search.people(viewer.user_id, q, cursor, limit))
        if type == "tags":
            return JSONResponse(search.tags(viewer.user_id, q, cursor, limit))
        return JSONResponse(search.posts(viewer.user_id, q, sort, cursor, limit))

    @router.get(
        "/search/suggest",
        summary="People, tags and queries for what is typed so far",
        response_model=SuggestionsResource,
    )
    async def suggest(viewer: CurrentViewer, q: Text) -> Response:
        return JSONResponse(search.suggest(viewer.user_id, q))

    @router.get("/trends", summary="Tags that many people use now", response_model=Trends)
    async def trends(viewer: CurrentViewer, hours: Hours = 24) -> Response:
        return JSONResponse({"items": search.trends(viewer.user_id, hours)})

    @router.get("/searches", summary="Your saved searches, newest first", response_model=SavedSearches)
    async def searches(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": [saved_search_resource(one) for one in saved.of(viewer.user_id)]})

    return router
