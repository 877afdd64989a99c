"""The console's web application: X-Ray API, JSON for its pages, and the pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from emulation.console.daemon import XRayDaemon
from emulation.console.emf import EmfHarvester
from emulation.console.pages import Programs, Readers, add_pages
from emulation.console.traces import TraceStore
from emulation.console.xray_api import router as xray_router

_STATIC = Path(__file__).parent / "static"


def create_app(
    store: TraceStore,
    readers: Readers,
    harvester: EmfHarvester | None,
    daemon: tuple[str, int] | None,
    programs: Programs,
) -> FastAPI:
    """Assemble the console.

    Args:
        readers: of what the pages show.
        harvester: ``None`` leaves metrics to the target (AWS does it itself).
        daemon: ``(host, UDP port)`` to receive segments on, or ``None`` for the API only.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        task = asyncio.create_task(harvester.run(stopping)) if harvester else None
        transport = None
        if daemon:
            loop = asyncio.get_running_loop()
            transport, _protocol = await loop.create_datagram_endpoint(lambda: XRayDaemon(store), local_addr=daemon)
        yield
        stopping.set()
        await asyncio.to_thread(programs.drills.close)
        if transport:
            transport.close()
        if task:
            with suppress(asyncio.CancelledError):
                await task

    app = FastAPI(title="Console", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(xray_router(store))
    add_pages(app, store, readers, programs)

    @app.get("/_health")
    def health() -> dict[str, Any]:
        return {
            "service": "console",
            "status": "ok",
            "traces": len(store),
            "segments": store.received,
            "refused": store.refused,
            "metrics": harvester.put if harvester else None,
            "harvest": harvester.last_error if harvester else None,
        }

    app.mount("/static", StaticFiles(directory=_STATIC), name="static")

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        programs.begin(readers.shared)
        return FileResponse(_STATIC / "index.html")

    return app
