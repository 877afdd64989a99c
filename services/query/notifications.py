"""Queries about one's own notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import JSONResponse

from services.common.dynamo import batch_get
from services.common.errors import BadRequest, FieldError
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.people import People
from services.common.resources import PageResource
from services.notifications import public as queries
from services.notifications.public import (
    Notification,
    NotificationResource,
    NotificationSettings,
    Post,
    Posts,
    PushDevices,
    Type,
    Unread,
    mutes_hide,
)
from services.profiles.public import PeopleReadModel, ProfileRepository

TypesText = Annotated[str | None, Query(max_length=200, description="Some types only, comma separated.")]


class Shield:
    """What a person does not want to hear of any more, though it was told before they blocked or muted."""

    def __init__(self, profiles: ProfileRepository) -> None:
        self._people = PeopleReadModel(profiles)

    def hidden(self, viewer_id: str, found: Sequence[Notification], posts: Mapping[str, Post]) -> set[str]:
        """Ids of those by people with whom there is a block, and of those that are muted: by person, thread or word.
        One request per hundred people."""
        actors = {one.id: one.actors[0] for one in found if one.actors}
        if not actors:
            return set()
        people, others = self._people, set(actors.values())
        known = batch_get({people.table: [people.mutes_key(viewer_id), *people.edge_keys(viewer_id, others)]})
        muted = people.mutes(known, viewer_id)
        blocked = {one for one in others if people.relation(known, viewer_id, one).blocked}
        return {
            one.id
            for one in found
            if one.id in actors
            and (
                actors[one.id] in blocked
                or mutes_hide(muted, one.type, actors[one.id], posts.get(one.subject.post_id or ""))
            )
        }


def notifications_router(people: People, shield: Shield, posts: Posts) -> Router:
    """``/v1/notifications`` and ``/v1/push-subscriptions``."""
    router = Router(prefix="/v1", tags=["notifications"])

    @router.get(
        "/notifications",
        summary="One's notifications, the newest first",
        response_model=PageResource[NotificationResource],
    )
    async def notifications(
        viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None, types: TypesText = None
    ) -> Response:
        kinds = _kinds(types)
        page = queries.list_notifications(viewer.user_id, cursor, limit, people, posts, shield.hidden, kinds)
        return JSONResponse({"items": page.items, "older": page.older, "newer": page.newer})

    @router.get("/notifications/unread", summary="How many are unread", response_model=Unread)
    async def unread(viewer: CurrentViewer) -> Response:
        marks, hidden = queries.unread(viewer.user_id, posts, shield.hidden)
        known = {"revision": marks.revision, "readUpTo": marks.read_up_to}
        return JSONResponse({"count": marks.unread - hidden, "hidden": hidden, **known})

    @router.get(
        "/notifications/settings",
        summary="What one hears of, from whom, on which channel, and when",
        response_model=NotificationSettings,
    )
    async def settings(viewer: CurrentViewer) -> Response:
        return JSONResponse(queries.settings_of(viewer.user_id))

    @router.get("/push-subscriptions", summary="One's browsers and phones that take pushes", response_model=PushDevices)
    async def devices(viewer: CurrentViewer) -> Response:
        return JSONResponse({"items": queries.devices_of(viewer.user_id)})

    return router


def _kinds(text: str | None) -> list[Type]:
    """Raises ``BadRequest`` for what is no type."""
    names = dict.fromkeys(name for name in (text or "").split(",") if name)
    try:
        return [Type(name) for name in names]
    except ValueError as error:
        fault = FieldError("types", f"some of {', '.join(Type)}", repr(text)[:64])
        raise BadRequest("There is no such type of notification.", fault) from error
