"""X-Ray: the trace header, and a segment per request sent to the daemon by UDP, fire and forget.

Sources: "AWS X-Ray concepts" (tracing header), "AWS X-Ray segment documents", "The AWS X-Ray daemon" (UDP
format).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Any

from emulation.edge.throttle import TokenBucket

#: Every request is traced up to this many a second, then this share of the rest (the shape of X-Ray's default
#: rule).
RESERVOIR_PER_SECOND = 20
SHARE_OF_THE_REST = 0.05

_DAEMON_PREFIX = b'{"format": "json", "version": 1}\n'


@dataclass(slots=True)
class Trace:
    """One request's place in its trace. ``header()`` is what the next hop gets."""

    root: str
    segment: str
    parent: str | None
    sampled: bool
    started: float

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
        self._reservoir = TokenBucket(RESERVOIR_PER_SECOND, RESERVOIR_PER_SECOND)
        self._share = float(os.environ.get("EMULATION_TRACE_SHARE", SHARE_OF_THE_REST))

    def start(self, header: str) -> Trace:
        now = time.time()
        given = parse_header(header) if header else {}
        flag = given.get("Sampled")
        sampled = flag == "1" if flag in ("0", "1") else self._decide()
        root = given.get("Root") or new_trace_id(now)
        return Trace(root, secrets.token_hex(8), given.get("Parent"), sampled, now)

    def _decide(self) -> bool:
        return self._reservoir.take() or random.random() < self._share  # noqa: S311

    def end(self, trace: Trace, method: str, url: str, status: int, length: int, client: str, agent: str) -> None:
        if not trace.sampled:
            return
        document: dict[str, Any] = {
            "name": self._name,
            "id": trace.segment,
            "trace_id": trace.root,
            "start_time": trace.started,
            "end_time": time.time(),
            "origin": "AWS::ApiGateway::Stage",
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
