"""Shared by all routes: the engine, the body, and the refusal of unknown parameters."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from emulation.search.engine import Engine
from emulation.search.errors import IllegalArgument, ParsingError

_COMMON_PARAMETERS = {"pretty", "human", "format"}


def engine_of(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


async def json_body(request: Request) -> dict[str, Any]:
    """The body as an object, ``{}`` when empty. Raises ParsingError."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ParsingError(f"Failed to parse request body: {error}", "json_parse_exception") from error
    if not isinstance(body, dict):
        raise ParsingError("Expected [START_OBJECT] as the request body")
    return body


def only_parameters(request: Request, allowed: set[str]) -> None:
    for name in request.query_params:
        if name not in allowed | _COMMON_PARAMETERS:
            raise IllegalArgument(f"request [{request.url.path}] contains unrecognized parameter: [{name}]")


def refresh_wanted(request: Request) -> bool:
    """``refresh=true`` and ``wait_for`` both return once the write can be found."""
    value = request.query_params.get("refresh", "false")
    if value not in {"", "true", "false", "wait_for"}:
        raise IllegalArgument(f"Unknown value for refresh: [{value}].")
    return value != "false"
