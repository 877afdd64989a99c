"""Calls the functions of the WebSocket API as API Gateway does: the same events, the same answers.

API Gateway Developer Guide: "Set up integration request in API Gateway", "Lambda authorizer for WebSocket APIs".
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from emulation.aws.client import AwsClient
from emulation.settings import ACCOUNT, REGION
from emulation.webtransport.deployed import Deployment, SocketApi

Event = dict[str, Any]


@dataclass
class Caller:
    """The connection, as events describe it."""

    device: str
    stage: str
    address: str
    headers: dict[str, str]
    query: dict[str, str]
    connected_at: int = field(default_factory=lambda: int(time.time() * 1000))
    authorizer: dict[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """The session is not accepted; ``status`` is what the CONNECT request is answered with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Functions:
    """The functions behind the routes of the deployed API."""

    def __init__(self, deployment: Deployment, client: AwsClient) -> None:
        self._deployment = deployment
        self._client = client

    async def connect(self, caller: Caller) -> None:
        """Ask the authorizer, then the ``$connect`` route.

        Raises:
            Refused: 401 without a ticket, 403 with a wrong one or at an unknown stage, 500 when a function fails.
        """
        api = await self._deployment.api()
        if caller.stage not in api.stages:
            raise Refused(403)
        if api.authorizer is not None:
            caller.authorizer = await self._authorize(api, api.authorizer, caller)
        event = {**_event(api, caller, "CONNECT", "$connect"), **_handshake(caller)}
        answer = await self._invoke(api.functions.get("$connect"), event)
        status = int(answer.get("statusCode", 200)) if isinstance(answer, dict) else 500
        if not 200 <= status < 300:
            raise Refused(status if status >= 400 else 500)

    async def message(self, caller: Caller, frame: str) -> str | None:
        """Call the route of a frame; returns an error frame in API Gateway's words when its function fails."""
        api = await self._deployment.api()
        event = _event(api, caller, "MESSAGE", api.route_of(frame)) | {"body": frame}
        request_id = event["requestContext"]["requestId"]
        event["requestContext"]["messageId"] = request_id
        try:
            await self._invoke(api.functions.get(event["requestContext"]["routeKey"]), event)
        except Refused:
            error = {"message": "Internal server error", "connectionId": caller.device, "requestId": request_id}
            return json.dumps(error, separators=(",", ":"))
        return None

    async def disconnect(self, caller: Caller, code: int, reason: str) -> None:
        """Best effort, as API Gateway's."""
        api = await self._deployment.api()
        event = _event(api, caller, "DISCONNECT", "$disconnect")
        event["requestContext"] |= {"disconnectStatusCode": code, "disconnectReason": reason}
        await self._invoke(api.functions.get("$disconnect"), event)

    async def _authorize(self, api: SocketApi, function: str, caller: Caller) -> dict[str, Any]:
        if any(not caller.query.get(name) for name in api.identity):
            raise Refused(401)
        arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.api_id}/{caller.stage}/$connect"
        event = {"type": "REQUEST", "methodArn": arn, **_handshake(caller), "stageVariables": {}}
        context = _event(api, caller, "CONNECT", "$connect")["requestContext"]
        answer = await self._invoke(function, event | {"requestContext": context})
        if not isinstance(answer, dict) or not allows(answer.get("policyDocument"), arn):
            raise Refused(403)
        known = {key: str(value) for key, value in (answer.get("context") or {}).items()}
        return known | {"principalId": str(answer.get("principalId", ""))}

    async def _invoke(self, function: str | None, event: Event) -> Any:
        """Raises ``Refused`` (500) when it did not run or failed; a route without a function returns nothing."""
        if function is None:
            return {}
        outcome = await self._client.invoke(function, event)
        if not outcome.started or outcome.error:
            raise Refused(500)
        return outcome.payload


def allows(policy: Any, arn: str) -> bool:
    """Whether an authorizer's policy lets this connection in: some Allow fits and no Deny does."""
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    effects = {
        one.get("Effect")
        for one in (statements if isinstance(statements, list) else [statements])
        if any(fnmatchcase(arn, pattern) for pattern in _listed(one.get("Resource")))
        and any(fnmatchcase("execute-api:Invoke", pattern) for pattern in _listed(one.get("Action")))
    }
    return "Allow" in effects and "Deny" not in effects


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _event(api: SocketApi, caller: Caller, kind: str, route: str) -> Event:
    now = time.time()
    context = {
        "routeKey": route,
        "eventType": kind,
        "messageDirection": "IN",
        "stage": caller.stage,
        "apiId": api.api_id,
        "domainName": "localhost",
        "connectionId": caller.device,
        "connectedAt": caller.connected_at,
        "requestId": str(uuid.uuid4()),
        "extendedRequestId": str(uuid.uuid4()),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "identity": {"sourceIp": caller.address, "userAgent": caller.headers.get("user-agent", "")},
    }
    if caller.authorizer:
        context["authorizer"] = caller.authorizer
    return {"requestContext": context, "body": "", "isBase64Encoded": False}


def _handshake(caller: Caller) -> Event:
    return {
        "headers": caller.headers,
        "multiValueHeaders": {name: [value] for name, value in caller.headers.items()},
        "queryStringParameters": caller.query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in caller.query.items()} or None,
    }
