"""HTTP commands of live: ``/v1/live``. Reading is the Query function's: ``services/query/live.py``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.ids import USER_ID_PATTERN
from services.common.people import People
from services.common.responses import JSONResponse
from services.live.commands import LiveCommands
from services.live.model import MESSAGE_LIMIT, TITLE_LIMIT, LiveAudience
from services.live.resources import (
    Live,
    LiveIngest,
    LiveMessageResource,
    LiveViewing,
    StartedLive,
    ingest_resource,
    live_message_resource,
    live_resource,
    viewing_resource,
)

#: A UUID, as those of people.
LiveId = Annotated[str, Path(pattern=USER_ID_PATTERN)]
_SESSION = "^[A-Za-z0-9_-]{8,64}$"
_ClientId = Annotated[str, Field(min_length=1, max_length=64)]


class StartLive(Body):
    """``clientLiveId``: the client's own id; starting again with it returns the same broadcast."""

    client_live_id: _ClientId
    title: Annotated[str, Field(max_length=TITLE_LIMIT * 32)] = ""
    audience: LiveAudience = LiveAudience.PUBLIC


class AskIngest(Body):
    """``program``: for a program such as OBS, which gets one token: valid for 12 hours, until the broadcast is over."""

    program: bool = False


class Watch(Body):
    """``session`` is a random id that a page makes at each load."""

    session: Annotated[str, Field(pattern=_SESSION)]


class WriteLiveMessage(Body):
    """``clientMessageId``: the client's own id; sending again with it returns the same message."""

    client_message_id: _ClientId
    text: Annotated[str, Field(max_length=MESSAGE_LIMIT * 32)]


def build_router(commands: LiveCommands, people: People) -> Router:
    """The routes of the function ``live``."""
    router = Router(prefix="/v1/live", tags=["live"])

    @router.post("", status_code=201, summary="Start a broadcast", response_model=StartedLive)
    async def start(viewer: CurrentViewer, body: StartLive) -> Response:
        live, given = commands.start(viewer.user_id, body.client_live_id, body.title, body.audience)
        shown = live_resource(live, people.find([live.host_id]))
        return JSONResponse({**shown, "ingest": ingest_resource(given)}, status_code=201)

    @router.post("/{live_id}/ingest", summary="Get a newer token to send with", response_model=LiveIngest)
    async def ingest(viewer: CurrentViewer, live_id: LiveId, body: AskIngest) -> Response:
        return JSONResponse(ingest_resource(commands.ingest(viewer.user_id, live_id, program=body.program)))

    @router.post("/{live_id}/viewing", summary="Watch, or keep watching", response_model=LiveViewing)
    async def watch(viewer: CurrentViewer, live_id: LiveId, body: Watch) -> Response:
        live, given = commands.watch(viewer.user_id, live_id, body.session)
        return JSONResponse(viewing_resource(given, live))

    @router.delete("/{live_id}/viewing/{session}", status_code=204, summary="Stop watching")
    async def leave(
        viewer: CurrentViewer, live_id: LiveId, session: Annotated[str, Path(pattern=_SESSION)]
    ) -> Response:
        commands.leave(viewer.user_id, live_id, session)
        return Response(status_code=204)

    @router.post("/{live_id}/end", summary="End a broadcast", response_model=Live)
    async def end(viewer: CurrentViewer, live_id: LiveId) -> Response:
        live = commands.end(viewer.user_id, live_id, moderates=viewer.is_moderator)
        return JSONResponse(live_resource(live, people.find([live.host_id])))

    @router.post(
        "/{live_id}/messages", status_code=201, summary="Write beside a broadcast", response_model=LiveMessageResource
    )
    async def write(viewer: CurrentViewer, live_id: LiveId, body: WriteLiveMessage) -> Response:
        message = commands.write(viewer.user_id, live_id, body.client_message_id, body.text)
        return JSONResponse(live_message_resource(message, people.find([message.author_id])), status_code=201)

    return router
