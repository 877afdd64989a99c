"""One trace from the request to the function: ``_X_AMZN_TRACE_ID`` continues the trace header of the event.

MiniStack starts a new trace for every invocation, marks each as sampled, and sends no segment. Lambda sends one for
each invocation that is sampled, whose id is the parent in the variable. Source: "Using AWS Lambda with AWS X-Ray".
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import secrets
import socket
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from emulation.emulator import seams
from emulation.emulator.meter import METER
from emulation.emulator.raw import RawEvent
from emulation.sampling import Sampler
from emulation.settings import Settings

_inbound: ContextVar[str | None] = ContextVar("inbound_trace_header", default=None)


def of_event(event: Any) -> str | None:
    """The trace header of an HTTP request. Messages of a queue have one each: Lambda begins a trace of its own then."""
    if isinstance(event, RawEvent):
        return event.trace if "Root=" in event.trace else None
    if not isinstance(event, dict):
        return None
    headers = event.get("headers")
    if isinstance(headers, dict):
        found = next((str(value) for name, value in headers.items() if name.lower() == "x-amzn-trace-id"), "")
        return found if "Root=" in found else None
    return None


def continue_traces() -> None:
    """Wrap execution: the event's trace takes precedence over a new one, which is sampled by the rule."""
    sampler = Sampler()
    service = seams.module("services.lambda_svc")
    execute, begin = service._execute_function, service._xray_trace_id_for_invocation

    def execute_within(func: dict[str, Any], event: Any) -> Any:
        token = _inbound.set(of_event(event))
        try:
            return execute(func, event)
        finally:
            _inbound.reset(token)

    def begin_or_continue(config: dict[str, Any], inbound_trace_header: str | None = None) -> str | None:
        inbound = inbound_trace_header or _inbound.get()
        header: str | None = begin(config, inbound)
        if inbound or header is None:
            return header
        kept = sampler.decide() if METER.traced is None else random.random() < METER.traced  # noqa: S311
        return header if kept else header.replace("Sampled=1", "Sampled=0")

    service._execute_function = execute_within
    service._xray_trace_id_for_invocation = begin_or_continue


def daemon_of(settings: Settings) -> tuple[str, int]:
    """Host and port of the X-Ray daemon."""
    host, _, port = urlsplit(settings.url("xray")).netloc.rpartition(":")
    return host, int(port)


@dataclass
class Invocation:
    """One invocation in its trace: ``header`` is the function's variable, ``end`` sends the segment."""

    header: str | None
    function: str
    request_id: str
    began: float = field(default_factory=time.time)
    _root: str = ""
    _parent: str = ""
    _id: str = ""

    @classmethod
    def begin(cls, inbound: str | None, config: dict[str, Any], request_id: str) -> Invocation:
        name = str(config.get("FunctionName", ""))
        found = _PARTS.match(inbound or "")
        if found is None or found["sampled"] != "1":
            return cls(inbound, name, request_id)
        own = secrets.token_hex(8)
        header = f"Root={found['root']};Parent={own};Sampled=1"
        return cls(header, name, request_id, _root=found["root"], _parent=found["parent"], _id=own)

    def end(self, daemon: tuple[str, int] | None, *, failed: bool, cold: bool, stream: str | None) -> None:
        """Send the segment to the daemon, fire and forget."""
        if daemon is None or not self._id:
            return
        document = {
            "name": self.function, "id": self._id, "trace_id": self._root, "parent_id": self._parent,
            "start_time": self.began, "end_time": time.time(), "origin": "AWS::Lambda::Function", "fault": failed,
            "aws": {"request_id": self.request_id, "log_group": f"/aws/lambda/{self.function}", "log_stream": stream},
            "annotations": {"ColdStart": cold},
        }  # fmt: skip
        with contextlib.suppress(OSError):
            _sender.sendto(_PREFIX + json.dumps(document).encode(), daemon)


_PARTS = re.compile(r"Root=(?P<root>[0-9a-f-]{35});Parent=(?P<parent>[0-9a-f]{16});Sampled=(?P<sampled>[01])")
_PREFIX = b'{"format": "json", "version": 1}\n'
_sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
_sender.setblocking(False)
