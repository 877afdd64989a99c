"""The OpenAPI document is current and complete."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from jsonschema import ValidationError

from services.openapi.__main__ import DOCS, ROOT, files
from services.openapi.document import APPS
from tests.support import described

DOCUMENT = DOCS / "openapi.json"


def test_the_committed_documents_are_current() -> None:
    for name, content in files().items():
        assert (ROOT / name).read_text() == content, f"run `make api` and commit {name}"


def test_answers_are_not_validated_twice() -> None:
    for app in APPS:
        for one in iter_route_contexts(app.routes):
            route: Any = one
            assert route.response_field is None and not route.response_fields, route.path_format


def test_every_reference_resolves() -> None:
    document = json.loads(DOCUMENT.read_text())

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    kinds = ("schemas", "responses")
    known = {f"#/components/{kind}/{name}" for kind in kinds for name in document["components"][kind]}
    assert references(document) <= known


def test_refusals_of_the_gateway_are_described() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html: `{"message": …}`."""
    document = json.loads(DOCUMENT.read_text())
    unauthorized = document["components"]["responses"]["Unauthorized"]
    # A function also answers 401, for a session that was ended.
    assert set(unauthorized["content"]) == {"application/json", "application/problem+json"}
    assert unauthorized["content"]["application/json"]["schema"]["$ref"].endswith("/GatewayMessage")
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            asks = operation.get("security") != []
            assert ("401" in operation["responses"]) is asks, (path, verb)


def test_an_undescribed_answer_fails_the_check() -> None:
    with pytest.raises(ValidationError, match="Additional properties"):
        described.check("GET", "/v1/status", 200, {"service": "", "status": "", "at": "", "versions": [], "more": 1})
    with pytest.raises(AssertionError, match="201"):
        described.check("GET", "/v1/status", 201, {})
