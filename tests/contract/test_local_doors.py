"""No web page but our own can reach a local listener of any kind; tested on the running network.

The test finds the listeners instead of listing them, so a listener without the guard fails.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from aioquic.asyncio.client import connect as quic_connect
from aioquic.h3.connection import H3_ALPN
from aioquic.quic.configuration import QuicConfiguration

from emulation.guard import HELPER_HEADERS
from emulation.settings import SERVERS
from infra.constants import WEBSOCKET_STAGE
from kit import ports
from kit.client import Endpoints
from kit.client.webtransport import Session
from kit.settings import Settings
from kit.supervisor import records

SETTINGS = Settings.load()
#: The edge's certificate is made on this machine.
_ANY_CERTIFICATE = ssl.create_default_context()
_ANY_CERTIFICATE.check_hostname, _ANY_CERTIFICATE.verify_mode = False, ssl.CERT_NONE
EVIL = "http://evil.test"
OPENED = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
#: Each request changes data, and none needs a preflight: a form or `fetch(…, {mode: "no-cors"})` can send it.
FORMS: dict[str, list[tuple[str, bytes]]] = {
    "emulator": [("/", b"Action=CreateQueue&QueueName=doors"), ("/2015-03-31/functions", b"{}")],
    "search": [("/_bulk", b'{"index":{"_index":"doors","_id":"1"}}\n{}\n'), ("/_aliases", b"{}")],
    "edge": [("/_reload", b""), ("/_fault", b'{"gateway":"down"}')],
    "gateway": [("/_reload", b""), ("/_fault", b'{"gateway":"down"}')],
    "push": [("/subscriptions", b"{}"), ("/push/x", b"")],
    "webtransport": [("/sessions/wt.x", b"{}")],
    "console": [("/TraceSegments", b"{}")],
}
HELPERS = [
    ("edge", "POST", "/_reload"), ("gateway", "POST", "/_fault"), ("emulator", "GET", "/_asyncsns/environments"),
    ("emulator", "GET", "/_asyncsns/records?seconds=0"), ("push", "GET", "/subscriptions/x/messages"),
    ("push", "DELETE", "/subscriptions/x"), ("webtransport", "GET", "/sessions"),
    ("webtransport", "DELETE", "/sessions/wt.x"),
]  # fmt: skip


@dataclass(frozen=True)
class Listener:
    name: str
    port: int

    @property
    def base(self) -> str:
        return f"{'https' if self.name == 'edge_tls' else 'http'}://127.0.0.1:{self.port}"

    def ask(self, method: str = "GET", path: str = "/", body: bytes = b"", **headers: str) -> httpx.Response:
        spelled = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.request(
            method, self.base + path, content=body, headers=spelled, timeout=60, verify=_ANY_CERTIFICATE
        )


def listeners() -> list[Listener]:
    """Every port of the settings on which a process listens."""
    found = [Listener(name, SETTINGS.port(name)) for name in SERVERS]
    return [one for one in found if not ports.is_free(one.port)]


def ports_of_our_processes() -> set[int]:
    """TCP ports on which this checkout's processes listen, including children and Lambda environments (Linux)."""
    leaders = {record.pid for record in records.read_all(SETTINGS.run).values() if record.is_alive()}
    inodes = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _session_of(int(folder.name)) in leaders:
            inodes |= _sockets(folder / "fd")
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {int(fields[1].rsplit(":", 1)[1], 16) for fields in lines if fields[3] == "0A" and fields[9] in inodes}


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _sockets(folder: Path) -> set[str]:
    found = set()
    try:
        for link in folder.iterdir():
            target = str(link.readlink())
            if target.startswith("socket:["):
                found.add(target[8:-1])
    except OSError:
        return found
    return found


@pytest.fixture(scope="module", autouse=True)
def running() -> None:
    if SETTINGS.remembered().get("target", "embedded") != "embedded":
        pytest.skip("the processes of the embedded target are asked")
    assert len(listeners()) >= 9, "`make up` first"


@pytest.fixture
def unharmed() -> Iterator[None]:
    yield
    edge = Listener("edge", SETTINGS.port("edge"))
    assert edge.ask(path="/v1/status").status_code == 200
    search = Listener("search", SETTINGS.port("search"))
    assert search.ask("HEAD", "/doors").status_code == 404


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="Linux tells which process listens")
def test_only_ports_named_in_the_settings_are_listening() -> None:
    turn = SETTINGS.port("turn")  # speaks STUN, not HTTP
    assert ports_of_our_processes() <= {turn, *(one.port for one in listeners())}


