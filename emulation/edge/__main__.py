"""``python -m emulation.edge``: CloudFront and the gateway front in one process, on one event loop."""

from __future__ import annotations

from emulation import starting  # isort: split

import asyncio
import contextlib
import signal
from typing import Any

import uvicorn
import uvloop

from emulation.aws.socket_limits import FRAME_LIMIT, MESSAGE_LIMIT
from emulation.damage import stop_when_damaged
from emulation.doors import doors, is_api
from emulation.edge.app import Edge
from emulation.edge.logs import log, route_library_logs
from emulation.guard import Guard
from emulation.listening import PatientProtocol
from emulation.private import keep_private
from emulation.settings import Settings

_FLUSH_SECONDS = 0.5


class _Server(uvicorn.Server):
    """Signals are handled once, for all listeners together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


def _server(app: Any, host: str, port: int, **options: Any) -> _Server:
    """One listener. websockets takes (message limit, frame limit) where uvicorn documents one number."""
    limits: Any = (MESSAGE_LIMIT, FRAME_LIMIT)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="none",
        http=PatientProtocol,
        ws="websockets-sansio",
        ws_max_size=limits,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=3,
        **options,
    )
    return _Server(config)


def _listeners(edge: Edge, settings: Settings) -> list[_Server]:
    """CloudFront, the gateway, and CloudFront by TLS."""
    host = settings.bind_host
    cloudfront = Guard(edge.cloudfront, doors(settings, "edge", edge.deployed.has_distribution))
    gateway = Guard(edge.gateway, doors(settings, "gateway", is_api))
    certificate, key = (str(path) for path in edge.certificate)
    return [
        _server(cloudfront, host, settings.port("edge")),
        _server(gateway, host, settings.port("gateway")),
        _server(cloudfront, host, settings.port("edge_tls"), ssl_certfile=certificate, ssl_keyfile=key),
    ]


async def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    keep_private()
    route_library_logs()
    settings = Settings()
    async with Edge(settings) as edge:
        servers = _listeners(edge, settings)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            for server in servers:
                server.should_exit = True

        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop)
        background = [asyncio.create_task(edge.deployed.poll()), asyncio.create_task(_flush(edge))]
        starting.done()
        log("listening", edge=settings.port("edge"), gateway=settings.port("gateway"))
        try:
            await asyncio.gather(*(server.serve() for server in servers))
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            edge.flush()
    log("stopped")


async def _flush(edge: Edge) -> None:
    while True:
        await asyncio.sleep(_FLUSH_SECONDS)
        edge.flush()


if __name__ == "__main__":
    with stop_when_damaged("edge"):
        uvloop.run(main())
    starting.leave()
