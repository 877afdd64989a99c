"""The deployed WebSocket API: functions of its routes, its authorizer, and how the route of a frame is selected."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from emulation.aws.upstream import UnreachableError, Upstream

_FUNCTION = re.compile(r"/functions/(arn:[^/]+)/invocations")
_FRESH_SECONDS = 5.0
_QUERY_SOURCE = "route.request.querystring."


class NotDeployed(Exception):
    """There is no WebSocket API (yet)."""


@dataclass(frozen=True)
class SocketApi:
    """One WebSocket API. ``functions``: route key → ARN; ``authorizer``: ARN and the query parameters it must have."""

    api_id: str
    stages: frozenset[str]
    selection: str
    functions: dict[str, str]
    authorizer: str | None
    identity: tuple[str, ...]

    def route_of(self, frame: str) -> str:
        """The route key for a frame (``$request.body.<name>``); ``$default`` where none fits."""
        _, _, name = self.selection.partition("$request.body.")
        try:
            document = json.loads(frame)
        except (ValueError, RecursionError):
            return "$default"
        key = document.get(name) if isinstance(document, dict) else None
        return key if isinstance(key, str) and key in self.functions else "$default"


class Deployment:
    """Reads the API again when the cached copy is some seconds old."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._api: SocketApi | None = None
        self._read_at = -_FRESH_SECONDS

    async def api(self) -> SocketApi:
        """Raises ``NotDeployed``; ``UnreachableError`` when the emulator does not answer and nothing is known."""
        if self._api is None or time.monotonic() - self._read_at > _FRESH_SECONDS:
            try:
                self._api = await self._read()
                self._read_at = time.monotonic()
            except UnreachableError:
                if self._api is None:
                    raise
        return self._api

    async def _read(self) -> SocketApi:
        apis = [one for one in await self._items("/v2/apis") if one.get("protocolType") == "WEBSOCKET"]
        if not apis:
            raise NotDeployed("expected a deployed WebSocket API, got none")
        api = apis[0]
        base = f"/v2/apis/{api['apiId']}"
        routes = await self._items(f"{base}/routes")
        integrations = {one["integrationId"]: one for one in await self._items(f"{base}/integrations")}
        authorizers = {one["authorizerId"]: one for one in await self._items(f"{base}/authorizers")}
        stages = frozenset(one["stageName"] for one in await self._items(f"{base}/stages"))
        functions = {}
        for route in routes:
            integration = integrations.get(str(route.get("target", "")).rpartition("/")[2], {})
            if found := _FUNCTION.search(integration.get("integrationUri", "")):
                functions[route["routeKey"]] = found.group(1)
        connect = next((route for route in routes if route["routeKey"] == "$connect"), {})
        guard: dict[str, Any] = authorizers.get(connect.get("authorizerId", ""), {})
        uri = _FUNCTION.search(guard.get("authorizerUri", ""))
        sources = tuple(
            source.removeprefix(_QUERY_SOURCE)
            for source in guard.get("identitySource", ())
            if source.startswith(_QUERY_SOURCE)
        )
        selection = api.get("routeSelectionExpression", "$request.body.action")
        return SocketApi(api["apiId"], stages, selection, functions, uri.group(1) if uri else None, sources)

    async def _items(self, path: str) -> list[dict[str, Any]]:
        answer = await self._upstream.get_root("apigateway", path)
        if answer.status != 200:
            raise UnreachableError(f"GET {path}: expected 200, got {answer.status}")
        page = json.loads(answer.body)
        return list(page.get("items") or page.get("Items") or [])
