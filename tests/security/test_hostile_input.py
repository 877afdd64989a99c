"""Bad input gets a clear refusal: no 5xx, no redirect, a problem document, and no internals.

``ASYNCSNS_HOSTILE_SHARE``: one request out of this many is made. ``make test-security`` makes all, ``make test`` every
fourth, of other routes for each kind of input.
"""

from __future__ import annotations

import base64
import json
import os
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.access.rules import Asker
from services.common.http import PROBLEM
from services.openapi.document import build, routes
from tests.support.askers import World
from tests.support.gateway import Request, send
from tests.support.hostile_values import BODIES, HUGE, INTERNALS, VALUES

DOCUMENT = build()
#: Replacements for a path parameter, unescaped as in the request line.
SEGMENTS = (
    "%00", "%ff", "%ed%a0%80", "%2e%2e", "..%2f..", "%252e", "%0d%0aX-A:1", "-1", HUGE, "1e309", "NaN", "a" * 3000,
    "%F0%9F%8E%89", "null", "0", "%20", "'\"<>", "00000000-0000-0000-0000-000000000000", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "{{id}}", "1;2", "a%00b", "%E2%80%AE",
)  # fmt: skip
QUERIES = (
    "cursor=x", "cursor=%00", "cursor=%ed%a0%80", "limit=0", f"limit={HUGE}", "limit=1e3", "limit=NaN", "limit=", "q=",
    "limit=1&limit=2", "%00=%ff", "q=%00", "q=%ed%a0%80", f"q={'(' * 500}", "q=from:%00%20since:99999-99-99", "&&&=",
    "since=99999999999999999999", "hours=NaN", "hours=99999999999", "type=x&sort=y", "q=%22",
)  # fmt: skip
HEADERS: tuple[Mapping[str, str], ...] = (
    {"content-type": "text/plain"}, {"content-type": "application/xml"},
    {"content-type": "application/json; charset=x"},
    {"content-type": ";;="}, {"content-type": "multipart/form-data; boundary="}, {"content-type": "é\xff"},
    {"content-type": "application/x-www-form-urlencoded"}, {"idempotency-key": ""}, {"idempotency-key": "k" * 65},
    {"idempotency-key": "\x00é"}, {"authorization": "Bearer \xff"}, {"cookie": "=;=;"}, {"content-length": "-1"},
    {"accept": "text/html"}, {"transfer-encoding": "x"}, {"host": "\xff/"},
)  # fmt: skip
SHARE = int(os.environ.get("ASYNCSNS_HOSTILE_SHARE", "4"))
#: The number of requests; printed at the end of the module.
FIGURES = Counter[str]()


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    yield
    print(f"\nhostile inputs by HTTP: {FIGURES['inputs']}")


def fault_of(answer: Mapping[str, Any]) -> str | None:
    """What is wrong with an answer to bad input; ``None`` if it is correct."""
    status, headers, body = answer["statusCode"], answer.get("headers", {}), answer.get("body") or ""
    if status >= 500 and not (status == 503 and json.loads(body)["type"] == "unavailable"):
        return f"{status}"
    if 300 <= status < 400:
        return f"{status} to {headers.get('location')}"
    if status >= 400 and headers.get("content-type") != PROBLEM:
        return f"{status} as {headers.get('content-type')}"
    return "internals" if status >= 400 and INTERNALS.search(body) else None


def faults(world: World, requests: Iterator[Request]) -> list[str]:
    found, first = [], None
    for number, request in enumerate(requests):
        first = zlib.crc32(repr(request).encode()) if first is None else first
        if (first + number) % SHARE:
            continue
        FIGURES["inputs"] += 1
        fault = fault_of(send(world.caller(Asker.OWNER), request))
        if fault:
            found.append(f"{fault}: {request.method} {request.path[:80]}?{request.query[:60]} {request.body!r:.80}")
    return found


def asked(world: World, route: str) -> Request:
    method, path = route.split(" ")
    return Request(method, world.fill(path).replace("{action}", "hangup"))


