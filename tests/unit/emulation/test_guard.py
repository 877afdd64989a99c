"""Which pages may send requests: Origin, Fetch Metadata, method and kind of request, as one table."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.doors import doors
from emulation.guard import HELPER_HEADERS, Doors, Guard, Judge
from emulation.settings import Settings
from tests.support.guarded import (
    FORBIDDEN,
    HOST,
    LISTENERS,
    MISDIRECTED,
    PASSED,
    SETTINGS,
    SPELLINGS,
    UI,
    Application,
    ask,
    at_once,
    raw,
)

NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def fetched(site: str, mode: str, destination: str) -> dict[str, str]:
    return {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination}


@pytest.mark.parametrize("twice", ["host", "origin", "sec-fetch-site"])
def test_a_repeated_security_header_is_refused(twice: str) -> None:
    headers = [(b"host", b"localhost"), *([(twice.encode(), b"localhost")] * 2)]
    refusal = Judge(Doors()).refusal("GET", "/", b"", headers)
    assert refusal is not None
    assert "expected once" in refusal.message


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(LISTENERS), before=SPELLINGS, port=st.integers(0, 65536), after=SPELLINGS,
    scheme=st.sampled_from(["http", "https", "ws", "file", "HTTP", ""]),
    site=st.sampled_from(["", "same-site", "none"]),
)  # fmt: skip
def test_no_spelling_of_another_origin_counts_as_the_ui(
    name: str, before: str, port: int, after: str, scheme: str, site: str
) -> None:
    keep = doors(SETTINGS, name)
    origin = f"{scheme}://{before}localhost:{port}{after}"
    headers = [(b"host", b"localhost"), (b"origin", origin.encode("latin-1"))]
    headers += [(b"sec-fetch-site", site.encode())] if site else []
    refusal = Judge(keep).refusal("POST", "/", b"", headers)
    assert (refusal is None) == (origin in keep.origins)


@pytest.mark.parametrize("path", ["/api/mails", "/api/logs/events", "/static/console.js", "/BatchGetTraces"])
def test_a_link_of_another_site_opens_the_consoles_page_and_nothing_in_it(path: str) -> None:
    opened = {"host": "localhost:8082", "sec-fetch-site": "cross-site", **NAVIGATION}
    assert ask(doors(SETTINGS, "console"), opened, path=path)[0] == FORBIDDEN
    assert ask(doors(SETTINGS, "console"), opened)[0] == PASSED


async def _page(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"Content-Security-Policy", b"own")] if scope["path"] == "/own" else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def answered(name: str, path: str = "/", **headers: str) -> dict[str, str]:
    """Response headers of an admitted request."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": raw({"host": HOST, **headers})}
    at_once(Guard(_page, doors(SETTINGS, name))(scope, None, send))  # type: ignore[arg-type]
    return {key.decode().lower(): value.decode() for key, value in sent[0]["headers"]}


@pytest.mark.parametrize("name", LISTENERS)
def test_every_listener_sends_security_headers(name: str) -> None:
    assert answered(name)["x-content-type-options"] == "nosniff"
    of_aws = name in ("edge", "gateway", "emulator")
    assert ("x-frame-options" in answered(name)) != of_aws


@pytest.mark.parametrize("name", ["console", "push", "search", "pump", "webtransport"])
def test_own_pages_refuse_framing_and_cross_origin_use(name: str) -> None:
    found = answered(name)
    assert "frame-ancestors 'none'" in found["content-security-policy"]
    assert (found["x-frame-options"], found["referrer-policy"]) == ("DENY", "no-referrer")
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert answered(name, "/own")["content-security-policy"] == "own"


