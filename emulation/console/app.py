"""The console's web application: X-Ray API, JSON for its pages, and the pages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from emulation.console.daemon import XRayDaemon
from emulation.console.emf import EmfHarvester
from emulation.console.emulator import EmulatorReader
from emulation.console.traces import TraceStore
from emulation.console.xray_api import router as xray_router
from emulation.console.xray_api import service_graph

_STATIC = Path(__file__).parent / "static"
_WINDOW_S = 3600.0

Minutes = Annotated[int, Query(ge=1, le=24 * 60)]


def create_app(
    store: TraceStore, reader: EmulatorReader, harvester: EmfHarvester | None, daemon: tuple[str, int] | None
) -> FastAPI:
    """Assemble the console.

    Args:
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
        if transport:
            transport.close()
        if task:
            with suppress(asyncio.CancelledError):
                await task

    app = FastAPI(title="Console", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(xray_router(store))
    _add_data_routes(app, store, reader)

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
        return FileResponse(_STATIC / "index.html")

    return app


def _add_data_routes(app: FastAPI, store: TraceStore, reader: EmulatorReader) -> None:
    def recent(minutes: int) -> Any:
        now = time.time()
        return store.between(now - minutes * 60, now + _WINDOW_S)

    @app.get("/api/traces")
    def traces(minutes: Minutes = 30) -> list[Any]:
        return [trace.summary() for trace in recent(minutes)[:200]]

    @app.get("/api/traces/{trace_id}")
    def trace(trace_id: str) -> JSONResponse:
        found = store.get(trace_id)
        if found is None:
            return JSONResponse({"message": f"no trace {trace_id} is kept"}, status_code=404)
        spans = [
            {
                "id": entity["id"],
                "parent": parent,
                "name": entity["name"],
                "start": entity["start_time"] - found.start,
                "duration": entity.get("end_time", entity["start_time"]) - entity["start_time"],
                "fault": bool(entity.get("fault") or entity.get("error")),
                "aws": entity.get("aws") or {},
            }
            for entity, parent in found.entities()
        ]
        return JSONResponse({"id": found.id, "duration": found.end - found.start, "spans": spans})

    @app.get("/api/map")
    def service_map(minutes: Minutes = 30) -> list[Any]:
        return service_graph(recent(minutes))

    @app.get("/api/mails")
    def mails() -> JSONResponse:
        return _from_emulator(reader.mails)

    @app.get("/api/logs")
    def log_groups() -> JSONResponse:
        return _from_emulator(reader.log_groups)

    @app.get("/api/logs/events")
    def log_events(group: str, minutes: Minutes = 30) -> JSONResponse:
        return _from_emulator(lambda: reader.log_events(group, minutes))


def _from_emulator(read: Callable[[], Any]) -> JSONResponse:
    try:
        return JSONResponse(read())
    except Exception as error:
        return JSONResponse({"message": f"the emulator did not answer: {type(error).__name__}"}, status_code=503)