@pytest.mark.parametrize("segment", SEGMENTS)
def test_hostile_parameters_in_paths_cause_no_fault(shared_world: World, segment: str) -> None:
    def requests() -> Iterator[Request]:
        for route in routes():
            method, path = route.split(" ")
            parts = path.split("/")
            for place, part in enumerate(parts):
                if part.startswith("{"):
                    yield Request(
                        method, shared_world.fill("/".join([*parts[:place], segment, *parts[place + 1 :]])), body=b"{}"
                    )

    assert not (found := faults(shared_world, requests())), found


@pytest.mark.parametrize("query", QUERIES)
def test_hostile_queries_cause_no_fault(shared_world: World, query: str) -> None:
    reads = (asked(shared_world, route) for route in routes() if route.startswith("GET "))
    assert not (found := faults(shared_world, (Request(one.method, one.path, query) for one in reads))), found


@pytest.mark.parametrize("key", ["", "\x00", "\ud800", "POST#", "a" * 300, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "#" * 3000])
def test_forged_cursors_cause_no_fault(shared_world: World, key: str) -> None:
    """Cursors with a valid form but an invalid key: of every list, in both directions."""
    scopes = sorted({"home", "public", "tag", "posts", "replies", "followers", "cases-open", "audit", "notifications"})

    def requests() -> Iterator[Request]:
        for route in routes():
            if "cursor" in json.dumps(DOCUMENT["paths"][route.split(" ")[1]]) and route.startswith("GET "):
                for scope in scopes:
                    for direction in ("older", "newer"):
                        text = json.dumps([scope, direction, key])
                        yield Request("GET", asked(shared_world, route).path, f"cursor={_base64(text)}&q=x")

    assert not (found := faults(shared_world, requests())), found


def _base64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:16]))
def test_invalid_bodies_cause_no_fault(shared_world: World, body: bytes) -> None:
    every = (asked(shared_world, route) for route in routes() if route != "POST /v1/me/deletion")
    assert not (found := faults(shared_world, (Request(one.method, one.path, body=body) for one in every))), found


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: repr(headers)[:40])
def test_hostile_headers_cause_no_fault(shared_world: World, headers: Mapping[str, str]) -> None:
    every = (asked(shared_world, route) for route in routes() if route != "POST /v1/me/deletion")
    found = faults(shared_world, (Request(one.method, one.path, headers=headers, body=b"{}") for one in every))
    assert not found, found


@pytest.mark.parametrize("route", sorted(route for route in routes() if not route.startswith("GET ")))
def test_hostile_values_in_bodies_cause_no_fault(shared_world: World, route: str) -> None:
    method, path = route.split(" ")
    described = DOCUMENT["paths"][path][method.lower()].get("requestBody")
    if described is None:
        pytest.skip("takes no body")
    text = json.dumps(described["content"]["application/json"]["schema"])
    name = re.findall(r"schemas/(\w+)", text)[0]
    good = {field: _example(it) for field, it in DOCUMENT["components"]["schemas"][name]["properties"].items()}

    def requests() -> Iterator[Request]:
        for field in good:
            for value in VALUES:
                body = json.dumps({**good, field: value}).encode()
                yield Request(method, asked(shared_world, route).path, body=shared_world.fill(body.decode()).encode())

    assert not (found := faults(shared_world, requests())), found


def _example(schema: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return _example(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: _example(one) for name, one in schema.get("properties", {}).items()}
    plain = {"integer": 1, "boolean": True, "array": [], "number": 1}
    return plain.get(str(schema.get("type")), "{user_id}" if "0-9a-f" in schema.get("pattern", "") else "x")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"statusCode": 500, "body": "{}"}, "500"),
        ({"statusCode": 503, "body": '{"type":"about:blank"}'}, "503"),
        ({"statusCode": 307, "headers": {"location": "http://x/"}}, "307 to http://x/"),
        ({"statusCode": 400, "headers": {"content-type": "text/plain"}, "body": "no"}, "400 as text/plain"),
        ({"statusCode": 400, "headers": {"content-type": PROBLEM}, "body": "botocore.exceptions"}, "internals"),
        ({"statusCode": 400, "headers": {"content-type": PROBLEM}, "body": "{}"}, None),
    ],
)
def test_the_checks_detect_each_fault(answer: Mapping[str, Any], fault: str | None) -> None:
    assert fault_of(answer) == fault
