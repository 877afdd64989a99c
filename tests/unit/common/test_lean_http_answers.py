"""Each rule for answers on kept connections, with a connection in memory that delivers the bytes as a test says."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest

from services.common.lean_http import KeptConnections, StaleConnectionError, UnusualAnswerError

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 5\r\n\r\nhello"
HEAD_LIMIT = 64 * 1024


class Connection:
    """Delivers ``parts``, raises those that are errors, then is at its end."""

    def __init__(self, *parts: bytes | OSError) -> None:
        self.parts = list(parts)
        self.sent: list[bytes] = []
        self.is_closed = False
        self.close_fails: OSError | None = None

    def sendall(self, content: bytes) -> None:
        self.sent.append(content)

    def recv(self, most: int) -> bytes:
        assert most > 0
        part = self.parts.pop(0) if self.parts else b""
        if isinstance(part, OSError):
            raise part
        return part

    def close(self) -> None:
        self.is_closed = True
        if self.close_fails:
            raise self.close_fails

    def setsockopt(self, *_: Any) -> None: ...

    def settimeout(self, seconds: float) -> None:
        assert seconds == 8


class Network:
    """The connections that are opened, one after the other, and the address and timeout of each."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.opened: list[tuple[tuple[str, int], float]] = []

    def create_connection(self, address: tuple[str, int], timeout: float) -> Connection:
        self.opened.append((address, timeout))
        return self.connections[len(self.opened) - 1]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    made = Network()
    monkeypatch.setattr(socket, "create_connection", made.create_connection)
    return made


def client(network: Network, *connections: Connection) -> KeptConnections:
    network.connections = list(connections)
    return KeptConnections("http://db.example:8000/ignored", connect_seconds=2, read_seconds=8)


def answer_to(network: Network, *parts: bytes | OSError) -> tuple[int, bytes]:
    return client(network, Connection(*parts)).post("/", {}, b"body")


def with_header(line: bytes) -> bytes:
    return GOOD.replace(b"Content-Type: x", line)


def test_connections_are_opened_to_the_address_within_the_time(network: Network) -> None:
    found = client(network, Connection(GOOD))
    assert found.host == "db.example:8000"
    found.post("/", {}, b"body")
    assert network.opened == [(("db.example", 8000), 2)]


@pytest.mark.parametrize("at", range(1, len(GOOD)))
def test_an_answer_may_be_cut_anywhere(network: Network, at: int) -> None:
    assert answer_to(network, GOOD[:at], GOOD[at:]) == (200, b"hello")


def test_an_answer_may_come_byte_by_byte(network: Network) -> None:
    assert answer_to(network, *(bytes([one]) for one in GOOD)) == (200, b"hello")


def test_a_body_may_hold_an_empty_line(network: Network) -> None:
    assert answer_to(network, GOOD.replace(b"hello", b"a\r\n\r\n")) == (200, b"a\r\n\r\n")


def test_headers_have_a_limit(network: Network) -> None:
    answer = with_header(b"X: " + b"x" * HEAD_LIMIT)
    first = Connection(answer[:HEAD_LIMIT], answer[HEAD_LIMIT:])
    second = Connection(answer[: HEAD_LIMIT + 1], answer[HEAD_LIMIT + 1 :])
    assert client(network, first).post("/", {}, b"body") == (200, b"hello")
    network.opened.clear()
    with pytest.raises(UnusualAnswerError, match="no end of the headers"):
        client(network, second).post("/", {}, b"body")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"\r\n\r\n" + GOOD, "expected an answer with a length, got b''"),
        (with_header(b"Transfer-Encoding: chunked"), "expected an answer with a length, got b'HTTP/1.1 200 OK"),
        (with_header(b"Content-Encoding: a:b"), "expected an answer with a length"),
        (GOOD + b"more", "more than one answer"),
        (GOOD[:-1], "the connection was closed within the answer"),
        (GOOD[:20], "the connection was closed within the answer"),
    ],
)
def test_an_unusual_answer_ends_the_connection_and_says_why(network: Network, answer: bytes, reason: str) -> None:
    connection = Connection(answer)
    with pytest.raises(UnusualAnswerError, match=re.escape(reason)):
        client(network, connection).post("/", {}, b"body")
    assert connection.is_closed


@pytest.mark.parametrize("value", [b"close", b"Close", b" CLOSE "])
def test_a_connection_that_the_server_closes_is_closed_here_too(network: Network, value: bytes) -> None:
    first, second = Connection(with_header(b"Connection:" + value), GOOD), Connection(GOOD)
    found = client(network, first, second)
    assert [found.post("/", {}, b"body") for _ in range(2)] == [(200, b"hello")] * 2
    assert (first.is_closed, len(first.sent), len(second.sent)) == (True, 1, 1)


def test_a_connection_that_the_server_keeps_is_used_again(network: Network) -> None:
    kept = Connection(with_header(b"Connection: keep-alive"), GOOD)
    found = client(network, kept)
    assert [found.post("/", {}, b"body") for _ in range(2)] == [(200, b"hello")] * 2
    assert (kept.is_closed, len(kept.sent)) == (False, 2)


@pytest.mark.parametrize(
    ("part", "reason"), [(ConnectionResetError("by peer"), "by peer"), (b"", "the connection was closed")]
)
def test_a_connection_that_ends_before_the_answer_says_how(
    network: Network, part: bytes | OSError, reason: str
) -> None:
    with pytest.raises(StaleConnectionError, match=reason):
        answer_to(network, part)


def test_an_error_of_closing_does_not_replace_the_error_of_the_request(network: Network) -> None:
    connection = Connection(TimeoutError("no answer"))
    connection.close_fails = OSError("closing failed")
    with pytest.raises(TimeoutError, match="no answer"):
        client(network, connection).post("/", {}, b"body")
    assert connection.is_closed


def test_a_timeout_is_not_tried_again(network: Network) -> None:
    kept = Connection(GOOD, TimeoutError("no answer"))
    found = client(network, kept)
    found.post("/", {}, b"body")
    with pytest.raises(TimeoutError):
        found.post("/", {}, b"body")
    assert len(network.opened) == 1
