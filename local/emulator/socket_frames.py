"""What a WebSocket client gets from a route's integration, as API Gateway has it.

MiniStack sends a handler's return body although the route has no route response, and the text of a handler's exception.
Sources: "Set up a WebSocket API integration response" (one-way by default), "WebSocket API mapping template reference".
"""

from __future__ import annotations

import json
from typing import Any

from local.emulator import seams


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


def mapped(answer: Any, route: dict[str, Any], connection_id: str, request_id: str) -> dict[str, Any] | None:
    """The integration's answer as the client may see it: an error in AWS's words, nothing, or a route response."""
    if isinstance(answer, dict) and answer.keys() == {"statusCode", "body"} and answer["statusCode"] == 500:
        error = {"message": "Internal server error", "connectionId": connection_id, "requestId": request_id}
        return {"statusCode": 500, "body": json.dumps(error, separators=(",", ":"))}
    if not isinstance(answer, dict) or not route.get("routeResponseSelectionExpression"):
        return None
    return answer
