"""boto3 clients, one of each per execution environment, with timeouts that fit inside a Lambda's."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from services.common.carriers import mark_requests
from services.common.data_calls import credentials_source, shorten
from services.common.traced_clients import traced

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=8,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=16,
)
_IMPATIENT = Config(connect_timeout=0.5, read_timeout=1, retries={"total_max_attempts": 1}, max_pool_connections=16)


@cache
def session() -> boto3.Session:
    """The environment's only session: each one reads the configuration and the services' descriptions again."""
    return boto3.Session(botocore_session=credentials_source())


@cache
def client(service: str, endpoint_url: str | None = None) -> Any:
    """A shared low-level client; ``endpoint_url`` only where the service has one per resource."""
    made = traced(session().client(service, endpoint_url=endpoint_url, config=_CONFIG))  # type: ignore[call-overload]
    return mark_requests(shorten(made) if service == "dynamodb" else made)


@cache
def link_signer(endpoint_url: str | None = None) -> Any:
    """An S3 client for presigned URLs and forms, by Signature Version 4: buckets made since June 2020 take no other.

    ``endpoint_url`` where S3 is not at its own address; there the bucket is in the path, on AWS in the host name.
    https://docs.aws.amazon.com/AmazonS3/latest/API/specify-signature-version.html#UsingAWSSDK-sig2-deprecation
    """
    config = Config(signature_version="s3v4", s3={"addressing_style": "path" if endpoint_url else "virtual"})
    return session().client("s3", endpoint_url=endpoint_url, config=_CONFIG.merge(config))


@cache
def impatient_table(name: str) -> Any:
    """A ``Table`` with a timeout of one second, for optional reads and writes."""
    return resource(_IMPATIENT).Table(name)


@cache
def table(name: str) -> Any:
    """A shared DynamoDB ``Table`` resource."""
    return resource(_CONFIG).Table(name)


@cache
def resource(config: Config) -> Any:
    """The shared boto3 resource for tables: one client, because each client costs milliseconds of a cold start."""
    found = session().resource("dynamodb", config=config)
    mark_requests(shorten(traced(found.meta.client)))
    return found
