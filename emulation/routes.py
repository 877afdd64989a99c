"""Routes of a small server: Starlette's, for handlers that take path parameters by name and return JSON or a response.

FastAPI would add models and documentation. Nobody reads those here, and its import is a third of a server's start.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

#: Takes path parameters, and ``request`` if it has one of that name. One that is not ``async`` runs in a thread.
Handler = TypeVar("Handler", bound=Callable[..., Any])


class Routes(list[BaseRoute]):
    """In the order in which they are looked for."""

    def get(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, "GET")

    def head(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, "HEAD")

    def post(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, "POST")

    def put(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, "PUT")

    def delete(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, "DELETE")

    def route(self, path: str, *methods: str) -> Callable[[Handler], Handler]:
        """The decorator of a handler of these methods, and no others."""

        def add(handler: Handler) -> Handler:
            self.add(path, handler, methods)
            return handler

        return add

    def add(self, path: str, handler: Callable[..., Any], methods: Sequence[str]) -> None:
        route = Route(path, _endpoint(handler), methods=list(methods))
        route.methods = set(methods)  # Starlette adds HEAD to GET
        self.append(route)


def _endpoint(handler: Callable[..., Any]) -> Callable[[Request], Any]:
    takes_request = "request" in inspect.signature(handler).parameters
    is_async = inspect.iscoroutinefunction(handler)

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        given = {**request.path_params, **({"request": request} if takes_request else {})}
        found = await (handler(**given) if is_async else run_in_threadpool(handler, **given))
        return found if isinstance(found, Response) else JSONResponse(found)

    return endpoint
