"""Builds the document: paths and bodies from the applications, answers from ``resources``."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from services.accounts.handler import app as accounts
from services.calls.handler import app as calls
from services.chat.handler import app as chat
from services.moderation.handler import app as moderation
from services.notifications.handler import app as notifications
from services.openapi import chat as chat_resources
from services.openapi import resources
from services.openapi.resources import Problem
from services.posts.handler import app as posts
from services.profiles.handler import app as profiles
from services.query.handler import app as query
from services.realtime.handler import app as realtime

ANSWERS = {**resources.ANSWERS, **chat_resources.ANSWERS}
APPS: tuple[FastAPI, ...] = (profiles, posts, chat, calls, notifications, realtime, moderation, accounts, query)
OPEN = frozenset({"GET /v1/status"})
_REF = "#/components/schemas/{model}"
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


def build() -> dict[str, Any]:
    """The document; the same for the same sources.

    Raises:
        KeyError: a route whose answers ``ANSWERS`` does not name.
    """
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    for app in APPS:
        part = app.openapi()
        schemas |= part.get("components", {}).get("schemas", {})
        for path, verbs in part["paths"].items():
            for verb, operation in verbs.items():
                paths.setdefault(path, {})[verb] = _operation(f"{verb.upper()} {path}", operation, schemas)
    schemas |= _schemas_of(Problem, schemas)
    schemas = {name: schema for name, schema in schemas.items() if "ValidationError" not in name}
    return {
        "openapi": "3.1.0",
        "info": {"title": "asyncsns", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": "/", "description": "Behind CloudFront, on the origin of the UI."}],
        "security": [{"cognito": []}],
        "paths": {path: dict(sorted(verbs.items())) for path, verbs in sorted(paths.items())},
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "cognito": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of the user pool; API Gateway checks it.",
                }
            },
        },
    }


def _operation(route: str, operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, resource in ANSWERS[route].items():
        answers[str(status)] = {"description": "No content."} if resource is None else _answer(resource, schemas)
    answers["4XX"] = {
        "description": "Refused; the document says what was expected.",
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
    parameters = list(operation.get("parameters", []))
    if not route.startswith("GET "):
        parameters.append(_KEY)
    kept: dict[str, Any] = {name: operation[name] for name in ("tags", "summary", "requestBody") if name in operation}
    kept |= {"operationId": _operation_id(route), "parameters": parameters, "responses": answers}
    return kept | {"security": []} if route in OPEN else kept


def _answer(resource: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(resource).json_schema(by_alias=True, mode="serialization", ref_template=_REF)
    schemas |= schema.pop("$defs", {})
    name = schema["title"].replace("[", "Of").replace("]", "")
    schemas[name] = schema
    return {
        "description": "As asked.",
        "content": {"application/json": {"schema": {"$ref": _REF.format(model=name)}}},
    }


def _schemas_of(resource: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    _answer(resource, schemas)
    return schemas


def _operation_id(route: str) -> str:
    verb, path = route.split(" ")
    words = [word for word in path.replace("{", "").replace("}", "").replace("-", "_").split("/") if word]
    return "_".join([verb.lower(), *words])
