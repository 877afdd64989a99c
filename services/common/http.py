"""The FastAPI application of a context: one mapping of errors, one dependency for the caller, one base model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.datastructures import DefaultPlaceholder
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.routing import Match, compile_path

from services.common.aws_errors import unavailable
from services.common.claims import Viewer, viewer_of_http
from services.common.errors import AppError, BadRequest, FieldError
from services.common.observability import logger
from services.common.responses import JSONResponse

PROBLEM = "application/problem+json"
_GOT_LIMIT = 64
#: In a context's folder: path → methods that other functions serve, for paths that the gateway may send to this one.
OTHER_ROUTES = "other_routes.json"


class Body(BaseModel):
    """Base of request and response bodies: camelCase on the wire, unknown fields refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", str_strip_whitespace=False
    )


async def current_viewer(request: Request) -> Viewer:
    """The caller, from the claims that the gateway put into the Lambda event.

    It and all routes are coroutines, though they block: an execution environment serves one request at a time, and
    a hop to a worker thread would cost time and lose the trace's context.
    """
    return viewer_of_http(request.scope.get("aws.event") or {})


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]
Limit = Annotated[int, Query(ge=1, le=50, description="Items per page.")]
#: For a resource of the caller that may be missing. Browsers report each 404 as an error of the page.
Absent = Annotated[
    Literal["problem", "empty"],
    Query(description="When there is none: a problem (404), or an empty answer (204)."),
]
CursorText = Annotated[str | None, Query(max_length=512, description="From a page's `older` or `newer`.")]


class DescribedRoute(APIRoute):
    """A route whose resources are described, not validated: it answers with a ``Response``.

    ``response_model`` and each ``model`` of ``responses`` go into ``answers``, from which ``services/openapi``
    describes the API. FastAPI would build a validator of each at every cold start (5 ms a route). What it needs to
    serve the route is built at the first request to it (2 ms a route): an environment serves few of them.
    """

    #: status → resource, ``None`` for no content
    answers: dict[int, Any]

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        response_model: Any = None,
        status_code: int | None = None,
        responses: Mapping[int | str, Mapping[str, Any]] | None = None,
        methods: Iterable[str] = ("GET",),
        **more: Any,
    ) -> None:
        # What matching a path and a method needs.
        self.path, self.endpoint, self.methods = path, endpoint, set(methods)
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self._build: Callable[[], None] | None = partial(
            super().__init__, path, endpoint, response_model=None, status_code=status_code, methods=self.methods, **more
        )
        others = {int(status): answer.get("model") for status, answer in (responses or {}).items()}
        first = None if isinstance(response_model, DefaultPlaceholder) else response_model
        self.answers = {status_code or 200: first, **others}

    def __getattr__(self, name: str) -> Any:
        """Everything else (``app``, ``dependant``, …): Python asks here for what is not there yet."""
        build, self._build = self.__dict__.get("_build"), None
        if build is None:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        build()
        return getattr(self, name)


class Router(APIRouter):
    """An ``APIRouter`` of described routes."""

    def __init__(self, **more: Any) -> None:
        super().__init__(route_class=DescribedRoute, **more)


def problem_response(error: AppError) -> JSONResponse:
    """RFC 9457."""
    return JSONResponse(error.to_problem(), status_code=error.status, media_type=PROBLEM)


def create_app(title: str, *routers: APIRouter) -> FastAPI:
    """An application whose every failure is a problem document; 5xx never reveal internals.

    ``title``: the context's name.
    """
    # A path is right or it is not: a redirect would name the gateway's own host, and plain HTTP.
    app = FastAPI(title=title, openapi_url=None, redirect_slashes=False)
    # ``include_router`` would build all routes once more, at the first request.
    app.router.routes += [route for router in routers for route in router.routes]
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_unexpected)
    return app


def field_errors(errors: Any) -> list[FieldError]:
    """pydantic's errors as ours: the dotted path, the expected and the received value (cut to 64 characters)."""
    found = []
    for error in errors:
        place = ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path", "header"))
        missing = error["type"] in ("missing", "json_invalid")
        got = "nothing" if missing else repr(error.get("input"))[:_GOT_LIMIT]
        found.append(FieldError(place or "body", error["msg"], got))
    return found


async def _on_app_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    return problem_response(error)


async def _on_validation_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem_response(BadRequest("The request does not match this route.", *field_errors(error.errors())))


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """An unknown route or method, or a body that the framework can't read. RFC 9457, 4.2.1: ``about:blank``."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return problem_response(BadRequest("The body can't be read.", FieldError("body", "JSON", "something else")))
    problem = {"type": "about:blank", "title": str(error.detail), "status": error.status_code}
    status, headers, path = error.status_code, dict(error.headers or {}), repr(request.url.path)[1:-1][:_GOT_LIMIT]
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        if methods := _methods_at(request):
            status, headers["Allow"] = HTTPStatus.METHOD_NOT_ALLOWED, ", ".join(sorted(methods))
            detail = f"Expected {headers['Allow']} for {path}, got {request.method}."
        else:
            detail = f"Expected a route of the API, got {request.method} {path}."
        problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    return JSONResponse(problem, status_code=status, media_type=PROBLEM, headers=headers)


def _methods_at(request: Request) -> set[str]:
    """All that the API takes at this path: of this function's routes, and of those of the others."""
    found = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    own = {method for route in found for method in getattr(route, "methods", None) or ()}
    parts = request.scope["path"].split("/")
    others = (methods for path, methods in _other_routes(request.app.title).items() if _matches(path.split("/"), parts))
    return own.union(*others)


def _matches(template: list[str], parts: list[str]) -> bool:
    """Whether a path is of this template (``/v1/posts/{post_id}``), both by their parts."""
    return len(template) == len(parts) and all(
        one == part or (one.startswith("{") and part) for one, part in zip(template, parts, strict=True)
    )


@cache
def _other_routes(context: str) -> Mapping[str, list[str]]:
    """Read at the first refusal: a cold start does not pay for it."""
    try:
        found: dict[str, list[str]] = json.loads(
            (Path(__file__).parents[1] / context / OTHER_ROUTES).read_text("utf-8")
        )
    except FileNotFoundError:
        return {}
    return found


async def _on_unexpected(_: Request, error: Exception) -> JSONResponse:
    logger.exception("unexpected error", exc_info=error)
    return problem_response(unavailable(error) or AppError())
