"""Problem documents list each field with the expected and the received value (RFC 9457, with ``errors``)."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from pydantic import BaseModel

from services.common.errors import BadRequest, FieldError, NotFound
from services.common.http import PROBLEM, create_app


class _Body(BaseModel):
    text: str
    inner: dict[str, int] = {}


@pytest.fixture
def api() -> TestClient:
    router = APIRouter()

    @router.post("/things/{thing_id}")
    def make(thing_id: int, body: _Body, limit: int = 1) -> None:
        raise BadRequest("No.", FieldError("text", "another", body.text), FieldError("x", "y", "z", reason="worn"))

    @router.get("/gone")
    def gone() -> None:
        raise NotFound("Thing not found.")

    @router.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("secret")

    return TestClient(create_app("things", router), raise_server_exceptions=False)


def errors(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM
    return [(one["field"], one["got"]) for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("path", "body", "field", "got"),
    [
        ("/things/1", {}, "text", "nothing"),
        ("/things/1", {"text": 7}, "text", "7"),
        ("/things/1", {"text": None}, "text", "None"),
        ("/things/1", {"text": ["x"]}, "text", "['x']"),
        ("/things/1", {"text": "x", "inner": {"a": "b"}}, "inner.a", "'b'"),
        ("/things/one", {"text": "x"}, "thing_id", "'one'"),
        ("/things/1?limit=many", {"text": "x"}, "limit", "'many'"),
        ("/things/1", [], "body", "[]"),
    ],
)
def test_a_refusal_names_the_received_value_beside_the_expected_one(
    api: TestClient, path: str, body: Any, field: str, got: str
) -> None:
    answer = api.post(path, json=body)
    assert errors(answer) == [(field, got)]
    assert answer.json()["errors"][0]["expected"]
    assert answer.json()["detail"] == "The request does not match this route."


def test_an_invalid_json_body_counts_as_nothing(api: TestClient) -> None:
    answer = api.post("/things/1", content=b"{", headers={"content-type": "application/json"})
    ((_, got),) = errors(answer)
    assert got == "nothing"


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000])
def test_a_body_that_is_nested_too_deep_is_refused_like_others(api: TestClient, body: bytes) -> None:
    answer = api.post("/things/1", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["type"], answer.json()["title"]) == (400, "bad-request", "Bad Request")
    assert answer.json()["detail"] == "The body can't be read."
    assert answer.json()["errors"] == [{"field": "body", "expected": "JSON", "got": "something else"}]


def test_a_long_value_is_cut_after_64_characters(api: TestClient) -> None:
    ((_, got),) = errors(api.post("/things/1", json={"text": ["y" * 1000]}))
    assert got == repr(["y" * 1000])[:64]


def test_each_invalid_field_is_listed(api: TestClient) -> None:
    found = errors(api.post("/things/one?limit=many", json={}))
    assert sorted(found) == [("limit", "'many'"), ("text", "nothing"), ("thing_id", "'one'")]


def test_domain_rules_list_their_fields_too(api: TestClient) -> None:
    answer = api.post("/things/1", json={"text": "came"}).json()
    assert answer["errors"] == [
        {"field": "text", "expected": "another", "got": "came"},
        {"field": "x", "expected": "y", "got": "z", "reason": "worn"},
    ]
    assert (answer["status"], answer["detail"]) == (400, "No.")


def test_a_refusal_without_fields_has_no_list_of_them(api: TestClient) -> None:
    answer = api.get("/gone")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["detail"] == "Thing not found."
    assert "errors" not in answer.json()


def test_an_internal_error_reveals_no_details(api: TestClient) -> None:
    answer = api.get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert answer.json() == {"type": "about:blank", "title": "Internal Server Error", "status": 500}
    assert api.get("/nowhere").json() == {
        "type": "about:blank", "title": "Not Found", "status": 404,
        "detail": "Expected a route of the API, got GET /nowhere.",
    }  # fmt: skip


def test_a_value_with_a_lone_surrogate_is_refused_by_field_name(api: TestClient) -> None:
    answer = api.post("/things/1", content=rb'{"text": "\ud800"}', headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "text"
