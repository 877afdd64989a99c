"""``python -m emulation.console``: pages on the console port, the X-Ray daemon on its UDP port."""

from __future__ import annotations

from emulation import starting  # isort: split

import httpx

from emulation.console.access_logs import AccessLogs
from emulation.console.app import create_app
from emulation.console.clients import session_of
from emulation.console.described import ApiDescribed, EmulatorDescribed
from emulation.console.drills import Drills
from emulation.console.emf import EmfHarvester
from emulation.console.emulator import EmulatorReader
from emulation.console.gateway_counts import GatewayCounts
from emulation.console.log_lines import ApiLines, EmulatorLines, LineIndex
from emulation.console.logs import LogReader
from emulation.console.metrics import MetricReader
from emulation.console.pages import Programs, Readers
from emulation.console.pushes import PushReader
from emulation.console.queue_depths import QueueDepths
from emulation.console.queues import QueueReader
from emulation.console.saved import Saves
from emulation.console.tables import TableReader
from emulation.console.traces import TraceStore
from emulation.guard import HELPER_HEADERS
from emulation.private import keep_private
from emulation.serving import serve
from emulation.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings()
    session = session_of(settings)
    # Only MiniStack in our process answers more than AWS's API.
    own = settings.companion_url == settings.url("emulator")
    logs = session.client("logs", endpoint_url=settings.url("emulator"))
    cloudwatch = session.client("cloudwatch", endpoint_url=settings.url("emulator"))
    sqs = session.client("sqs", endpoint_url=settings.url("emulator"))
    dynamodb = session.client("dynamodb", endpoint_url=settings.url("emulator"))
    http = httpx.Client(base_url=settings.url("emulator"), headers=HELPER_HEADERS, timeout=30)
    gateway = httpx.Client(base_url=settings.url("gateway"), headers=HELPER_HEADERS, timeout=30)
    index = LineIndex(EmulatorLines(http, logs) if own else ApiLines(logs))
    described = EmulatorDescribed(http) if own else ApiDescribed(sqs, dynamodb)
    also = [QueueDepths(described, cloudwatch).put, GatewayCounts(gateway, cloudwatch).put]
    readers = Readers(
        EmulatorReader(settings.companion_url, settings.url("gateway")),
        LogReader(index),
        QueueReader(sqs, described),
        TableReader(described, settings.url("pump")),
        MetricReader(cloudwatch),
        PushReader(settings.url("push"), settings.url("emulator") if own else ""),
    )
    app = create_app(
        TraceStore(),
        readers,
        EmfHarvester(index, cloudwatch, also),
        (settings.bind_host, settings.port("xray")),
        Programs(Drills(settings.drills), AccessLogs(settings.access_logs), Saves(settings.saves)),
    )
    starting.done()
    serve("console", app, settings)


if __name__ == "__main__":
    main()
