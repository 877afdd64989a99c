"""Requests to AWS with less work: signed and sent by botocore's own parts, without its walk over the service model.

The walk costs more than all else that a timeline read does (3 of 9 ms of processor time for 100 items). Anything but a
plain 200 of a read goes the usual way again, with botocore's retries and errors: reads may be repeated.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import BotoCoreError, NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.session import get_session

from services.common.aws import client
from services.common.observability import logger, tracer

Operation = Literal["Query", "BatchGetItem"]
_METHODS = {"Query": "query", "BatchGetItem": "batch_get_item"}
_TARGET = "DynamoDB_20120810"


def read(operation: Operation, request: Mapping[str, Any]) -> dict[str, Any]:
    """Call DynamoDB.

    Args:
        request: as the low-level API has it (``{"S": …}`` values).

    Returns:
        The answer as the low-level API has it; binary values would come as base64 text.

    Raises:
        botocore.exceptions.ClientError: as the usual client would.
    """
    with tracer.provider.in_subsegment(name="DynamoDB", namespace="aws"):
        answer = _try(operation, request)
    if answer is not None:
        return answer
    found: dict[str, Any] = getattr(client("dynamodb"), _METHODS[operation])(**request)
    return found


def _try(operation: Operation, request: Mapping[str, Any]) -> dict[str, Any] | None:
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{_TARGET}.{operation}"}
    body = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
    dynamodb = client("dynamodb")
    try:
        answer = post(_http(), dynamodb, "dynamodb", dynamodb.meta.endpoint_url + "/", body, headers)
    except BotoCoreError as error:
        logger.warning("a read failed, now with retries", extra={"operation": operation, "reason": repr(error)[:200]})
        return None
    if answer.status_code != 200:
        return None
    document: dict[str, Any] = json.loads(answer.content)
    return document


def post(
    http: URLLib3Session, usual: Any, signing_name: str, url: str, body: bytes, headers: Mapping[str, str]
) -> AWSResponse:
    """Send one signed request, once.

    Args:
        http: of ``session``.
        usual: the botocore client of the service, for its region.
        signing_name: what the service is called in a signature.

    Raises:
        botocore.exceptions.BotoCoreError: there was no answer, or there are no credentials.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    credentials = _credentials_source().get_credentials()
    if credentials is None:
        raise NoCredentialsError
    signed = AWSRequest("POST", url, headers=dict(headers), data=body)
    SigV4Auth(credentials.get_frozen_credentials(), signing_name, usual.meta.region_name).add_auth(signed)
    return http.send(signed.prepare())


def session(connect_seconds: float, read_seconds: float, connections: int) -> URLLib3Session:
    """A pool of connections to be used with ``post`` by any thread."""
    # As botocore sets it for its own clients: else a body in a packet of its own waits 40 ms for a delayed ACK.
    options: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    # A pair of timeouts is taken, too.
    timeout: Any = (connect_seconds, read_seconds)
    return URLLib3Session(timeout=timeout, max_pool_connections=connections, socket_options=options)


@cache
def _credentials_source() -> Any:
    return get_session()


@cache
def _http() -> URLLib3Session:
    return session(2, 8, 16)


def value_of(attribute: Mapping[str, Any]) -> Any:
    """A typed attribute (``{"N": "1"}``) to plain Python: ``int`` or ``float`` for numbers, sorted lists for sets."""
    ((kind, value),) = attribute.items()
    if kind == "S":
        return value
    if kind == "N":
        return _number(value)
    if kind == "M":
        return {name: value_of(one) for name, one in value.items()}
    if kind == "L":
        return [value_of(one) for one in value]
    if kind == "NS":
        return sorted(_number(one) for one in value)
    if kind in ("SS", "BS"):
        return sorted(value)
    return None if kind == "NULL" else value


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else _whole(float(text))


def _whole(value: float) -> int | float:
    return int(value) if value.is_integer() else value
