"""The server's TCP side: health, the certificate's hash for browsers, and posts of functions to sessions."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulation.aws.client import AwsClient
from emulation.aws.socket_limits import FRAME_LIMIT
from emulation.aws.upstream import Upstream
from emulation.doors import doors
from emulation.guard import Judge
from emulation.routes import Routes
from emulation.settings import Settings
from emulation.webtransport.deployed import Deployment
from emulation.webtransport.functions import Functions
from emulation.webtransport.server import Server


def create_app(settings: Settings) -> Starlette:
    """Assemble; QUIC listens (UDP, the same port number) while the app runs."""
    running: dict[str, Server] = {}
    started = time.time()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=200, keepalive_timeout=3)
        async with (
            Upstream(settings.url("emulator"), settings.credentials) as upstream,
            aiohttp.ClientSession(connector=connector) as session,
        ):
            aws = AwsClient(settings.url("emulator"), session, settings.credentials)
            functions = Functions(Deployment(upstream), aws)
            folder = settings.state / "webtransport"
            judge = Judge(doors(settings, "webtransport"))
            server = Server(functions, judge, folder, settings.bind_host, settings.port("webtransport"))
            await server.start()
            running["server"] = server
            yield
            await server.stop()

    routes = Routes()

    @routes.get("/_health")
    async def health() -> dict[str, Any]:
        return {
            "service": "webtransport",
            "status": "ok",
            "uptimeSeconds": round(time.time() - started, 1),
            "sessions": len(running["server"].sessions),
            "certificateExpiresAt": running["server"].certificate.expires_at.isoformat(),
        }

    @routes.get("/certificate")
    async def certificate() -> Response:
        """An entry of ``serverCertificateHashes``, for the pages that the guard lets in."""
        found = running["server"].certificate
        entry = {"algorithm": "sha-256", "value": found.sha256, "expiresAt": found.expires_at.isoformat()}
        return JSONResponse(entry, headers={"access-control-allow-origin": "*", "cache-control": "no-store"})

    _add_session_routes(routes, running)
    return Starlette(routes=routes, lifespan=lifespan)


def _add_session_routes(routes: Routes, running: dict[str, Server]) -> None:
    @routes.get("/sessions")
    async def sessions() -> list[dict[str, Any]]:
        """List open sessions, for diagnosis and for tests that end one."""
        return running["server"].list()

    @routes.post("/sessions/{device}")
    async def post(device: str, request: Request) -> Response:
        frame = await request.body()
        return Response(status_code=413 if len(frame) > FRAME_LIMIT else running["server"].post(device, frame))

    @routes.delete("/sessions/{device}")
    async def cut(device: str) -> Response:
        return Response(status_code=running["server"].cut(device))
