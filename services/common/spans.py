"""Spans of an invocation: segment documents, written as they are sent to the X-Ray daemon.

The X-Ray SDK takes about 30 µs of processor time for each call of AWS that it records: it makes an object of twenty
attributes, looks the open one up by the environment eight times, copies the tree and serializes it in Python. Here a
span is the dictionary of its document. It joins its parent's when it ends, and the tree is serialized once, when its
outermost span ends: the spans of an invocation are one packet (of up to 64 KB), or a few where there are many.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
from contextvars import ContextVar, Token
from functools import cache
from time import time
from traceback import walk_tb
from types import TracebackType
from typing import Any, Final, Self

from pydantic_core import to_json

#: How many subsegments wait in a span for its end; above that they are sent separately: some have a stack trace of
#: several kilobytes.
MOST: Final = 20
_STACK_LIMIT = 10
_MESSAGE_LIMIT = 1_000
_PREFIX = b'{"format":"json","version":1}\n'
_THROTTLED = 429

Document = dict[str, Any]
#: The span that the work of this moment is in.
opened: ContextVar[Span | None] = ContextVar("opened", default=None)


class Span:
    """A segment, or a subsegment of one. ``with`` opens and closes it, and notes what raises.

    Args:
        trace_id: the id of its trace.
        parent: the span that it is in, or the id of one that was or will be sent by somebody else.
        document: what is known of it, but for its id and times. With ``type`` it is a subsegment.
    """

    __slots__ = ("_document", "_has_ended", "_inner", "_parent", "_size", "_token", "id", "trace_id")
    _token: Token[Span | None]

    def __init__(self, trace_id: str, parent: Span | str, document: Document) -> None:
        self.id = new_id()
        self.trace_id = trace_id
        self._parent = parent
        self._document = document
        self._inner: list[Document] = []
        self._size = 0
        self._has_ended = False
        document["id"] = self.id
        document.setdefault("start_time", time())

    def __enter__(self) -> Self:
        self._token = opened.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        opened.reset(self._token)
        if isinstance(error, Exception):
            self.note(error)
        self.close()

    @property
    def header(self) -> str:
        """The trace header that names this span as the parent."""
        return f"Root={self.trace_id};Parent={self.id};Sampled=1"

    def set_aws(self, known: Document) -> None:
        """``operation``, ``region`` and the resources of a call of AWS."""
        self._document["aws"] = known

    def put_annotation(self, key: str, value: str | float | bool) -> None:
        self._document.setdefault("annotations", {})[key] = value

    def note(self, error: Exception) -> None:
        """Note what was raised: a fault, or an error of the caller where AWS says so."""
        status = _status_of(error)
        if 400 <= status < 500:
            self._document["error"] = True
            if status == _THROTTLED:
                self._document["throttle"] = True
        else:
            self._document["fault"] = True
        if status:
            self._document["http"] = {"response": {"status": status}}
        self._document["cause"] = _cause_of(error, self.trace_id)

    def close(self, ended: float | None = None) -> None:
        """``ended``: epoch seconds, if not now."""
        self._document["end_time"] = time() if ended is None else ended
        self._has_ended = True
        if self._inner:
            self._document["subsegments"] = self._inner
        parent = self._parent
        if isinstance(parent, Span) and not parent._has_ended:
            parent._take(self._document, self._size + 1)
        else:
            send_document(self._document, self.trace_id, parent.id if isinstance(parent, Span) else parent)

    def _take(self, document: Document, size: int) -> None:
        self._inner.append(document)
        self._size += size
        if self._size > MOST:
            waiting, self._inner, self._size = self._inner, [], 0
            for one in waiting:
                send_document(one, self.trace_id, self.id)


def new_id() -> str:
    """Of a span; unique in its trace."""
    return f"{random.getrandbits(64):016x}"


def send_document(document: Document, trace_id: str, parent: str) -> None:
    """Send one document to the daemon, fire and forget: work never waits or fails for its trace."""
    document["trace_id"] = trace_id
    document["parent_id"] = parent
    send(_PREFIX + to_json(document, fallback=str))


def send(packet: bytes) -> None:
    # An earlier packet's failure may be told here: no daemon.
    with contextlib.suppress(OSError):
        _daemon().send(packet)


@cache
def _daemon() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.connect(address_of(os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:2000")))
    return made


def address_of(text: str) -> tuple[str, int]:
    """Where packets go: ``host:port``, or ``tcp:host:port udp:host:port``.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-python-configuration.html
    """
    named = [part.removeprefix("udp:") for part in text.split() if not part.startswith("tcp:")]
    host, _, port = named[0].rpartition(":")
    return host, int(port)


def _cause_of(error: Exception, trace_id: str) -> Document | str:
    """The exception; only its id when an inner span of the same trace has recorded it."""
    told: dict[str, str] = getattr(error, "_span_causes", {})
    if trace_id in told:
        return told[trace_id]
    own = new_id()
    with contextlib.suppress(AttributeError, TypeError):
        error._span_causes = {**told, trace_id: own}  # type: ignore[attr-defined]
    exception = {
        "id": own,
        "type": type(error).__name__,
        "message": str(error)[:_MESSAGE_LIMIT],
        "stack": _stack_of(error),
    }
    return {"exceptions": [exception]}


def _stack_of(error: Exception) -> list[Document]:
    frames = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)][:_STACK_LIMIT]
    return [{"path": code.co_filename.rpartition("/")[2], "line": line, "label": code.co_name} for code, line in frames]


def _status_of(error: Exception) -> int:
    """The status of AWS's response; 0 without a response."""
    response = getattr(error, "response", None)
    metadata = response.get("ResponseMetadata") if isinstance(response, dict) else None
    return int((metadata or {}).get("HTTPStatusCode") or 0)