def test_sdks_of_the_emulator_read_no_headers_for_browsers() -> None:
    assert answered("emulator").keys() == {"x-content-type-options"}
    assert "frame-ancestors 'none'" in answered("emulator", **{"sec-fetch-site": "none"})["content-security-policy"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (UI, PASSED), ("http://127.0.0.1:8080", PASSED), ("https://localhost:8443", PASSED),
        ("http://localhost:5173", PASSED),
        ("http://evil.test", FORBIDDEN), ("http://localhost:3000", FORBIDDEN), ("http://localhost", FORBIDDEN),
        ("https://localhost:8080", FORBIDDEN), ("http://localhost:8080.evil.test", FORBIDDEN), ("null", FORBIDDEN),
        ("http://localhost:4566", FORBIDDEN), ("http://localhost:8082", FORBIDDEN), ("", FORBIDDEN),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["edge", "gateway", "emulator", "webtransport"])
def test_services_of_the_ui_accept_only_its_pages(
    name: str, origin: str, status: int | None, method: str, kind: str
) -> None:
    keep = doors(SETTINGS, name)
    for site in ({}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "same-origin"}, NAVIGATION):
        assert ask(keep, {"host": HOST, "origin": origin, **site}, kind, method)[0] == status


@pytest.mark.parametrize(
    ("name", "own"),
    [("console", "http://localhost:8082"), ("push", "http://127.0.0.1:8083"), ("search", ""), ("pump", "")],
)
def test_other_listeners_accept_only_their_own_pages(name: str, own: str) -> None:
    keep = doors(SETTINGS, name)
    assert ask(keep, {"host": HOST, "origin": UI}, method="POST")[0] == FORBIDDEN
    if own:
        assert ask(keep, {"host": HOST, "origin": own}, method="POST")[0] == PASSED


def test_firefox_itself_connects_to_the_push_service() -> None:
    """Firefox sends the address from its preferences as Origin, with a trailing slash, which no page's origin has."""
    keep = doors(SETTINGS, "push")
    metadata = {"sec-fetch-site": "none", "sec-fetch-mode": "websocket", "sec-fetch-dest": "empty"}
    for host in ("localhost:8083", "127.0.0.1:8083"):
        assert ask(keep, {"host": host, "origin": f"ws://{host}/", **metadata}, "websocket")[0] == PASSED
    assert ask(keep, {"host": HOST, "origin": "ws://evil.test/", **metadata}, "websocket")[0] == FORBIDDEN


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("metadata", "at_pages", "elsewhere"),
    [
        ({}, PASSED, PASSED),
        ({"sec-fetch-site": "none", **NAVIGATION}, PASSED, PASSED),
        (fetched("same-origin", "cors", "empty"), PASSED, PASSED),
        (fetched("cross-site", "no-cors", "image"), FORBIDDEN, FORBIDDEN),
        (fetched("same-site", "no-cors", "script"), FORBIDDEN, FORBIDDEN),
        (fetched("cross-site", "navigate", "iframe"), FORBIDDEN, FORBIDDEN),
        ({"sec-fetch-site": "cross-site"}, FORBIDDEN, FORBIDDEN),
        ({"sec-fetch-site": "what", **NAVIGATION}, "navigation", FORBIDDEN),
        ({"sec-fetch-site": "cross-site", **NAVIGATION}, "navigation", FORBIDDEN),
        ({"sec-fetch-site": "same-site", **NAVIGATION}, "navigation", FORBIDDEN),
    ],
)  # fmt: skip
def test_requests_without_an_origin_are_judged_by_their_fetch_metadata(
    metadata: dict[str, str], at_pages: Any, elsewhere: int | None, method: str
) -> None:
    """A hostile page on another port of localhost is same-site."""
    if at_pages == "navigation":
        at_pages = PASSED if method in ("GET", "HEAD") else FORBIDDEN
    for name in LISTENERS:
        expected = at_pages if name in ("edge", "console", "push") else elsewhere
        assert ask(doors(SETTINGS, name), {"host": HOST, **metadata}, method=method)[0] == expected, name


