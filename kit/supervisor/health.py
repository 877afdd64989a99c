"""One health check: GET the URL of a process, or ask it by STUN or on its UNIX socket, within a deadline."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import struct
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 3.0
#: On loopback a connection is taken or refused at once, unless too many wait for it.
_CONNECT_SECONDS = 0.1
_REFUSED = "down: refuses connections"
#: RFC 8489, sections 5 and 18.2.
_MAGIC_COOKIE = 0x2112A442
_BINDING_REQUEST, _BINDING_SUCCESS = 0x0001, 0x0101


def listens(url: str) -> bool:
    """Whether a connection is not refused there, which costs next to nothing to find out; of UDP nobody can tell."""
    parts = urlsplit(url)
    if parts.scheme == "stun":
        return True
    if parts.scheme == "unix":
        return _check_unix(parts.path, _CONNECT_SECONDS) != _REFUSED
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asking:
        asking.settimeout(_CONNECT_SECONDS)
        try:
            asking.connect((parts.hostname or "", parts.port or 0))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True  # `check` says why
        return True


def check(url: str, timeout: float = _TIMEOUT_SECONDS) -> str:
    """The process's health (``ok``, ``starting``, ``degraded``), or ``down: <reason>``."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return _check_unix(parts.path, timeout)
    assert parts.hostname is not None
    if parts.scheme == "stun":
        assert parts.port is not None
        return _check_stun((parts.hostname, parts.port), timeout)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        body = answer.read(65536)
    except (OSError, http.client.HTTPException) as error:
        return f"down: {error or type(error).__name__}"
    finally:
        connection.close()
    if answer.status != 200:
        return f"down: HTTP {answer.status}"
    try:
        return str(json.loads(body).get("status", "ok"))
    except (ValueError, AttributeError):
        return "ok"


def _check_unix(path: str, timeout: float) -> str:
    """A connection without a request, which is answered by its end."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(timeout)
        try:
            asking.connect(path)
            asking.shutdown(socket.SHUT_WR)
            asking.recv(1)
        except (ConnectionRefusedError, FileNotFoundError):
            return _REFUSED
        except OSError as error:
            return f"down: {error or type(error).__name__}"
    return "ok"


def _check_stun(address: tuple[str, int], timeout: float) -> str:
    transaction = secrets.token_bytes(12)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(timeout)
        try:
            asking.connect(address)
            asking.send(struct.pack("!HHI", _BINDING_REQUEST, 0, _MAGIC_COOKIE) + transaction)
            answer = asking.recv(1500)
        except OSError as error:
            return f"down: {error or type(error).__name__}"
    expected = (_BINDING_SUCCESS, _MAGIC_COOKIE, transaction)
    if len(answer) < 20 or (*struct.unpack("!HxxI", answer[:8]), answer[8:20]) != expected:
        return "down: no answer to a STUN binding request"
    return "ok"


def is_up(status: str) -> bool:
    """Whether the process can serve: ``degraded`` can, ``starting`` cannot."""
    return status in ("ok", "degraded")
