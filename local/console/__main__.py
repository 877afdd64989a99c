"""``python -m local.console``: pages on the console port, the X-Ray daemon on its UDP port."""

from __future__ import annotations

import boto3

from local.console.app import create_app
from local.console.emf import EmfHarvester
from local.console.emulator import EmulatorReader
from local.console.queue_depths import QueueDepths
from local.console.traces import TraceStore
from local.private import keep_private
from local.serving import serve
from local.settings import ACCESS_KEY, REGION, SECRET_KEY, Settings


def main() -> None:
    """Serve until SIGTERM."""
    keep_private()
    settings = Settings.load()
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
