"""``python -m emulation.console``: pages on the console port, the X-Ray daemon on its UDP port."""

from __future__ import annotations

import boto3

from emulation.console.app import create_app
from emulation.console.emf import EmfHarvester
from emulation.console.emulator import EmulatorReader
from emulation.console.queue_depths import QueueDepths
from emulation.console.traces import TraceStore
from emulation.private import keep_private
from emulation.serving import serve
from emulation.settings import ACCESS_KEY, REGION, SECRET_KEY, Settings


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings()
    session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=REGION)
    logs = session.client("logs", endpoint_url=settings.url("emulator"))
    cloudwatch = session.client("cloudwatch", endpoint_url=settings.url("emulator"))
    sqs = session.client("sqs", endpoint_url=settings.url("emulator"))
    app = create_app(
        TraceStore(),
        EmulatorReader(settings.url("emulator"), logs),
        EmfHarvester(logs, cloudwatch, also=QueueDepths(sqs, cloudwatch).put),
        (settings.bind_host, settings.port("xray")),
    )
    serve("console", app, settings)


if __name__ == "__main__":
    main()
