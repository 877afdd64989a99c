"""The routes: WHIP (RFC 9725) to publish and WHEP (draft-ietf-wish-whep-03) to watch.

| Request | What it does |
|---|---|
| ``POST /whip/{room}/{feed}`` | an offer → 201, the answer, and ``Location`` of the session |
| ``POST /whep/{room}/{feed}`` | without a body → 201 and an offer; with an offer → 406 and a counter-offer |
| ``PATCH /sessions/{id}`` | the answer to that offer → 204 |
| ``DELETE /sessions/{id}`` | ends it → 200 |
| ``PUT /leases`` | a newer token: what the page opened stays → 204 |
| ``PUT /rooms/{room}`` | by the app: held open for a minute → whether anybody's media arrive |
| ``DELETE /rooms/{room}`` | by the app: all that is open there ends → 200 |

Janus offers to its viewers, so a viewer's own offer is declined as the draft says (4.2.3). Only the client that opened
a session knows its id. There is no trickle ICE: Janus puts its candidates into its description, and learns the other
side's from their first connectivity checks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.middleware.cors import CORSMiddleware

from emulation.sfu import tokens
from emulation.sfu.janus import Janus
from emulation.sfu.rooms import NotPublished, Rooms, Unavailable
from emulation.sfu.tokens import Denied, Token

_SDP = "application/sdp"
#: A session description of four lines has 10 KB.
_BODY_LIMIT = 64_000


class NotSdp(Exception):
    """Another content type, an empty body or one that is too long."""


def create_app(socket: str, janus_secret: str, token_secret: str, origins: Collection[str]) -> FastAPI:
    """``socket`` is where Janus listens; ``origins`` are those whose pages may call."""

    async def forget() -> None:
        rooms.forget()

    janus = Janus(socket, janus_secret, forget)
    rooms = Rooms(lambda: janus, janus_secret)

    @contextlib.asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(janus.run()), asyncio.create_task(rooms.sweep())]
        yield
        for task in tasks:
            task.cancel()

    app = FastAPI(title="SFU", docs_url=None, redoc_url=None, openapi_url=None, lifespan=running)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=sorted(origins),
        allow_methods=["POST", "PATCH", "PUT", "DELETE"],
        allow_headers=["authorization", "content-type"],
        expose_headers=["location"],
        max_age=600,
    )

    @app.get("/_health")
    def health() -> Response:
        state = {"service": "sfu", "status": "ok" if janus.is_connected else "no Janus", **rooms.counts()}
        return JSONResponse(state, status_code=200 if janus.is_connected else 503)

    _add_routes(app, rooms, lambda request: tokens.read(request.headers.get("authorization", ""), token_secret))
    _add_problems(app)
    return app


def _add_routes(app: FastAPI, rooms: Rooms, token_of: Callable[[Request], Token]) -> None:
    @app.post("/whip/{room}/{feed}")
    async def publish(request: Request, room: str, feed: str) -> Response:
        token = token_of(request)
        session, answer = await rooms.publish(token, room, feed, await _description(request))
        return _created(session.id, answer)

    @app.post("/whep/{room}/{feed}")
    async def watch(request: Request, room: str, feed: str) -> Response:
        session, offer = await rooms.watch(token_of(request), room, feed)
        return _created(session.id, offer, 406 if await request.body() else 201)

    @app.patch("/sessions/{session_id}")
    async def answer(request: Request, session_id: str) -> Response:
        await rooms.answer(session_id, await _description(request))
        return Response(status_code=204)

    @app.delete("/sessions/{session_id}")
    async def end(session_id: str) -> Response:
        await rooms.close(session_id)
        return Response(status_code=200)

    @app.put("/leases")
    async def renew(request: Request) -> Response:
        rooms.renew(token_of(request))
        return Response(status_code=204)

    @app.put("/rooms/{room}")
    async def hold(request: Request, room: str) -> Response:
        return JSONResponse({"sends": rooms.hold(token_of(request), room)})

    @app.delete("/rooms/{room}")
    async def end_room(request: Request, room: str) -> Response:
        await rooms.end(token_of(request), room)
        return Response(status_code=200)


def _add_problems(app: FastAPI) -> None:
    statuses: dict[type[Exception], int] = {
        Denied: 401, NotPublished: 404, KeyError: 404, NotSdp: 415, Unavailable: 503,
    }  # fmt: skip

    async def answer(_: Request, error: Exception) -> Response:
        status = statuses[type(error)]
        detail = "Session not found: it has ended, or its id is wrong." if isinstance(error, KeyError) else str(error)
        return JSONResponse({"status": status, "detail": detail}, status_code=status)

    for kind in statuses:
        app.add_exception_handler(kind, answer)


async def _description(request: Request) -> str:
    body = await request.body()
    if request.headers.get("content-type", "").split(";")[0].strip() != _SDP or not 0 < len(body) <= _BODY_LIMIT:
        raise NotSdp(f"expected a session description as {_SDP}, up to {_BODY_LIMIT} bytes")
    return body.decode("utf-8", "replace")


def _created(session_id: str, sdp: str, status: int = 201) -> Response:
    return Response(sdp, status, {"location": f"/sessions/{session_id}"}, _SDP)
