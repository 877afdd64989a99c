"""boto3 clients, one of each per execution environment, with timeouts that fit inside a Lambda's."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=8,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=16,
)


@cache
def client(service: str, endpoint_url: str | None = None) -> Any:
    """A shared low-level client; ``endpoint_url`` only where the service has one per resource."""
    return boto3.client(service, endpoint_url=endpoint_url, config=_CONFIG)  # type: ignore[call-overload]


@cache
def table(name: str) -> Any:
    """A shared DynamoDB ``Table`` resource."""
    return boto3.resource("dynamodb", config=_CONFIG).Table(name)
