"""The APIs deployed to API Gateway, read from the emulator's API and prepared so that a request parses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulation.aws.upstream import UnreachableError, Upstream
from emulation.edge.cors import CorsConfig
from emulation.edge.integration import FunctionRoute, function_routes
from emulation.edge.routes import RouteTable
from emulation.edge.throttle import ACCOUNT_BURST, ACCOUNT_RATE

#: The parts of an API, in the order of ``parse_api``.
PARTS = ("routes", "stages", "integrations", "authorizers")


@dataclass(frozen=True, slots=True)
class Limits:
    """Steady rate (requests per second) and burst of a stage or a route."""

    rate: float = ACCOUNT_RATE
    burst: int = ACCOUNT_BURST


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    default: Limits = field(default_factory=Limits)
    routes: dict[str, Limits] = field(default_factory=dict)
    #: Format of a line of the access log.
    log_format: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Api:
    """One HTTP or WebSocket API (``protocol``: ``HTTP`` or ``WEBSOCKET``)."""

    api_id: str
    name: str
    protocol: str
    table: RouteTable
    stages: dict[str, Stage]
    cors: CorsConfig | None = None
    #: Route keys of a WebSocket API whose integration's answer goes back to the client.
    answering: frozenset[str] = frozenset()
    #: Routes of an HTTP API to functions that the edge invokes itself, by key.
    functions: Mapping[str, FunctionRoute] = field(default_factory=dict)


def _lower_first(value: Any) -> Any:
    """Configuration made by CloudFormation is stored with names in PascalCase, by the API in camelCase."""
    if isinstance(value, dict):
        return {
            k[:1].lower() + k[1:] if " " not in k and k[:1] != "$" else k: _lower_first(v) for k, v in value.items()
        }
    if isinstance(value, list):
        return [_lower_first(item) for item in value]
    return value


def _limits(settings: dict[str, Any], default: Limits) -> Limits:
    rate = settings.get("throttlingRateLimit")
    burst = settings.get("throttlingBurstLimit")
    return Limits(
        rate=default.rate if rate is None else float(rate),
        burst=default.burst if burst is None else int(burst),
    )


def parse_stage(item: dict[str, Any]) -> Stage:
    default = _limits(_lower_first(item.get("defaultRouteSettings") or {}), Limits())
    per_route = item.get("routeSettings") or {}
    return Stage(
        name=item["stageName"],
        default=default,
        routes={key: _limits(_lower_first(value), default) for key, value in per_route.items()},
        log_format=_lower_first(item.get("accessLogSettings") or {}).get("format"),
        variables=item.get("stageVariables") or {},
    )


def parse_api(
    api: dict[str, Any],
    routes: list[dict[str, Any]],
    stages: list[dict[str, Any]],
    integrations: Sequence[dict[str, Any]] = (),
    authorizers: Sequence[dict[str, Any]] = (),
) -> Api:
    judges = [one | {"jwtConfiguration": _lower_first(one.get("jwtConfiguration") or {})} for one in authorizers]
    is_http = api.get("protocolType", "HTTP") == "HTTP"
    cors = _lower_first(api.get("corsConfiguration") or {})
    return Api(
        api_id=api["apiId"],
        name=api.get("name", ""),
        protocol=api.get("protocolType", "HTTP"),
        table=RouteTable(route["routeKey"] for route in routes),
        stages={stage["stageName"]: parse_stage(stage) for stage in stages},
        cors=CorsConfig.parse(cors) if cors else None,
        answering=frozenset(r["routeKey"] for r in routes if r.get("routeResponseSelectionExpression")),
        functions=function_routes(routes, integrations, judges) if is_http else {},
    )


async def _items(upstream: Upstream, path: str) -> list[dict[str, Any]]:
    """All pages of a list.

    Raises:
        UnreachableError: the emulator is down or refuses.
    """
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        answer = await upstream.get_root("apigateway", path + (f"?nextToken={token}" if token else ""))
        if answer.status != 200:
            raise UnreachableError(f"GET {path}: expected 200, got {answer.status}")
        page = json.loads(answer.body)
        found.extend(page.get("items") or page.get("Items") or [])
        token = page.get("nextToken") or ""
        if not token:
            return found


async def read_apis(upstream: Upstream) -> dict[str, Api]:
    """Every API of the account by id."""
    apis: dict[str, Api] = {}
    for item in await _items(upstream, "/v2/apis"):
        parts = [await _items(upstream, f"/v2/apis/{item['apiId']}/{part}") for part in PARTS]
        apis[item["apiId"]] = parse_api(item, *parts)
    return apis
