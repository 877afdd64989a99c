"""For each function, the methods that other functions serve at the paths that the gateway may send to it.

A function then answers a wrong method with 405 and all that the API takes at the path, whichever function serves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from services.common.http import OTHER_ROUTES
from services.openapi.document import APPS, routes_of

#: It gets every request that no route of the gateway takes.
_DEFAULT = "query"


def files() -> dict[str, str]:
    """Name below ``services/`` → content."""
    served = {app.title: routes_of(app) for app in APPS}
    return {f"{context}/{OTHER_ROUTES}": _written(_others(context, served)) for context in served}


def _others(context: str, served: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    own = {_collection(route) for route in served[context]}
    found: dict[str, set[str]] = {}
    for other, routes in served.items():
        for route in routes:
            method, path = route.split(" ")
            if other != context and (context == _DEFAULT or _collection(route) in own):
                found.setdefault(path, set()).add(method)
    return {path: sorted(methods) for path, methods in sorted(found.items())}


def _collection(route: str) -> str:
    """``/v1/posts`` of ``GET /v1/posts/{post_id}``: a function's routes in the gateway are of whole collections."""
    return "/".join(route.split(" ")[1].split("/")[:3])


def _written(others: Mapping[str, list[str]]) -> str:
    lines = [f"  {json.dumps(path)}: {json.dumps(methods)}" for path, methods in others.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n" if lines else "{}\n"
