"""HTTP commands of the profiles context: ``/v1/me`` and ``/v1/searches``. Edges: ``graph_api.py``."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import Path, Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.ids import ULID_PATTERN, USER_ID_PATTERN
from services.common.responses import JSONResponse
from services.profiles.commands import ProfileCommands, own_relationship
from services.profiles.fields import MOST as FIELDS_LIMIT
from services.profiles.model import ProfileCounts
from services.profiles.resources import ProfileResource, SavedSearchResource, saved_search_resource, to_resource
from services.profiles.saved_search_commands import SavedSearchCommands

UserId = Annotated[str, Path(pattern=USER_ID_PATTERN, description="A Cognito `sub`: a lower-case UUID.")]
SearchId = Annotated[str, Path(pattern=ULID_PATTERN, description="A ULID of the client's making.")]
MediaId = Annotated[str, Field(pattern=ULID_PATTERN)]


class SaveField(Body):
    """A line of the profile; if both are empty, it is left out."""

    name: str = Field(max_length=1000)
    value: str = Field(max_length=5000)


class SaveProfile(Body):
    """A person's profile. Absent fields stay as they are; ``null`` removes a picture."""

    handle: str = Field(max_length=64)
    display_name: str = Field(max_length=2000)
    bio: str = Field(default="", max_length=10_000)
    locale: str = Field(default="en", max_length=16)
    #: Followers need approval.
    locked: bool = False
    avatar_media_id: MediaId | None = None
    header_media_id: MediaId | None = None
    fields: list[SaveField] = Field(default=[], max_length=FIELDS_LIMIT)


class SaveSearch(Body):
    """A query of the search box (``docs/contexts/search.md``) and its name."""

    name: str = Field(max_length=2000)
    query: str = Field(max_length=2000)


class PostCounter(Protocol):
    """The posts context, as far as a profile shows it."""

    def count_by(self, author_id: str, *, itself: bool) -> int:
        """The number of an author's posts, for the author (``itself``) or for anybody else."""


def build_router(commands: ProfileCommands, posts: PostCounter, searches: SavedSearchCommands) -> Router:
    """The routes of the profile function."""
    router = Router(prefix="/v1")

    @router.put(
        "/me",
        summary="Create or change your profile",
        responses={201: {"model": ProfileResource}},
        tags=["profiles"],
        response_model=ProfileResource,
    )
    async def save_profile(body: SaveProfile, viewer: CurrentViewer) -> Response:
        given: dict[str, Any] = body.model_dump(include=body.model_fields_set - {"handle", "display_name"})
        profile, made = commands.save(viewer.user_id, body.handle, body.display_name, given)
        counts = ProfileCounts() if made else commands.counts(viewer.user_id)
        counts = ProfileCounts(counts.followers, counts.following, posts.count_by(viewer.user_id, itself=True))
        return JSONResponse(to_resource(profile, counts, own_relationship()), status_code=201 if made else 200)

    @router.put(
        "/searches/{search_id}",
        summary="Save a search",
        responses={201: {"model": SavedSearchResource}},
        tags=["search"],
        response_model=SavedSearchResource,
    )
    async def save_search(search_id: SearchId, body: SaveSearch, viewer: CurrentViewer) -> Response:
        search, made = searches.save(viewer.user_id, search_id, body.name, body.query)
        return JSONResponse(saved_search_resource(search), status_code=201 if made else 200)

    @router.delete("/searches/{search_id}", status_code=204, summary="Delete a saved search", tags=["search"])
    async def delete_search(search_id: SearchId, viewer: CurrentViewer) -> Response:
        searches.delete(viewer.user_id, search_id)
        return Response(status_code=204)

    return router