def test_every_listener_refuses_a_foreign_host() -> None:
    for listener in listeners():
        for path in ("/", "/_health", "/_cluster/health", "/api/mails"):
            answer = listener.ask(path=path, host=f"evil.test:{listener.port}")
            assert answer.status_code == 421, (listener, path, answer.text)
            assert "EMULATION_ALLOWED_HOSTS" in answer.json()["message"]


def test_every_listener_knows_its_own_names() -> None:
    for listener in listeners():
        for host in ("localhost", "127.0.0.1", "a.localhost"):
            answer = listener.ask(path="/_health", host=f"{host}:{listener.port}")
            assert answer.status_code == 200, (listener, host, answer.text)


def test_every_listener_refuses_requests_of_foreign_pages() -> None:
    tries: list[dict[str, str]] = [
        {"origin": EVIL}, {"origin": "null"}, {"origin": f"http://localhost:{SETTINGS.port('edge') + 1000}"},
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"},
        {"sec_fetch_site": "same-site", "sec_fetch_mode": "no-cors", "sec_fetch_dest": "empty"},
    ]  # fmt: skip
    for listener in listeners():
        for headers in tries:
            for method in ("GET", "POST", "OPTIONS"):
                answer = listener.ask(method, "/_health", access_control_request_method="POST", **headers)
                assert answer.status_code == 403, (listener, method, headers, answer.text)
                assert not [name for name in answer.headers if name.startswith("access-control-")]


#: Requests that no HTTP client would send.
RAW_HEADS = [
    b"GET /_health HTTP/1.0\r\n\r\n",
    b"GET http://evil.test/_health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET http://localhost@evil.test/_health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /_health HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n",
    b"GET /_health HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:8080\r\nOrigin: http://evil.test\r\n\r\n",
    *(
        b"GET /_health HTTP/1.1\r\nX-Forwarded-Host: localhost\r\nHost: " + host + b"\r\n\r\n"
        for host in (
            *(b"localhost.", b"localhost.evil.test", b"127.0.0.1.evil.test", b"[::ffff:127.0.0.1]", b"a@localhost"),
            *(b"0.0.0.0", b"127.1", b"localhost, evil.test", b"evil.test:x.localhost", b""),
        )
    ),
]


def _status_of(listener: Listener, head: bytes) -> int:
    with socket.create_connection(("127.0.0.1", listener.port), 20) as plain:
        line: Any = _ANY_CERTIFICATE.wrap_socket(plain) if listener.name == "edge_tls" else plain
        line.sendall(head)
        return int(line.recv(4096).split(b" ", 2)[1])


def test_no_spelling_of_another_host_gets_into_a_listener() -> None:
    tried = [(one, head) for one in listeners() for head in RAW_HEADS]
    passed = [(one.name, head) for one, head in tried if _status_of(one, head) not in (400, 403, 421)]
    assert (len(tried) >= 9 * len(RAW_HEADS), passed) == (True, [])


def test_every_answer_has_nosniff_and_pages_refuse_framing() -> None:
    for listener in listeners():
        answer = listener.ask(path="/_health", sec_fetch_site="none")
        assert answer.headers["x-content-type-options"] == "nosniff", listener
    for name in ("edge", "edge_tls", "console", "push"):
        headers = Listener(name, SETTINGS.port(name)).ask(sec_fetch_site="none").headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], name


@pytest.mark.parametrize(("host", "origin", "status"), [("localhost", EVIL, 403), ("evil.test", None, 421)])
def test_every_listener_refuses_sockets_of_foreign_pages(host: str, origin: str | None, status: int) -> None:
    for listener in listeners():
        head = f"GET / HTTP/1.1\r\nHost: {host}:{listener.port}\r\n" + (f"Origin: {origin}\r\n" if origin else "")
        head += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        assert _status_of(listener, head.encode()) == status, listener


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_of_a_foreign_page_changes_nothing(name: str, unharmed: None) -> None:
    listener = Listener(name, SETTINGS.port(name))
    for path, body in FORMS[name]:
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            answer = listener.ask("POST", path, body, origin=EVIL, content_type=kind, sec_fetch_site="cross-site")
            assert answer.status_code == 403, (path, answer.text)


@pytest.mark.parametrize(("name", "method", "path"), HELPERS)
def test_helper_routes_require_their_header(name: str, method: str, path: str, unharmed: None) -> None:
    listener = Listener(name, SETTINGS.port(name))
    assert listener.ask(method, path).status_code == 403
    assert listener.ask(method, path, **HELPER_HEADERS, origin=EVIL).status_code == 403
    assert listener.ask(method, path, **HELPER_HEADERS).status_code in (200, 204, 400, 404)


