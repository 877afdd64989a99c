"""X-Ray: the trace header, and a segment per request sent to the daemon by UDP, fire and forget.

Sources: "AWS X-Ray concepts" (tracing header), "AWS X-Ray segment documents", "The AWS X-Ray daemon" (UDP
format).
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import socket
import time
from copy import copy
from dataclasses import dataclass
from typing import Any

from emulation.sampling import Sampler

_OF_CLIENT = re.compile(
    r"Root=(?P<root>1-(?P<began>[0-9a-f]{8})-[0-9a-f]{24})(?:;Parent=(?P<parent>[0-9a-f]{16}))?(?:;|$)", re.ASCII
)
_BEGUN_WITHIN_S = 300
_DAEMON_PREFIX = b'{"format": "json", "version": 1}\n'


@dataclass(slots=True)
class Trace:
    """One request's place in its trace. ``header()`` is what the next hop gets."""

    root: str
    segment: str
    parent: str | None
    sampled: bool
    started: float
    #: Seconds that the integration took; None before it, and without one.
    integration: float | None = None

    def header(self) -> bytes:
        return f"Root={self.root};Parent={self.segment};Sampled={int(self.sampled)}".encode()


def new_trace_id(now: float) -> str:
    """``1-`` + start time in 8 hexadecimal digits + ``-`` + 24 random hexadecimal digits."""
    return f"1-{int(now):08x}-{secrets.token_hex(12)}"


def parse_header(value: str) -> dict[str, str]:
    """``Root=…;Parent=…;Sampled=1`` as a dictionary; what is not ``name=value`` is ignored."""
    parts = (part.strip().partition("=") for part in value.split(";"))
    return {name: rest for name, found, rest in parts if found}


class Tracer:
    """Starts and ends traces; the daemon may be absent."""

    def __init__(self, host: str, port: int, name: str = "edge") -> None:
        self._address = (host, port)
        self._name = name
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._sampler = Sampler()

    def within(self, name: str) -> Tracer:
        """The same daemon and decisions, for segments of another name."""
        other = copy(self)
        other._name = name
        return other

    def start(self, header: str) -> Trace:
        now = time.time()
        given = parse_header(header) if header else {}
        flag = given.get("Sampled")
        sampled = flag == "1" if flag in ("0", "1") else self._sampler.decide()
        root = given.get("Root") or new_trace_id(now)
        return Trace(root, secrets.token_hex(8), given.get("Parent"), sampled, now)

    def start_for_viewer(self, header: str) -> Trace | None:
        """The trace that a client began, if its id is recent; the client does not decide whether it is sampled.

        A receiver of a frame knows its trace id, so an id is accepted for five minutes only: nobody can add to older
        traces.
        """
        now, found = time.time(), _OF_CLIENT.match(header)
        if found is None or abs(now - int(found["began"], 16)) > _BEGUN_WITHIN_S:
            return None
        return Trace(found["root"], secrets.token_hex(8), found["parent"], self._sampler.decide(), now)

    def end(
        self, trace: Trace, method: str, url: str, status: int, length: int, client: str, agent: str,
        origin: str = "AWS::ApiGateway::Stage", annotations: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        if not trace.sampled:
            return
        document: dict[str, Any] = {
            "name": self._name,
            "id": trace.segment,
            "trace_id": trace.root,
            "start_time": trace.started,
            "end_time": time.time(),
            "origin": origin,
            "annotations": annotations or {},
            "http": {
                "request": {"method": method, "url": url, "client_ip": client, "user_agent": agent},
                "response": {"status": status, "content_length": length},
            },
            "error": 400 <= status < 500,
            "throttle": status == 429,
            "fault": status >= 500,
        }
        if trace.parent:
            document["parent_id"] = trace.parent
        with contextlib.suppress(OSError):
            self._socket.sendto(_DAEMON_PREFIX + json.dumps(document).encode(), self._address)

    def close(self) -> None:
        self._socket.close()
