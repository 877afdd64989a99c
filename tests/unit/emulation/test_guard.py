"""Who may pass: Host, Origin, Fetch Metadata, method and kind of request, as one table."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from emulation.doors import doors, is_api
from emulation.guard import HELPER_HEADERS, Doors, Guard, Judge, name_of
from emulation.settings import SERVERS, Settings

HOST = "127.0.0.1:8080"
UI = "http://localhost:8080"
PASSED, MISDIRECTED, FORBIDDEN = None, 421, 403
NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def fetched(site: str, mode: str, destination: str) -> dict[str, str]:
    return {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination}


#: One page besides those that the edge serves may call: that of a development server.
SETTINGS = Settings({"EMULATION_ALLOWED_ORIGINS": "http://localhost:5173"})


class Application:
    """Notes that it was asked, and by which headers."""

    def __init__(self) -> None:
        self.asked = 0
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        self.headers = list(scope.get("headers", []))


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def ask(
    keep: Doors, headers: Mapping[str, str], kind: str = "http", method: str = "GET", path: str = "/", query: str = ""
) -> tuple[int | None, dict[str, str], str]:
    """Status, headers and body of the guard's own answer; None where it passed the request on."""
    application, sent = Application(), []
    scope: dict[str, Any] = {"type": kind, "path": path, "query_string": query.encode(), "headers": raw(headers)}
    if kind == "http":
        scope["method"] = method

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Guard(application, keep)(scope, receive, send))
    assert application.asked == (0 if sent else 1)
    if not sent:
        return None, {}, ""
    prefix = "http.response" if kind == "http" else "websocket.http.response"
    assert [message["type"] for message in sent] == [f"{prefix}.start", f"{prefix}.body"]
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, sent[1]["body"].decode()


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", PASSED), ("localhost:4566", PASSED), ("LocalHost:1", PASSED), ("127.0.0.1", PASSED),
        ("127.0.0.1:65535", PASSED), ("[::1]", PASSED), ("[::1]:8080", PASSED), ("bucket.s3.localhost:4566", PASSED),
        ("evil.test", MISDIRECTED), ("evil.test:8080", MISDIRECTED), ("localhost.evil.test", MISDIRECTED),
        ("notlocalhost", MISDIRECTED), ("127.0.0.1.evil.test:80", MISDIRECTED), ("127.0.0.1:80:80", MISDIRECTED),
        ("0.0.0.0:8080", MISDIRECTED), ("10.0.0.7", MISDIRECTED), ("", MISDIRECTED), ("::1", MISDIRECTED),
        ("localhost@evil.test", MISDIRECTED), ("d111.cloudfront.net", MISDIRECTED),
        ("localhost:", MISDIRECTED), ("localhost:\xb2", MISDIRECTED), ("localhost:123456", MISDIRECTED),
        ("evil.test:x.localhost", MISDIRECTED), ("evil.test/.localhost", MISDIRECTED), (".localhost", MISDIRECTED),
    ],
)  # fmt: skip
def test_a_host_is_a_name_of_this_machine(host: str, status: int | None, kind: str) -> None:
    assert ask(Doors(), {"host": host}, kind)[0] == status


def test_without_a_host_nothing_is_served() -> None:
    assert ask(Doors(), {})[0] == MISDIRECTED


@pytest.mark.parametrize("twice", ["host", "origin", "sec-fetch-site"])
def test_what_is_judged_is_said_once(twice: str) -> None:
    headers = [(b"host", b"localhost"), *([(twice.encode(), b"localhost")] * 2)]
    refusal = Judge(Doors()).refusal("GET", "/", b"", headers)
    assert refusal is not None
    assert "expected once" in refusal.message


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
def test_only_pages_of_the_ui_call_what_the_ui_calls(
    name: str, origin: str, status: int | None, method: str, kind: str
) -> None:
    keep = doors(SETTINGS, name)
    for site in ({}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "same-origin"}, NAVIGATION):
        assert ask(keep, {"host": HOST, "origin": origin, **site}, kind, method)[0] == status


@pytest.mark.parametrize(
    ("name", "own"),
    [("console", "http://localhost:8082"), ("push", "http://127.0.0.1:8083"), ("search", ""), ("pump", "")],
)
def test_other_listeners_are_called_by_their_own_pages_alone(name: str, own: str) -> None:
    keep = doors(SETTINGS, name)
    assert ask(keep, {"host": HOST, "origin": UI}, method="POST")[0] == FORBIDDEN
    if own:
        assert ask(keep, {"host": HOST, "origin": own}, method="POST")[0] == PASSED


def test_firefox_itself_connects_to_the_push_service() -> None:
    """As origin it names the address that its preferences give it, with a slash, which no page's origin has."""
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
def test_without_an_origin_the_browser_says_which_site_asks(
    metadata: dict[str, str], at_pages: Any, elsewhere: int | None, method: str
) -> None:
    """A hostile page on another port of localhost is same-site."""
    if at_pages == "navigation":
        at_pages = PASSED if method in ("GET", "HEAD") else FORBIDDEN
    for name in SERVERS:
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
def test_of_the_emulator_a_link_opens_presigned_objects_only(
    path: str, changed: dict[str, str | None], more: str, status: int | None
) -> None:
    headers = {"host": "localhost:4566", "sec-fetch-site": "same-site", **NAVIGATION}
    query = urlencode({name: value for name, value in (LINK | changed).items() if value is not None}) + more
    keep = doors(SETTINGS, "emulator", is_bucket=BUCKETS.__contains__)
    assert ask(keep, headers, path=path, query=query)[0] == status


