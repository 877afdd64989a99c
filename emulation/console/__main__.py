"""``python -m emulation.console``: pages on the console port, the X-Ray daemon on its UDP port."""

from __future__ import annotations

from emulation import starting  # isort: split

import ssl

import httpx

from emulation.console.access_logs import AccessLogs
from emulation.console.app import create_app
from emulation.console.described import ApiDescribed, EmulatorDescribed
from emulation.console.drills import Drills
from emulation.console.emf import EmfHarvester
from emulation.console.emulator import EmulatorReader
from emulation.console.gateway_counts import GatewayCounts
from emulation.console.later import Clients
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

#: A page says after these that a server does not respond. CloudWatch reads an hour of all metrics for one page.
_SECONDS, _CLOUDWATCH_SECONDS = 5.0, 10.0
_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _http(url: str, seconds: float = _SECONDS) -> httpx.Client:
    """Without TLS, which loopback has not: to read all certificate authorities takes as long as half of the rest."""
    return httpx.Client(base_url=url, headers=HELPER_HEADERS, timeout=seconds, verify=_NO_AUTHORITIES)


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings()
    # Only MiniStack in our process answers more than AWS's API.
    own = settings.companion_url == settings.url("emulator")
    clients = Clients(settings)
    logs, cloudwatch = clients.later("logs", _SECONDS), clients.later("cloudwatch", _CLOUDWATCH_SECONDS)
    sqs, dynamodb = clients.later("sqs", _SECONDS), clients.later("dynamodb", _SECONDS)
    metrics = clients.later("cloudwatch")
    http, gateway = _http(settings.url("emulator")), _http(settings.url("gateway"))
    index = LineIndex(EmulatorLines(http, logs) if own else ApiLines(logs))
    described = EmulatorDescribed(http) if own else ApiDescribed(sqs, dynamodb, clients.later("lambda", _SECONDS))
    also = [QueueDepths(described, metrics).put, GatewayCounts(gateway, metrics).put]
    readers = Readers(
        EmulatorReader(_http(settings.companion_url), _http(settings.url("gateway"))),
        LogReader(index),
        QueueReader(sqs, described),
        TableReader(described, _http(settings.url("pump"))),
        MetricReader(cloudwatch),
        PushReader(settings.url("push"), settings.url("emulator") if own else "", _http("")),
    )
    app = create_app(
        TraceStore(),
        readers,
        EmfHarvester(index, metrics, also),
        (settings.bind_host, settings.port("xray")),
        Programs(Drills(settings.drills), AccessLogs(settings.access_logs), Saves(settings.saves)),
    )
    starting.done()
    serve("console", app, settings)


if __name__ == "__main__":
    main()
