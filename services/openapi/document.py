"""Builds the document from the applications: their routes declare paths, bodies and responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from services.accounts import handler as accounts
from services.accounts.settings import AccountSettings
from services.calls import handler as calls
from services.calls.settings import CallSettings
from services.chat import handler as chat
from services.chat.settings import CommandsSettings
from services.common.http import DescribedRoute
from services.common.resources import GatewayMessage, Problem
from services.live import handler as live
from services.live.settings import LiveSettings
from services.moderation import handler as moderation
from services.moderation.settings import ModerationSettings
from services.notifications import handler as notifications
from services.notifications.settings import NotificationApiSettings
from services.openapi.schemas import schemas_of, tidied
from services.posts import handler as posts
from services.posts.settings import PostSettings
from services.profiles import handler as profiles
from services.profiles.settings import ProfileSettings
from services.query import handler as query
from services.query.settings import QuerySettings
from services.realtime import handler as realtime
from services.realtime.settings import RealtimeSettings

Answers = dict[int, Any]
_WITH_CONTENT = (200, 201)
APPS: tuple[FastAPI, ...] = (
    profiles.build_app(ProfileSettings.placeholders()),
    posts.build_app(PostSettings.placeholders()),
    chat.build_app(chat.build_commands(CommandsSettings.placeholders())),
    calls.build_app(CallSettings.placeholders()),
    live.build_app(LiveSettings.placeholders()),
    notifications.build_app(NotificationApiSettings.placeholders()),
    realtime.build_app(RealtimeSettings.placeholders()),
    moderation.build_app(ModerationSettings.placeholders()),
    accounts.build_app(AccountSettings.placeholders()),
    query.build_app(QuerySettings.placeholders()),
)
OPEN = frozenset({"GET /v1/status"})
_DESCRIPTION = (
    "A social network. Every command takes an Idempotency-Key; errors are problem documents (RFC 9457); "
    "lists are pages with opaque cursors both ways."
)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A retry with the same key and body gets the first answer (24 h).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}


def routes() -> dict[str, Answers]:
    """Every route of the API (``GET /v1/status``), with what it answers: status → resource, ``None`` for no content.

    Raises:
        LookupError: a route does not declare its responses.
    """
    return {route: answers for app in APPS for route, answers in _routes_of(app)}


def routes_of(app: FastAPI) -> list[str]:
    """The routes of one application: ``GET /v1/status``."""
    return [route for route, _ in _routes_of(app)]


def _routes_of(app: FastAPI) -> Iterator[tuple[str, Answers]]:
    for one in iter_route_contexts(app.routes):
        route: Any = one
        answers = one.original_route.answers if isinstance(one.original_route, DescribedRoute) else {200: None}
        if any(answers.get(status, answers) is None for status in _WITH_CONTENT):
            verbs = "/".join(sorted(route.methods))
            raise LookupError(
                f"{verbs} {route.path_format}: add response_model=…, a TypedDict of resources.py, to this route of "
                "common.http.Router"
            )
        for method in route.methods:
            yield f"{method} {route.path_format}", answers


def build() -> dict[str, Any]:
    """The document; the same for the same sources."""
    described = routes()
    answered = [one for answers in described.values() for one in answers.values() if one is not None]
    shapes, schemas = schemas_of((one, "serialization") for one in (*answered, Problem, GatewayMessage))
    paths: dict[str, dict[str, Any]] = {}
    for app in APPS:
        part = app.openapi()
        _add(schemas, {name: tidied(one) for name, one in part["components"]["schemas"].items()})
        for path, verbs in part["paths"].items():
            for verb, operation in verbs.items():
                route = f"{verb.upper()} {path}"
                paths.setdefault(path, {})[verb] = _operation(route, tidied(operation), described[route], shapes)
    schemas = {name: schema for name, schema in schemas.items() if "ValidationError" not in name}
    return {
        "openapi": "3.1.0",
        "info": {"title": "asyncsns", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": "/", "description": "Behind CloudFront, on the origin of the UI."}],
        "security": [{"cognito": []}],
        "paths": {path: dict(sorted(verbs.items())) for path, verbs in sorted(paths.items())},
        "components": {
            "responses": _refusal_components(shapes),
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "cognito": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": (
                        "An access token of the user pool. API Gateway checks it and demands the scope "
                        "`aws.cognito.signin.user.admin`, so ID and refresh tokens are refused: 401 or 403."
                    ),
                }
            },
        },
    }


def _add(schemas: dict[str, Any], more: dict[str, Any]) -> None:
    """Raises: LookupError (two schemas have one name)."""
    for name, schema in more.items():
        if schemas.setdefault(name, schema) != schema:
            raise LookupError(f"{name}: expected one schema of this name, got another")


def _operation(route: str, operation: dict[str, Any], answers: Answers, shapes: dict[Any, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {str(status): _answer(one, shapes) for status, one in sorted(answers.items())}
    described |= _refusals(route in OPEN)
    parameters = list(operation.get("parameters", []))
    if not route.startswith("GET "):
        parameters.append(_KEY)
    kept: dict[str, Any] = {name: operation[name] for name in ("tags", "summary", "requestBody") if name in operation}
    kept |= {"operationId": _operation_id(route), "parameters": parameters, "responses": described}
    return kept | {"security": []} if route in OPEN else kept


def _refusals(is_open: bool) -> dict[str, Any]:
    """References into ``components.responses``."""
    names = {"413": "TooLarge", "429": "TooMany", "4XX": "Refused", "5XX": "Failed"}
    if not is_open:
        names |= {"401": "Unauthorized", "403": "Forbidden"}
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in sorted(names.items())}


def _refusal_components(shapes: dict[Any, Any]) -> dict[str, Any]:
    """Refusals of the functions are problem documents. Refusals of API Gateway have its own body, which an HTTP API
    can't change (only REST APIs have gateway responses).

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """
    problem = {"application/problem+json": {"schema": shapes[Problem]}}
    gateway = {"application/json": {"schema": shapes[GatewayMessage]}}
    return {
        "Failed": {"description": "Something failed; API Gateway may say so itself.", "content": problem | gateway},
        "Forbidden": {"description": "Refused; by API Gateway: no access token.", "content": problem | gateway},
        "Refused": {"description": "The document says what was expected.", "content": problem},
        "TooLarge": {"description": "For the function, or for API Gateway (10 MB).", "content": problem | gateway},
        "TooMany": {"description": "Requests of the caller, or of all.", "content": problem | gateway},
        "Unauthorized": {
            "description": "By API Gateway: no token, or none that holds. By the function: the session was ended.",
            "content": problem | gateway,
        },
    }


def _answer(resource: Any, shapes: dict[Any, Any]) -> dict[str, Any]:
    if resource is None:
        return {"description": "No content."}
    return {"description": "As asked.", "content": {"application/json": {"schema": shapes[resource]}}}


def _operation_id(route: str) -> str:
    verb, path = route.split(" ")
    words = [word for word in path.replace("{", "").replace("}", "").replace("-", "_").split("/") if word]
    return "_".join([verb.lower(), *words])
