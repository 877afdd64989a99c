"""Frames that WebSocket clients get from a route's integration and by ``@connections``, as API Gateway sends them.

MiniStack sends a handler's return body although the route has no route response, and the text of a handler's exception;
and it buffers frames without limit for a client that does not read.
Sources: "Set up a WebSocket API integration response" (one-way by default), "WebSocket API mapping template reference",
API Gateway Management API: PostToConnection (LimitExceededException: "the WebSocket client side buffer is full").
"""

from __future__ import annotations

import json
from typing import Any

from emulation.emulator import seams

#: Frames that wait for a client besides what is in the buffers of the network.
OUTBOX_LIMIT = 128


def send_as_api_gateway() -> None:
    """Wrap the invocation of WebSocket routes."""
    service = seams.module("services.apigateway")
    invoke = service._invoke_ws_lambda

    async def invoke_and_map(
        api_id: str,
        account_id: str,
        region: str,
        route: dict[str, Any],
        stage: str,
        connection_id: str,
        event_type: str,
        message_id: str,
        *rest: Any,
        **named: Any,
    ) -> dict[str, Any] | None:
        answer = await invoke(
            api_id, account_id, region, route, stage, connection_id, event_type, message_id, *rest, **named
        )
        return mapped(answer, route, connection_id, message_id) if event_type == "MESSAGE" else answer

    service._invoke_ws_lambda = invoke_and_map
    _refuse_when_full(service)


def _refuse_when_full(service: Any) -> None:
    handle = service.handle_connections_api

    async def post_or_refuse(
        method: str, api_id: str, stage: str, connection_id: str, body: bytes, headers: dict[str, str]
    ) -> Any:
        connection = service._ws_connections.get(connection_id)
        if method == "POST" and connection is not None and connection["outbox"].qsize() >= OUTBOX_LIMIT:
            kind = "LimitExceededException"
            error_headers = {"Content-Type": "application/json", "x-amzn-ErrorType": kind}
            return 429, error_headers, json.dumps({"message": kind}).encode()
        return await handle(method, api_id, stage, connection_id, body, headers)

    service.handle_connections_api = post_or_refuse


def mapped(answer: Any, route: dict[str, Any], connection_id: str, request_id: str) -> dict[str, Any] | None:
    """The integration's answer as the client may see it: an error in AWS's words, nothing, or a route response."""
    if isinstance(answer, dict) and answer.keys() == {"statusCode", "body"} and answer["statusCode"] == 500:
        error = {"message": "Internal server error", "connectionId": connection_id, "requestId": request_id}
        return {"statusCode": 500, "body": json.dumps(error, separators=(",", ":"))}
    if not isinstance(answer, dict) or not route.get("routeResponseSelectionExpression"):
        return None
    return answer
