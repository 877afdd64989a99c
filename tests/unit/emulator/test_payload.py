"""Payload format 2.0: "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway".

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from emulation.aws.payload import Call, MalformedAnswerError, answer, event

CALL = Call(
    "000000000000", "abc", "abc.execute-api.localhost", "$default", "GET /x/{id}", "GET", "/x/1", "a=1&a=2&b=",
    {"a": ["1", "2"], "b": [""]}, {"user-agent": "me", "x-forwarded-for": "10.0.0.1, 127.0.0.2"}, b"", "id=",
)  # fmt: skip


def test_the_event_joins_repeated_values_and_omits_absent_fields() -> None:
    made = event(CALL)
    assert made["queryStringParameters"] == {"a": "1,2", "b": ""}
    assert made["rawQueryString"] == "a=1&a=2&b="
    assert made["requestContext"]["http"]["sourceIp"] == "127.0.0.2"
    assert made["requestContext"]["requestId"] == "id="
    assert not made.keys() & {"cookies", "body", "pathParameters", "stageVariables"}
    assert "authorizer" not in made["requestContext"]


@pytest.mark.parametrize(
    ("header", "cookies"), [("p=1; q=2", ["p=1", "q=2"]), ("p=1;q=", ["p=1", "q="]), (" ; p ;; ", ["p"])]
)
def test_cookies_are_a_list_and_not_a_header(header: str, cookies: list[str]) -> None:
    made = event(replace(CALL, headers={**CALL.headers, "cookie": header}))
    assert made["cookies"] == cookies
    assert "cookie" not in made["headers"]


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("application/json; charset=utf-8", b'{"a":1}', ('{"a":1}', False)),
        ("text/plain", "é".encode(), ("é", False)),
        ("image/png", b"\x89PNG", (base64.b64encode(b"\x89PNG").decode(), True)),
        ("", b"x", ("eA==", True)),
    ],
)
def test_a_body_is_text_or_base64_by_its_type(kind: str, body: bytes, expected: tuple[str, bool]) -> None:
    made = event(replace(CALL, body=body, headers={"content-type": kind}))
    assert (made["body"], made["isBase64Encoded"]) == expected


@pytest.mark.parametrize(
    ("result", "body"),
    [("hello", b"hello"), ({"a": "é"}, '{"a":"é"}'.encode()), ([1, 2], b"[1,2]"), (7, b"7"), (None, b"null")],
)
def test_without_a_status_code_the_whole_result_is_the_body_of_a_200(result: Any, body: bytes) -> None:
    made = answer(result)
    assert (made.status, made.headers, made.body) == (200, [("content-type", "application/json")], body)


@pytest.mark.parametrize(("status", "expected"), [(200, 200), ("200", 200), (418.0, 418), ("599", 599)])
def test_a_status_is_a_number_or_its_text(status: Any, expected: int) -> None:
    assert answer({"statusCode": status}).status == expected


@pytest.mark.parametrize("status", ["abc", 1000, "1000", 99, 100, 600, -200, 200.5, True, None, "", " 200", [200], {}])
def test_a_status_that_is_not_final_is_malformed(status: Any) -> None:
    with pytest.raises(MalformedAnswerError, match="statusCode"):
        answer({"statusCode": status})


@pytest.mark.parametrize(
    "headers",
    [
        {"x": "a\nb"}, {"x": "a\r\nset-cookie: b=1"}, {"x": "\0"}, {"a b": "x"}, {"": "x"}, {"a:": "x"}, {"é": "x"},
        {"x": ["a"]}, {"x": {"a": 1}}, ["x"], "x",
    ],
)  # fmt: skip
def test_a_header_that_cannot_be_sent_is_malformed(headers: Any) -> None:
    with pytest.raises(MalformedAnswerError, match="headers"):
        answer({"statusCode": 200, "headers": headers})


def test_headers_are_texts_cookies_lines_and_framing_is_the_gateways() -> None:
    made = answer({
        "statusCode": 200,
        "headers": {"X-N": 1, "x-t": True, "x-none": None, "Content-Length": "999", "transfer-encoding": "chunked"},
        "cookies": ["a=1", "b=2"], "body": "x",
    })  # fmt: skip
    assert made.headers == [
        ("X-N", "1"), ("x-t", "true"), ("set-cookie", "a=1"), ("set-cookie", "b=2"),
        ("content-type", "text/plain; charset=utf-8"),
    ]  # fmt: skip
    with pytest.raises(MalformedAnswerError, match="cookies"):
        answer({"statusCode": 200, "cookies": "a=1"})


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({"body": "é"}, "é".encode()), ({}, b""), ({"body": None}, b""), ({"body": 5}, b"5"), ({"body": True}, b"true"),
        ({"body": "AAE=", "isBase64Encoded": True}, b"\0\1"), ({"body": "AAE", "isBase64Encoded": "true"}, b"\0\1"),
        ({"body": "AAE=", "isBase64Encoded": None}, b"AAE="),
    ],
)  # fmt: skip
def test_a_body_is_text_or_decoded(given: dict[str, Any], body: bytes) -> None:
    assert answer({"statusCode": 200, **given}).body == body


@pytest.mark.parametrize(
    "given",
    [
        {"body": {"a": 1}}, {"body": ["a"]}, {"body": "not base64!", "isBase64Encoded": True},
        {"body": "é", "isBase64Encoded": True}, {"body": "AAE=", "isBase64Encoded": "yes"},
        {"body": "AAE=", "isBase64Encoded": 1},
    ],
)  # fmt: skip
def test_a_body_that_is_not_text_is_malformed(given: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswerError):
        answer({"statusCode": 200, **given})


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_loses_it(status: int) -> None:
    assert answer({"statusCode": status, "body": "x"}).body == b""
