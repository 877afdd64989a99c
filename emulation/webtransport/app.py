"""The server's TCP side: health, the certificate's hash for browsers, and posts of functions to sessions."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from fastapi import FastAPI, Request, Response

from emulation.aws.client import AwsClient
from emulation.aws.socket_limits import FRAME_LIMIT
from emulation.aws.upstream import Upstream
from emulation.doors import doors
from emulation.guard import Judge
from emulation.settings import Settings
from emulation.webtransport.deployed import Deployment
from emulation.webtransport.functions import Functions
from emulation.webtransport.server import Server


def create_app(settings: Settings) -> FastAPI:
    """Assemble; QUIC listens (UDP, the same port number) while the app runs."""
    running: dict[str, Server] = {}
    started = time.time()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
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

    app = FastAPI(title="WebTransport", lifespan=lifespan, openapi_url=None)

    @app.get("/_health")
    async def health() -> dict[str, Any]:
        return {
            "service": "webtransport",
            "status": "ok",
            "uptimeSeconds": round(time.time() - started, 1),
            "sessions": len(running["server"].sessions),
            "certificateExpiresAt": running["server"].certificate.expires_at.isoformat(),
        }

    @app.get("/certificate")
    async def certificate(response: Response) -> dict[str, Any]:
        """An entry of ``serverCertificateHashes``, for the pages that the guard lets in."""
        response.headers["access-control-allow-origin"] = "*"
        response.headers["cache-control"] = "no-store"
        found = running["server"].certificate
        return {"algorithm": "sha-256", "value": found.sha256, "expiresAt": found.expires_at.isoformat()}

    _add_session_routes(app, running)
    return app


def _add_session_routes(app: FastAPI, running: dict[str, Server]) -> None:
    @app.get("/sessions")
    async def sessions() -> list[dict[str, Any]]:
        """List open sessions, for diagnosis and for tests that end one."""
        return running["server"].list()

    @app.post("/sessions/{device}")
    async def post(device: str, request: Request) -> Response:
        frame = await request.body()
        return Response(status_code=413 if len(frame) > FRAME_LIMIT else running["server"].post(device, frame))

    @app.delete("/sessions/{device}")
    async def cut(device: str) -> Response:
        return Response(status_code=running["server"].cut(device))
