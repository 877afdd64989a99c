"""Queries about broadcasts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from services.common import cursors
from services.common.cursors import Page
from services.common.errors import LiveUnavailable
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.ids import USER_ID_PATTERN
from services.common.lazy_dataclasses import dataclass
from services.common.people import People
from services.common.resources import PageResource
from services.common.responses import JSONResponse
from services.live.public import (
    SCOPE,
    Broadcast,
    Live,
    LiveMessageRepository,
    LiveMessageResource,
    LiveRepository,
    LiveState,
    live_message_resource,
    live_resource,
    not_there,
)
from services.profiles.public import ProfileRepository
from services.query.social import page_json

_LiveId = Annotated[str, Path(pattern=USER_ID_PATTERN)]


@dataclass(frozen=True)
class LiveQueries:
    """``available``: there is a media server. Without one there are no broadcasts, and nothing is read."""

    lives: LiveRepository
    messages: LiveMessageRepository
    profiles: ProfileRepository
    people: People
    available: bool

    def running(self, viewer_id: str) -> list[Live]:
        """Broadcasts of people whom the viewer follows, and the viewer's own, the newest first."""
        self._check()
        running = self.lives.running()
        followed = self.profiles.follows(viewer_id, {host for _, host in running if host != viewer_id})
        found = self.lives.find(live_id for live_id, host in running if host in followed or host == viewer_id)
        shown = [one for one in found if _is_on(one, viewer_id)]
        shown.sort(key=lambda one: one.created_at, reverse=True)
        people = self.people.find({one.host_id for one in shown})
        return [live_resource(one, people) for one in shown]

    def of_person(self, viewer_id: str, host_id: str) -> str | None:
        """The id of a person's running broadcast, for viewers who may see it."""
        live = self.lives.current_of(host_id) if self.available else None
        return live.id if live and _is_on(live, viewer_id) and self._admits(viewer_id, live) else None

    def seen_by(self, viewer_id: str, live_id: str) -> Broadcast:
        """Raises: NotFound, LiveUnavailable."""
        self._check()
        live = self.lives.get(live_id)
        if live is None or not self._admits(viewer_id, live):
            raise not_there()
        return live

    def _admits(self, viewer_id: str, live: Broadcast) -> bool:
        relation = self.profiles.relation(viewer_id, live.host_id)
        return live.admits(viewer_id, follows=relation.follows, blocked=relation.blocked)

    def _check(self) -> None:
        if not self.available:
            raise LiveUnavailable("Live broadcasts are off: this deployment has no media server.")


def _is_on(live: Broadcast, viewer_id: str) -> bool:
    """Others see a broadcast once its media have arrived."""
    return live.state is LiveState.LIVE or (live.host_id == viewer_id and not live.is_over)


def live_router(queries: LiveQueries) -> Router:
    """``/v1/live``."""
    router = Router(prefix="/v1/live", tags=["live"])

    @router.get("", summary="Broadcasts that run: of people you follow, and yours", response_model=PageResource[Live])
    async def running(viewer: CurrentViewer) -> Response:
        return page_json(queries.running(viewer.user_id), Page([], None, None))

    @router.get("/{live_id}", summary="A broadcast", response_model=Live)
    async def live(live_id: _LiveId, viewer: CurrentViewer) -> Response:
        found = queries.seen_by(viewer.user_id, live_id)
        return JSONResponse(live_resource(found, queries.people.find([found.host_id])))

    @router.get(
        "/{live_id}/messages",
        summary="What was written beside a broadcast, newest first",
        response_model=PageResource[LiveMessageResource],
    )
    async def messages(
        live_id: _LiveId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None
    ) -> Response:
        queries.seen_by(viewer.user_id, live_id)
        page = queries.messages.page(live_id, cursors.decode(cursor, SCOPE), limit)
        people = queries.people.find({one.author_id for one in page.items})
        return page_json([live_message_resource(one, people) for one in page.items], page)

    return router
