"""POST over keep-alive connections, for responses with a length, as AWS's JSON APIs send them.

It supports only that part of HTTP/1.1 (RFC 9112). Any other response raises ``UnusualAnswerError``, and the caller uses
the usual client. urllib3, http.client and the parser of mail headers below it cost a function more than DynamoDB's
answer.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from botocore.httpsession import where

_HEAD_LIMIT = 64 * 1024
_CHUNK = 256 * 1024
_PORTS = {"http": 80, "https": 443}


class UnusualAnswerError(OSError):
    """The answer is not one that this client reads."""


class StaleConnectionError(OSError):
    """The other side had ended the connection before it answered anything."""


class KeptConnections:
    """Kept connections to one address; any thread may use them."""

    def __init__(self, url: str, connect_seconds: float, read_seconds: float) -> None:
        """``url``: of the service; its path is not used."""
        parts = urlsplit(url)
        self._name = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._is_secure = parts.scheme == "https"
        self.host = parts.netloc
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._idle: list[socket.socket] = []

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. A connection that was ended meanwhile is replaced, once.

        Raises:
            TimeoutError: no connection, or no answer, within the time.
            OSError: any other network error.
        """
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        request = head.encode("latin-1") + body
        try:
            kept = self._idle.pop()
        except IndexError:
            return self._exchange(self._connected(), request)
        try:
            return self._exchange(kept, request)
        except StaleConnectionError:
            return self._exchange(self._connected(), request)

    def _connected(self) -> socket.socket:
        made = socket.create_connection((self._name, self._port), self._connect_seconds)
        # Else the end of a long request waits 40 ms for a delayed ACK.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._is_secure:
            made = _trust().wrap_socket(made, server_hostname=self._name)
        made.settimeout(self._read_seconds)
        return made

    def _exchange(self, connection: socket.socket, request: bytes) -> tuple[int, bytes]:
        try:
            status, content, is_kept = _exchanged(connection, request)
        except BaseException:
            with contextlib.suppress(OSError):
                connection.close()
            raise
        if is_kept:
            self._idle.append(connection)
        else:
            connection.close()
        return status, content


def _exchanged(connection: socket.socket, request: bytes) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection can be used again."""
    try:
        connection.sendall(request)
        received = bytearray(connection.recv(_CHUNK))
    except (BrokenPipeError, ConnectionResetError) as error:
        raise StaleConnectionError(str(error)) from error
    if not received:
        raise StaleConnectionError("the connection was closed")
    while (end := received.find(b"\r\n\r\n")) < 0:
        if len(received) > _HEAD_LIMIT:
            raise UnusualAnswerError("no end of the headers")
        _receive_into(received, connection)
    status, length, is_kept = _head(bytes(received[:end]))
    del received[: end + 4]
    while len(received) < length:
        _receive_into(received, connection)
    if len(received) > length:
        raise UnusualAnswerError("more than one answer")
    return status, bytes(received), is_kept


def _receive_into(received: bytearray, connection: socket.socket) -> None:
    part = connection.recv(_CHUNK)
    if not part:
        raise UnusualAnswerError("the connection was closed within the answer")
    received += part


def _head(head: bytes) -> tuple[int, int, bool]:
    """Status, length, and whether the connection stays, of a head without its last line ends."""
    first, *lines = head.split(b"\r\n")
    version, _, rest = first.partition(b" ")
    status = rest[:3]
    lengths, is_kept, is_encoded = [], True, False
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name == b"content-length":
            lengths.append(value.strip())
        elif name == b"connection":
            is_kept = value.strip().lower() != b"close"
        elif name in (b"transfer-encoding", b"content-encoding"):
            is_encoded = True
    has_length = len(lengths) == 1 and lengths[0].isdigit()
    if version != b"HTTP/1.1" or not status.isdigit() or status < b"200" or is_encoded or not has_length:
        raise UnusualAnswerError(f"expected an answer with a length, got {head[:100]!r}")
    return int(status), int(lengths[0]), is_kept


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that botocore trusts."""
    return ssl.create_default_context(cafile=where())