async def status_of_session(authority: str, *headers: tuple[bytes, bytes]) -> int:
    """The status of a CONNECT without a ticket."""
    configuration = QuicConfiguration(
        alpn_protocols=H3_ALPN, is_client=True, max_datagram_frame_size=65536, verify_mode=ssl.CERT_NONE
    )
    port = SETTINGS.port("webtransport")
    async with quic_connect("127.0.0.1", port, configuration=configuration, create_protocol=Session) as session:
        assert isinstance(session, Session)
        session.request(authority, f"/{WEBSOCKET_STAGE}", *headers)
        return await asyncio.wait_for(session.status, 60)


@pytest.mark.parametrize(
    ("authority", "origin", "status"),
    [("localhost", "", 401), ("localhost", "ui", 401), ("localhost", EVIL, 403), ("evil.test", "", 421)],
)
def test_a_session_over_http3_is_refused_in_the_same_way(authority: str, origin: str, status: int) -> None:
    sent = SETTINGS.public_url("edge") if origin == "ui" else origin
    headers = [(b"origin", sent.encode())] if sent else []
    assert asyncio.run(status_of_session(authority, *headers)) == status


def test_pages_of_the_kit_open_from_any_link() -> None:
    for name in ("edge", "edge_tls", "console", "push"):
        answer = Listener(name, SETTINGS.port(name)).ask(**OPENED)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/html"), name


@pytest.mark.parametrize("path", ["/_aws/execute-api/nope", "/_aws/execute-api/", "/_aws/execute-api/{api}"])
def test_a_signed_link_cannot_create_a_queue(path: str) -> None:
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    query = {
        "Action": "CreateQueue", "Version": "2012-11-05", "QueueName": "doors-opened", "X-Amz-Expires": "600",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Date": now, "X-Amz-SignedHeaders": "host",
        "X-Amz-Credential": f"test/{now[:8]}/us-east-1/sqs/aws4_request", "X-Amz-Signature": "x",
    }  # fmt: skip
    emulator = Listener("emulator", SETTINGS.port("emulator"))
    whole = f"{path.format(api=Endpoints.load().document['apis']['http'])}?{urlencode(query)}"
    answer = emulator.ask(path=whole, **OPENED)
    assert (answer.status_code, "QueueUrl" in answer.text) == (403, False)


def test_a_link_reaches_the_api_through_the_edge_only() -> None:
    """CloudFront sends the origin secret; the API refuses direct requests, and guessed secrets."""
    api = Endpoints.load().document["apis"]["http"]
    edge, gateway, emulator = (Listener(name, SETTINGS.port(name)) for name in ("edge", "gateway", "emulator"))
    assert edge.ask(path="/v1/status", **OPENED).status_code == 200
    # A secret sent by a viewer is not forwarded.
    assert edge.ask(path="/v1/status", **{"X-Origin-Secret": "guess"}).status_code == 200
    tries: list[dict[str, str]] = [{}, {"X-Origin-Secret": ""}, {"X-Origin-Secret": "guess"}]
    for headers in tries:
        for one, path in ((gateway, f"/_api/{api}/v1/status"), (emulator, f"/_aws/execute-api/{api}/v1/status")):
            refused = one.ask(path=path, **headers)
            assert (refused.status_code, json.loads(refused.text)["type"]) == (403, "forbidden"), (one, headers)


def test_every_listener_refuses_a_host_with_an_empty_port() -> None:
    for listener in listeners():
        path = f"/_api/{Endpoints.load().document['apis']['http']}/v1/status" if listener.name == "gateway" else "/"
        assert listener.ask(path=path, host="localhost:").status_code == 421, listener


@pytest.mark.parametrize("name", ["{label}.cloudfront.net", "{label}.cloudfront.localhost", "{label}.CLOUDFRONT.net"])
def test_the_emulator_serves_no_files_of_a_distribution(name: str) -> None:
    label = Endpoints.load().document["distribution"]["domainName"].split(".")[0]
    emulator = Listener("emulator", SETTINGS.port("emulator"))
    for port in ("", f":{emulator.port}", ":1:.localhost"):
        answer = emulator.ask(path="/index.html", host=name.format(label=label) + port)
        assert answer.status_code == 421, answer.text[:200]


def test_the_distribution_and_the_api_are_served_by_their_names() -> None:
    document = Endpoints.load().document
    edge, gateway = (Listener(name, SETTINGS.port(name)) for name in ("edge", "gateway"))
    assert edge.ask(host=document["distribution"]["domainName"]).status_code == 200
    api = f"{document['apis']['http']}.execute-api.us-east-1.amazonaws.com"
    assert "forbidden" in gateway.ask(path="/v1/status", host=api).text
    assert gateway.ask(path="/v1/status", host=api.replace("amazonaws.com", "evil.test")).status_code == 421
    assert json.loads(edge.ask(host="other.cloudfront.net").text)["message"].startswith("Host: expected")
