"""Requests over kept connections, against a test socket that sends raw bytes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence

import pytest

from services.common.lean_http import KeptConnections, StaleConnectionError, UnusualAnswerError

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 5\r\n\r\nhello"
#: Instead of an answer: closes the connection; sends nothing.
HANG_UP, SILENCE = b"", b"-"


class Server:
    """Answers the requests of each connection with the next entry of ``plan``."""

    def __init__(self, plan: Sequence[Sequence[bytes]]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/ignored"
        self.requests: list[bytes] = []
        self.released = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(plan,), daemon=True)
        self._thread.start()

    def _serve(self, plan: Sequence[Sequence[bytes]]) -> None:
        for answers in plan:
            connection, _ = self._listener.accept()
            with connection:
                for answer in answers:
                    if answer == HANG_UP:
                        break
                    self.requests.append(_request(connection))
                    if answer == SILENCE:
                        self.released.wait(30)
                    else:
                        for part in answer.split(b"|"):
                            connection.sendall(part)

    def close(self) -> None:
        self.released.set()
        self._listener.close()
        self._thread.join(30)


def _request(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"body"):
        received += connection.recv(65536)
    return received


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(request.param)
    yield made
    made.close()


def connections(server: Server) -> KeptConnections:
    return KeptConnections(server.url, connect_seconds=5, read_seconds=0.5)


@pytest.mark.parametrize("server", [[[GOOD, GOOD.replace(b"200 OK", b"400 Bad Request")]]], indirect=True)
def test_requests_go_over_one_connection(server: Server) -> None:
    client = connections(server)
    assert client.post("/a", {"host": client.host, "x": "y"}, b"body") == (200, b"hello")
    assert client.post("/b", {"host": client.host}, b"body") == (400, b"hello")
    first = f"POST /a HTTP/1.1\r\nhost: {client.host}\r\nx: y\r\ncontent-length: 4\r\n\r\nbody"
    assert server.requests[0] == first.encode()


@pytest.mark.parametrize("server", [[[GOOD.replace(b"\r\n", b"\r|\n").replace(b"hello", b"he|llo")]]], indirect=True)
def test_an_answer_in_several_packets_is_read(server: Server) -> None:
    assert connections(server).post("/", {}, b"body") == (200, b"hello")


@pytest.mark.parametrize("server", [[[GOOD, HANG_UP], [GOOD]]], indirect=True)
def test_a_connection_closed_by_the_server_is_replaced(server: Server) -> None:
    client = connections(server)
    assert [client.post("/", {}, b"body") for _ in range(2)] == [(200, b"hello")] * 2
    assert len(server.requests) == 2


@pytest.mark.parametrize("server", [[[GOOD.replace(b"Content-Type: x", b"Connection: Close")], [GOOD]]], indirect=True)
def test_a_connection_with_connection_close_is_not_reused(server: Server) -> None:
    client = connections(server)
    assert [client.post("/", {}, b"body") for _ in range(2)] == [(200, b"hello")] * 2


@pytest.mark.parametrize(
    "server",
    [
        [[answer]]
        for answer in (
            GOOD.replace(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
            GOOD.replace(b"Content-Length: 5", b"Content-Length: 5\r\nContent-Length: 5"),
            GOOD.replace(b"Content-Length: 5", b"Content-Length: -5"),
            GOOD.replace(b"Content-Length: 5", b"Content-Length: 5\r\nContent-Encoding: gzip"),
            GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"),
            GOOD.replace(b"200 OK", b"100 Continue"),
            GOOD + b"more",
            GOOD[:-1],
            b"x" * 70_000,
            b"HTTP/1.1\r\n\r\n",
        )
    ],
    indirect=True,
)
def test_unusual_answers_raise_an_error_for_the_fallback(server: Server) -> None:
    with pytest.raises((UnusualAnswerError, TimeoutError)):
        connections(server).post("/", {}, b"body")


@pytest.mark.parametrize("server", [[[SILENCE]]], indirect=True)
def test_a_server_that_does_not_answer_is_a_timeout(server: Server) -> None:
    with pytest.raises(TimeoutError):
        connections(server).post("/", {}, b"body")


@pytest.mark.parametrize("server", [[[HANG_UP]]], indirect=True)
def test_a_new_connection_that_is_ended_is_an_error(server: Server) -> None:
    with pytest.raises(StaleConnectionError):
        connections(server).post("/", {}, b"body")


@pytest.mark.parametrize("server", [[[HANG_UP]]], indirect=True)
def test_https_is_used_for_https_addresses(server: Server) -> None:
    client = KeptConnections(server.url.replace("http:", "https:"), connect_seconds=5, read_seconds=5)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        client.post("/", {}, b"body")
