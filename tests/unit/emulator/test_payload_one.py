"""Payload format 1.0 of HTTP APIs: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emulation.aws.payload import Call, MalformedAnswerError
from emulation.aws.payload_one import answer, event

CALL = Call(
    "000000000000", "abc", "abc.execute-api.localhost", "$default", "GET /x/{id}", "GET", "/x/1", "a=1&a=2&b=",
    {"a": ["1", "2"], "b": [""]}, {"user-agent": "me", "cookie": "p=1; q=2"}, b"", "id=", {"id": "1"},
)  # fmt: skip


def test_values_are_given_singly_and_as_lists_and_cookies_as_a_header() -> None:
    made = event(CALL)
    assert (made["version"], made["httpMethod"], made["resource"], made["path"]) == ("1.0", "GET", "/x/{id}", "/x/1")
    assert made["queryStringParameters"] == {"a": "2", "b": ""}
    assert made["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    assert made["headers"]["cookie"] == "p=1; q=2"
    assert made["multiValueHeaders"]["cookie"] == ["p=1; q=2"]
    assert "cookies" not in made
    assert made["pathParameters"] == {"id": "1"}
    assert (made["body"], made["isBase64Encoded"], made["stageVariables"]) == (None, False, None)
    assert made["requestContext"]["resourcePath"] == "/x/{id}"


def test_claims_stand_where_rest_apis_have_them() -> None:
    made = event(replace(CALL, authorizer={"jwt": {"claims": {"sub": "u"}, "scopes": ["a"]}}))
    assert made["requestContext"]["authorizer"] == {"claims": {"sub": "u"}, "scopes": ["a"]}
    made = event(replace(CALL, authorizer={"lambda": {"role": "r"}}))
    assert made["requestContext"]["authorizer"] == {"claims": None, "scopes": None, "role": "r"}


def test_multi_value_headers_take_precedence_over_single_ones() -> None:
    made = answer({
        "statusCode": "201", "body": "x", "headers": {"X": "single", "Y": "1"},
        "multiValueHeaders": {"x": ["a", "b"], "set-cookie": ["p=1", "q=2"], "Content-Type": ["text/html"]},
    })  # fmt: skip
    assert made.status == 201
    assert made.headers == [
        ("Y", "1"), ("x", "a"), ("x", "b"), ("set-cookie", "p=1"), ("set-cookie", "q=2"), ("Content-Type", "text/html"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "result",
    [
        {"body": "x"}, "x", [1], None, {"statusCode": "abc"}, {"statusCode": 200, "multiValueHeaders": {"x": "a"}},
        {"statusCode": 200, "multiValueHeaders": {"x": ["a\nb"]}}, {"statusCode": 200, "headers": {"x": "a\nb"}},
        {"statusCode": 200, "multiValueHeaders": ["x"]}, {"statusCode": 200, "body": {}},
    ],
)  # fmt: skip
def test_an_invalid_result_is_malformed(result: Any) -> None:
    with pytest.raises(MalformedAnswerError):
        answer(result)
