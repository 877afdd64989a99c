"""The pump as a server: workers in the background, a health page in front."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from starlette.applications import Starlette

from emulation.aws.client import AwsClient
from emulation.pump.checkpoints import CheckpointStore
from emulation.pump.supervisor import Supervisor
from emulation.pump.takeover import Takeover
from emulation.pump.wake import Wake
from emulation.routes import Routes
from emulation.settings import Settings

log = logging.getLogger("emulation.pump")

FLUSH_SECONDS = 0.05
#: While the emulator starts beside it.
_ASK_AGAIN_SECONDS = 0.1


def create_app(settings: Settings, checkpoints: CheckpointStore) -> Starlette:
    """``GET /_health``: status ``ok``, ``starting`` (no emulator yet) or ``degraded``, and each mapping's lag."""
    running: dict[str, Supervisor] = {}
    started = time.time()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=200)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=True) as session:
            tasks = [asyncio.create_task(_pump(settings, session, checkpoints, running), name="pump")]
            tasks[0].add_done_callback(_end_after)
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    routes = Routes()

    @routes.get("/_health")
    async def health() -> dict[str, Any]:
        supervisor = running.get("supervisor")
        problem = (supervisor.problem or checkpoints.problem) if supervisor else "waiting for the emulator"
        status = "starting" if supervisor is None else "degraded" if problem else "ok"
        mappings = supervisor.describe() if supervisor else []
        return {
            "service": "pump",
            "status": status,
            "problem": problem or None,
            "uptimeSeconds": round(time.time() - started, 1),
            "signal": bool(supervisor and supervisor.wake.supported),
            "mappings": mappings,
        }

    return Starlette(routes=routes, lifespan=lifespan)


async def _pump(
    settings: Settings, session: aiohttp.ClientSession, checkpoints: CheckpointStore, running: dict[str, Supervisor]
) -> None:
    endpoint, state = settings.url("emulator"), settings.state / "pump"
    client = AwsClient(endpoint, session, settings.credentials)
    takeover = Takeover(client, state / "taken-over.json")
    while takeover.hands_off is None:
        try:
            await takeover.ask(endpoint, session)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
    wake = Wake(endpoint, session)
    running["supervisor"] = supervisor = Supervisor(client, wake, checkpoints, takeover)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(wake.run())
            group.create_task(supervisor.run())
            group.create_task(_flush(checkpoints))
    finally:
        checkpoints.flush()


def _end_after(task: asyncio.Task[None]) -> None:
    """End the process when the work has failed, so that the supervisor restarts it."""
    if not task.cancelled() and task.exception() is not None:
        log.error("the pump has ended", exc_info=task.exception())
        signal.raise_signal(signal.SIGTERM)


async def _flush(checkpoints: CheckpointStore) -> None:
    while True:
        checkpoints.try_flush()
        await asyncio.sleep(FLUSH_SECONDS)