EXPORT = "/exports-000000000000-us-east-1/u1/a.zip"
LINK = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": "test/20260101/us-east-1/s3/aws4_request",
    "X-Amz-Date": "20260101T000000Z", "X-Amz-Expires": "60", "X-Amz-SignedHeaders": "host", "X-Amz-Signature": "b",
}  # fmt: skip
BUCKETS = frozenset(("exports-000000000000-us-east-1", "exports", "web-ui"))
SQS = "test/20260101/us-east-1/sqs/aws4_request"


@pytest.mark.parametrize(
    ("path", "changed", "more", "status"),
    [
        (EXPORT, {}, "", PASSED),
        (EXPORT, {"response-content-disposition": "attachment"}, "", PASSED),
        (EXPORT, {"X-Amz-Security-Token": "d"}, "", PASSED),
        *((EXPORT, {name: None}, "", FORBIDDEN) for name in LINK),
        (EXPORT, {"X-Amz-Credential": SQS}, "", FORBIDDEN),
        (EXPORT, {"X-Amz-Credential": "a/s3/aws4_request"}, "", FORBIDDEN),
        (EXPORT, {"X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256"}, "", FORBIDDEN),
        (EXPORT, {}, f"&X-Amz-Credential={SQS}", FORBIDDEN),
        (EXPORT, {}, f"&x-amz-credential={SQS}", FORBIDDEN),
        (EXPORT, {}, "&X-Amz-Target=AmazonSQS.CreateQueue", FORBIDDEN),
        (EXPORT, {}, "&Action=CreateQueue", FORBIDDEN),
        (EXPORT, {}, "&%41ction=CreateQueue", FORBIDDEN),
        ("/", {}, "", FORBIDDEN),
        ("/_ministack/config", {}, "", FORBIDDEN),
        ("/2015-03-31/functions", {}, "", FORBIDDEN),
        ("/2020-05-31/distribution", {}, "", FORBIDDEN),
        ("/v2/apis", {}, "", FORBIDDEN),
        ("/another-bucket/u1/a.zip", {}, "", FORBIDDEN),
        ("/restapis/a/live/_user_request_/x", {}, "", FORBIDDEN),
        ("//exports/a.zip", {}, "", FORBIDDEN),
        ("/./exports/a.zip", {}, "", FORBIDDEN),
        ("/exports", {}, "", FORBIDDEN),
        ("/exports/", {}, "", FORBIDDEN),
        ("/web-ui/service/GraniteService/operation/DeleteAlarms", {}, "", FORBIDDEN),
        ("/_aws/execute-api/nope", {}, "", FORBIDDEN),
        ("/_aws/execute-api/a5c0de01/v1/status", {}, "", FORBIDDEN),
    ],
)
def test_a_link_to_the_emulator_opens_presigned_objects_only(
    path: str, changed: dict[str, str | None], more: str, status: int | None
) -> None:
    headers = {"host": "localhost:4566", "sec-fetch-site": "same-site", **NAVIGATION}
    query = urlencode({name: value for name, value in (LINK | changed).items() if value is not None}) + more
    keep = doors(SETTINGS, "emulator", is_bucket=BUCKETS.__contains__)
    assert ask(keep, headers, path=path, query=query)[0] == status


@pytest.mark.parametrize("query", ["", "Action=CreateQueue&X-Amz-Signature=x&X-Amz-Credential=test%2Fsqs"])
@pytest.mark.parametrize("path", ["", "nope", "a5c0de01", "a5c0de01/", "a5c0de01/v1/status", "a5c0de01%2Fv1"])
def test_links_reach_an_api_only_through_the_edge(path: str, query: str) -> None:
    """MiniStack answers its query protocol below ``/_aws/execute-api/`` on every path without an API."""
    keep, whole = doors(SETTINGS, "emulator"), f"/_aws/execute-api/{path}"
    headers = {"host": "localhost:4566", "sec-fetch-site": "cross-site", **NAVIGATION}
    assert ask(keep, headers, path=whole, query=query)[0] == FORBIDDEN
    assert ask(keep, headers | {"x-asyncsns": "other"}, path=whole, query=query)[0] == FORBIDDEN
    assert ask(keep, headers | HELPER_HEADERS, path=whole, query=query)[0] == PASSED


