"""A refused command returns a 4xx problem document and has no side effects: no idempotency record, no redirect."""

from __future__ import annotations

import json
import re
from itertools import product
from typing import Any

import pytest

from services.common.errors import BadRequest, FieldError
from services.openapi.document import routes
from tests.support.aws import Aws
from tests.support.gateway import Caller, Request, send
from tests.support.lambdas import new_user
from tests.support.social import Network

KEY = {"Idempotency-Key": "the-same"}


def post(user: str, body: bytes) -> Any:
    return send(Caller(user), Request("POST", "/v1/posts", headers=KEY, body=body))


def partitions(aws: Aws) -> list[str]:
    """The partitions of the idempotency records, one entry per record."""
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName="idempotency")
    keys = [item["pk"]["S"] for page in pages for item in page["Items"]]
    return sorted(key for key in keys if key.startswith("IDEMPOTENCY"))


def records(aws: Aws) -> int:
    return len(partitions(aws))


def test_a_corrected_body_may_reuse_the_idempotency_key(fresh: Aws) -> None:
    user = Network(fresh).person()
    assert post(user, b"{")["statusCode"] == 400
    assert post(user, b'{"text":7}')["statusCode"] == 400
    made = post(user, b'{"clientPostId":"one","text":"hi"}')
    assert made["statusCode"] == 201
    assert json.loads(post(user, b'{"clientPostId":"one","text":"hi"}')["body"]) == json.loads(made["body"])
    assert post(user, b'{"clientPostId":"two","text":"hi"}')["statusCode"] == 422


def test_each_caller_has_a_partition_of_records(fresh: Aws) -> None:
    """A single partition for all would be limited to 1,000 writes a second.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
    """
    users, before = [Network(fresh).person() for _ in range(2)], partitions(fresh)
    made = [json.loads(post(user, b'{"clientPostId":"one","text":"hi"}')["body"])["id"] for user in users]
    new = [key for key in partitions(fresh) if key not in before]
    assert len(set(made)) == len(set(new)) == len(users)
    assert not [key for key in new for user in users if user in key]


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY")
PATHS = ("/v1/posts", "/v1/nowhere", "/", "/v1/me/", "/v2/posts", "/v1/%ff", "/v1/posts/x/like/y")


def test_an_unknown_route_with_an_idempotency_key_is_404_or_405(fresh: Aws) -> None:
    before = records(fresh)
    user = new_user()
    for method, path in product(METHODS, PATHS):
        if f"{method} {path}" not in routes():
            answer = send(Caller(user), Request(method, path, headers=KEY, body=b"{}"))
            assert answer["statusCode"] in (404, 405), (method, path, answer)
    assert records(fresh) == before


def test_a_path_with_a_trailing_slash_is_not_found(fresh: Aws) -> None:
    user = new_user()
    for route in routes():
        method, path = route.split(" ")
        answer = send(Caller(user), Request(method, re.sub("[{}]", "", path) + "/"))
        assert answer["statusCode"] in (404, 405), (route, answer)
        assert "location" not in answer["headers"]


SELF = [
    "PUT /v1/blocks/{me}", "DELETE /v1/blocks/{me}", "PUT /v1/follows/{me}", "DELETE /v1/follows/{me}",
    "PUT /v1/follow-requests/{me}", "DELETE /v1/follow-requests/{me}", "PUT /v1/mutes/users/{me}",
    "DELETE /v1/mutes/users/{me}", "POST /v1/calls", "POST /v1/conversations", "POST /v1/reports",
]  # fmt: skip
BODIES = {
    "/v1/calls": {"calleeId": "{me}", "media": "audio"},
    "/v1/conversations": {"memberId": "{me}"},
    "/v1/reports": {"kind": "person", "subjectId": "{me}", "reason": "spam"},
}


@pytest.mark.parametrize("route", SELF)
def test_a_caller_cannot_name_themselves_as_the_other_person(fresh: Aws, route: str) -> None:
    user = Network(fresh).person()
    method, path = route.split(" ")
    body = json.dumps(BODIES.get(path, {})).replace("{me}", user).encode()
    answer = send(Caller(user), Request(method, path.replace("{me}", user), body=body))
    assert answer["statusCode"] == 422, answer


def test_a_problem_that_quotes_lone_surrogates_can_be_sent() -> None:
    problem = BadRequest("no \ud800", FieldError("a\udfff", "text", "\ud800")).to_problem()
    assert json.dumps(problem, ensure_ascii=False).encode()
    assert problem["errors"][0]["field"] == "a\\udfff"
