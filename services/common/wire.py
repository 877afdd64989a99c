"""Requests to AWS with less work than botocore's walk over the service model.

The walk costs more than all else that a timeline read does (3 of 9 ms of processor time for 100 items). Reads of
DynamoDB are also signed and sent by code of ours (``sigv4``, ``lean_http``). After any response to a read except a
plain 200, the request goes to botocore, with its retries and errors: reads may be repeated.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any, Literal

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from pydantic_core import from_json, to_json

from services.common.aws import client
from services.common.data_calls import CONTENT_TYPE, TARGET, connections, frozen_credentials
from services.common.lean_http import KeptConnections
from services.common.observability import logger
from services.common.sigv4 import signed
from services.common.tracing import call_of

Operation = Literal["Query", "BatchGetItem"]
_METHODS = {"Query": "query", "BatchGetItem": "batch_get_item"}


def read(operation: Operation, request: Mapping[str, Any]) -> dict[str, Any]:
    """Call DynamoDB.

    Args:
        request: as the low-level API has it (``{"S": …}`` values).

    Returns:
        The answer as the low-level API has it; binary values would come as base64 text.

    Raises:
        botocore.exceptions.ClientError: as the usual client would.
    """
    with call_of("dynamodb") as span:
        answer = _try(operation, request)
        if span is not None:
            tables = [request["TableName"]] if operation == "Query" else list(request["RequestItems"])
            index = {"index_name": request["IndexName"]} if "IndexName" in request else {}
            span.set_aws({"operation": operation, "table_names": tables, **index})
    if answer is not None:
        return answer
    found: dict[str, Any] = getattr(client("dynamodb"), _METHODS[operation])(**request)
    return found


def _try(operation: Operation, request: Mapping[str, Any]) -> dict[str, Any] | None:
    headers = {"content-type": CONTENT_TYPE, "x-amz-target": f"{TARGET}.{operation}"}
    body = to_json(request)
    try:
        meta = client("dynamodb").meta
        kept = _connections(meta.endpoint_url)
        sent = signed(frozen_credentials(), meta.region_name, "dynamodb", kept.host, "/", headers, body)
        status, content = kept.post("/", sent, body)
    except (BotoCoreError, OSError) as error:
        logger.warning("a read failed, now with retries", extra={"operation": operation, "reason": repr(error)[:200]})
        return None
    if status != 200:
        return None
    document: dict[str, Any] = from_json(content)
    return document


def _connections(url: str) -> KeptConnections:
    return connections(url, connect_seconds=2, read_seconds=8)


def post(
    http: URLLib3Session, usual: Any, signing_name: str, url: str, body: bytes, headers: Mapping[str, str]
) -> AWSResponse:
    """Send one request, signed by botocore, once.

    Args:
        http: of ``session``.
        usual: the botocore client of the service, for its region.
        signing_name: what the service is called in a signature.

    Raises:
        botocore.exceptions.BotoCoreError: there was no answer, or there are no credentials.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    request = AWSRequest("POST", url, headers=dict(headers), data=body)
    SigV4Auth(frozen_credentials(), signing_name, usual.meta.region_name).add_auth(request)
    return http.send(request.prepare())


def session(connect_seconds: float, read_seconds: float, connections: int) -> URLLib3Session:
    """A pool of connections to be used with ``post`` by any thread."""
    # As botocore sets it for its own clients: else a body in a packet of its own waits 40 ms for a delayed ACK.
    options: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    # A pair of timeouts is taken, too.
    timeout: Any = (connect_seconds, read_seconds)
    return URLLib3Session(timeout=timeout, max_pool_connections=connections, socket_options=options)


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