def test_the_header_of_helpers_ends_at_the_guard() -> None:
    application = Application()
    sent = raw({"host": HOST, **HELPER_HEADERS, "accept": "*/*"})
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": sent}
    at_once(Guard(application, Doors())(scope, None, None))  # type: ignore[arg-type]
    assert application.headers == raw({"host": HOST, "accept": "*/*"})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("edge", "/_reload"), ("gateway", "/_fault"), ("gateway", "/_sockets"), ("gateway", "/_metrics"),
        ("emulator", "/_asyncsns/environments"),
        ("emulator", "/_ministack/reset"), ("emulator", "/_ministack/ses/messages"),
        ("push", "/subscriptions/x"), ("webtransport", "/sessions/wt.x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_helper_routes_require_a_header_that_needs_a_preflight(name: str, path: str, method: str) -> None:
    keep = doors(SETTINGS, name)
    status, _, body = ask(keep, {"host": HOST}, method=method, path=path)
    assert (status, "X-Asyncsns: kit" in body) == (FORBIDDEN, True)
    assert ask(keep, {"host": HOST, "x-asyncsns": "other"}, method=method, path=path)[0] == FORBIDDEN
    assert ask(keep, {"host": HOST, **HELPER_HEADERS}, method=method, path=path)[0] == PASSED
    assert ask(keep, {"host": "evil.test", **HELPER_HEADERS}, method=method, path=path)[0] == MISDIRECTED


def test_a_preflight_of_a_foreign_page_gets_no_cors_headers() -> None:
    asked = {"host": HOST, "origin": "http://evil.test", "access-control-request-method": "POST"}
    status, headers, body = ask(doors(SETTINGS, "emulator"), asked, method="OPTIONS")
    assert status == FORBIDDEN
    assert not [name for name in headers if name.startswith("access-control-")]
    assert "EMULATION_ALLOWED_ORIGINS" in json.loads(body)["message"]


def test_a_refusal_names_the_received_value_the_expected_one_and_the_setting() -> None:
    _, headers, body = ask(Doors(), {"host": "evil.test" + "x" * 500})
    message = json.loads(body)["message"]
    assert "got 'evil.test" in message
    assert "expected localhost" in message
    assert "EMULATION_ALLOWED_HOSTS" in message
    assert len(message) < 300
    assert headers["content-type"] == "application/json"


def test_origins_named_in_the_settings_are_accepted() -> None:
    servers = Settings(
        {
            "EMULATION_URL_EMULATOR": "http://emulator:4566",
            "EMULATION_PUBLIC_URL_EDGE": "https://sns.example",
            "EMULATION_ALLOWED_HOSTS": "Laptop.lan, other",
            "EMULATION_ALLOWED_ORIGINS": "https://tool.example/",
        }
    )
    keep = doors(servers, "emulator")
    for host in ("emulator:4566", "sns.example", "laptop.lan:1", "other"):
        assert ask(keep, {"host": host})[0] == PASSED
    for origin in ("https://sns.example", "https://tool.example"):
        assert ask(keep, {"host": HOST, "origin": origin}, method="POST")[0] == PASSED
    for origin in ("http://sns.example", "https://sns.example:8080", UI):
        assert ask(keep, {"host": HOST, "origin": origin}, method="POST")[0] == FORBIDDEN
    assert ask(doors(servers, "search"), {"host": HOST, "origin": "https://tool.example"})[0] == FORBIDDEN


def test_lifespan_messages_of_a_server_are_not_guarded() -> None:
    application = Application()
    at_once(Guard(application, Doors())({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert application.asked == 1