@pytest.mark.parametrize("query", ["", "Action=CreateQueue&X-Amz-Signature=x&X-Amz-Credential=test%2Fsqs"])
@pytest.mark.parametrize("path", ["", "nope", "a5c0de01", "a5c0de01/", "a5c0de01/v1/status", "a5c0de01%2Fv1"])
def test_links_reach_an_api_through_the_edge_alone(path: str, query: str) -> None:
    """MiniStack's query protocol answers below ``/_aws/execute-api/`` wherever there is no API."""
    keep, whole = doors(SETTINGS, "emulator"), f"/_aws/execute-api/{path}"
    headers = {"host": "localhost:4566", "sec-fetch-site": "cross-site", **NAVIGATION}
    assert ask(keep, headers, path=whole, query=query)[0] == FORBIDDEN
    assert ask(keep, headers | {"x-asyncsns": "other"}, path=whole, query=query)[0] == FORBIDDEN
    assert ask(keep, headers | HELPER_HEADERS, path=whole, query=query)[0] == PASSED


def test_the_header_of_helpers_ends_at_the_guard() -> None:
    application = Application()
    sent = raw({"host": HOST, **HELPER_HEADERS, "accept": "*/*"})
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": sent}
    asyncio.run(Guard(application, Doors())(scope, None, None))  # type: ignore[arg-type]
    assert application.headers == raw({"host": HOST, "accept": "*/*"})


@pytest.mark.parametrize("host", ["d111.cloudfront.net", "D111.CloudFront.localhost", "d.cloudfront.net:1:.localhost"])
@pytest.mark.parametrize("port", ["", ":4566"])
def test_the_emulator_serves_nothing_as_a_distribution(host: str, port: str) -> None:
    """MiniStack would, without the signature that private media want."""
    assert ask(doors(SETTINGS, "emulator", is_api), {"host": host + port})[0] == MISDIRECTED


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("edge", "/_reload"), ("gateway", "/_fault"), ("emulator", "/_asyncsns/environments"),
        ("emulator", "/_ministack/reset"), ("push", "/subscriptions/x"), ("webtransport", "/sessions/wt.x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_helpers_want_a_header_that_no_page_sends_unasked(name: str, path: str, method: str) -> None:
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


def test_a_refusal_says_what_came_what_was_expected_and_what_allows_it() -> None:
    _, headers, body = ask(Doors(), {"host": "evil.test" + "x" * 500})
    message = json.loads(body)["message"]
    assert "got 'evil.test" in message
    assert "expected localhost" in message
    assert "EMULATION_ALLOWED_HOSTS" in message
    assert len(message) < 300
    assert headers["content-type"] == "application/json"


def test_names_of_settings_are_ours() -> None:
    settings = Settings(
        {
            "EMULATION_URL_EMULATOR": "http://emulator:4566",
            "EMULATION_PUBLIC_URL_EDGE": "https://sns.example",
            "EMULATION_ALLOWED_HOSTS": "Laptop.lan, other",
            "EMULATION_ALLOWED_ORIGINS": "https://tool.example/",
        }
    )
    keep = doors(settings, "emulator")
    for host in ("emulator:4566", "sns.example", "laptop.lan:1", "other"):
        assert ask(keep, {"host": host})[0] == PASSED
    for origin in ("https://sns.example", "https://tool.example"):
        assert ask(keep, {"host": HOST, "origin": origin}, method="POST")[0] == PASSED
    for origin in ("http://sns.example", "https://sns.example:8080", UI):
        assert ask(keep, {"host": HOST, "origin": origin}, method="POST")[0] == FORBIDDEN
    assert ask(doors(settings, "search"), {"host": HOST, "origin": "https://tool.example"})[0] == FORBIDDEN


def test_names_that_are_deployed_are_asked_for_each_time() -> None:
    deployed: set[str] = set()
    keep = doors(SETTINGS, "edge", deployed.__contains__)
    assert ask(keep, {"host": "D111.cloudfront.net"})[0] == MISDIRECTED
    deployed.add("d111.cloudfront.net")
    assert ask(keep, {"host": "D111.cloudfront.net"})[0] == PASSED


def test_an_api_is_known_by_its_name_on_aws() -> None:
    keep = doors(SETTINGS, "gateway", is_api)
    assert ask(keep, {"host": "a5c0de01.execute-api.us-east-1.amazonaws.com"})[0] == PASSED
    assert ask(keep, {"host": "d111.cloudfront.net"})[0] == MISDIRECTED
    for host in ("a.execute-api.evil.test", "execute-api.us-east-1.amazonaws.com.evil.test", "s3.amazonaws.com"):
        assert ask(keep, {"host": host})[0] == MISDIRECTED


def test_how_a_server_starts_and_stops_is_nobodys_request() -> None:
    application = Application()
    asyncio.run(Guard(application, Doors())({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert application.asked == 1


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("A.b:80", "a.b"), ("a.b", "a.b"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("a:", "a:"), ("", ""),
        ("a:\xb2", "a:\xb2"),
    ],
)  # fmt: skip
def test_a_port_is_not_part_of_the_name(host: str, name: str) -> None:
    assert name_of(host) == name


def test_remembered_hosts_are_bounded() -> None:
    judge = Judge(Doors())
    for port in range(1000):
        assert judge.refusal("GET", "/", b"", [(b"host", f"localhost:{port}".encode())]) is None
    assert len(judge._known_hosts) == 256
