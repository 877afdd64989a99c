"""Continues one trace across carriers that X-Ray does not join: tables' streams, topics, queues, data streams, sockets.

X-Ray passes its header on only over HTTP, and a function called by a stream or queue begins a trace of its own. So the
header travels with the work (``carriers``), and the function that continues the work sends a segment of its own into
that trace, to the daemon that Lambda runs beside each function.

- One cause: the whole invocation belongs to the trace of its cause (``continued``).
- Several causes in one batch, served together: each trace gets a segment of that time (``shared``), with a subsegment
  for each call that carries its work on (``call_in_shares``). Other calls of the batch stay in the invocation's own
  trace. The annotation ``invocation`` names that trace, in both cases.

https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import lru_cache
from typing import NamedTuple

from services.common.spans import Document, Span, new_id, opened, send_document

_VARIABLE = "_X_AMZN_TRACE_ID"
_HEADER = re.compile(r"Root=(1-[0-9a-f]{8}-[0-9a-f]{24});Parent=([0-9a-f]{16})(?:;Sampled=([01?]))?", re.ASCII)
#: Seconds between the clock of a client and this one.
_CLIENTS_BEGIN_WITHIN = 300
#: Beside a function there is a daemon; elsewhere (tests, the kit) nothing is recorded.
_is_recording = "LAMBDA_TASK_ROOT" in os.environ


class Cause(NamedTuple):
    """The cause of a record: the work that led to it. There is one for each record of a batch, so it is a tuple.

    Args:
        header: ``Root=…;Parent=…;Sampled=1``.
        carrier: its carrier (a queue, a stream), with the X-Ray ``origin``.
        since: epoch seconds at which the carrier received it; ``None`` without a wait to record.
        tries: how many times it was received.
    """

    header: str
    carrier: str = ""
    origin: str = ""
    since: float | None = None
    tries: int = 1


#: The header to pass on when it is not that of the entity which is open: see ``caused_by``.
_passed_on: ContextVar[str | None] = ContextVar("passed_on", default=None)
#: The cause whose trace the work of this moment belongs to.
_continued: ContextVar[str | None] = ContextVar("continued", default=None)
#: In a batch of several causes: from a cause's header to its segment.
_shares: ContextVar[dict[str, Span] | None] = ContextVar("shares", default=None)
#: In a call of such a batch: from the header of a segment to that of the call in it.
_calls: ContextVar[dict[str, str] | None] = ContextVar("calls", default=None)


def cause_of_client(text: object) -> Cause | None:
    """The cause that a client names, if it began just now. Whether it is sampled is decided here, not by the client.

    A receiver of a frame knows its trace id, and must not be able to add to older traces.
    """
    found = _HEADER.fullmatch(text) if isinstance(text, str) else None
    if found and abs(time.time() - int(found[1][2:10], 16)) > _CLIENTS_BEGIN_WITHIN:
        return None
    return Cause(f"Root={found[1]};Parent={found[2]};Sampled=1") if found and current() else None


def current() -> str:
    """The header that continues the current trace; empty when it is not sampled."""
    given = _passed_on.get()
    if given is not None:
        return given
    span = opened.get()
    if span is not None:
        return span.header
    invocation = _invocation()
    return f"Root={invocation[0]};Parent={invocation[1]};Sampled=1" if invocation else ""


def call_of(service: str, namespace: str = "aws") -> AbstractContextManager[Span | None]:
    """A span for a call of AWS; None where the trace is not sampled, which halves what a read costs.

    ``namespace``: ``remote`` for a server that is not AWS's; empty for work of the function's own.
    """
    parent = opened.get()
    if parent is not None:
        return Span(parent.trace_id, parent, _subsegment(service, namespace))
    invocation = _invocation()
    if invocation is None:
        return _NOTHING
    return Span(*invocation, _subsegment(service, namespace))


_NOTHING: AbstractContextManager[None] = nullcontext()


def _subsegment(name: str, namespace: str) -> Document:
    known = {"name": name, "type": "subsegment"}
    if namespace:
        known["namespace"] = namespace
    return known


def is_traced() -> bool:
    """Whether this invocation, or the trace that it continues, is sampled."""
    return opened.get() is not None or _invocation() is not None


def _invocation() -> tuple[str, str] | None:
    """The trace and the segment of the current invocation; None when it is not sampled."""
    return _sampled_in(os.environ.get(_VARIABLE, "")) if _is_recording else None


@lru_cache(maxsize=4)
def _sampled_in(header: str) -> tuple[str, str] | None:
    found = _HEADER.match(header)
    return (found[1], found[2]) if found and found[3] == "1" else None


def from_call(header: str) -> str:
    """``header`` with the call of this moment as the parent, if the call is recorded in the trace of ``header``."""
    now = current()
    return now if header[:40] == now[:40] else (_calls.get() or {}).get(header, header)


def call_in_shares(service: str, headers: Iterable[str]) -> AbstractContextManager[Sequence[Span]]:
    """A call that carries work of several traces on: a span of it in the segment of each trace that this batch serves.

    ``headers``: those which the call carries.
    """
    shares = _shares.get()
    return _call_in(shares, service, set(headers)) if shares else _NO_SPANS


_NO_SPANS: AbstractContextManager[Sequence[Span]] = nullcontext(())


@contextmanager
def _call_in(shares: dict[str, Span], service: str, headers: set[str]) -> Iterator[Sequence[Span]]:
    spans = {
        segment.header: Span(segment.trace_id, segment, _subsegment(service, "aws"))
        for segment in shares.values()
        if segment.header in headers
    }
    token = _calls.set({header: span.header for header, span in spans.items()})
    try:
        yield list(spans.values())
    except Exception as error:
        for span in spans.values():
            span.note(error)
        raise
    finally:
        _calls.reset(token)
        for span in spans.values():
            span.close()


@contextmanager
def caused_by(header: str) -> Iterator[None]:
    """Within, headers that are passed on belong to the trace of ``header``, even if a batch serves several traces."""
    if not header or header == _continued.get():
        yield
        return
    token = _passed_on.set(_in_shares(header))
    try:
        yield
    finally:
        _passed_on.reset(token)


@contextmanager
def continued(cause: Cause | None) -> Iterator[None]:
    """Within, calls and log lines belong to the trace of ``cause``; errors are recorded there."""
    if cause is None or cause.header == _continued.get() or not _is_sampled(cause.header):
        yield
        return
    tokens = _continued.set(cause.header), _passed_on.set(None if _is_recording else cause.header)
    try:
        if _is_recording:
            with _recorded(cause):
                yield
        else:
            yield
    finally:
        _continued.reset(tokens[0])
        _passed_on.reset(tokens[1])


@contextmanager
def shared(causes: Iterable[Cause | None]) -> Iterator[None]:
    """The work within serves several causes at once: each of their traces gets a segment of it."""
    distinct = {cause.header: cause for cause in causes if cause and _is_sampled(cause.header)}
    distinct.pop(_continued.get() or "", None)
    if not _is_recording or not distinct:
        yield
        return
    own, function = _own_trace(), _function()
    segments = {header: _segment(cause, own, function) for header, cause in distinct.items()}
    token = _shares.set(segments)
    try:
        yield
    except Exception as error:
        for segment in segments.values():
            segment.note(error)
        raise
    finally:
        _shares.reset(token)
        for segment in segments.values():
            segment.close()


def only(causes: Iterable[Cause | None]) -> Cause | None:
    """The cause of all records, if they have the same one."""
    found = list(causes)
    return found[0] if found and found[0] and all(one and one.header == found[0].header for one in found) else None


def told(name: str, origin: str, began: float, header: str, **annotations: str | float | bool) -> None:
    """Record work of another service between ``began`` (epoch seconds) and now, in the trace of ``header``."""
    found = _HEADER.fullmatch(header)
    if not _is_recording or found is None:
        return
    segment = _new_segment(name, found[1], found[2], origin, began)
    for key, value in annotations.items():
        segment.put_annotation(key, value)
    segment.close()


def share_of(header: str) -> str:
    """The header of this invocation's segment in the trace of ``header``."""
    if header == _continued.get():
        return current()
    return _in_shares(header)


def _in_shares(header: str) -> str:
    segment = (_shares.get() or {}).get(header)
    return segment.header if segment else header


def _is_sampled(header: str) -> bool:
    return _parts(header) is not None


@lru_cache(maxsize=256)
def _parts(header: str) -> tuple[str, str] | None:
    """The trace and the parent in the header of a cause; None when it is not sampled. It is asked twice of each."""
    found = _HEADER.fullmatch(header)
    return (found[1], found[2]) if found and found[3] == "1" else None


@contextmanager
def _recorded(cause: Cause) -> Iterator[None]:
    variable = os.environ.get(_VARIABLE)
    segment = _segment(cause, _own_trace(), _function())
    # By the variable log lines have the trace's id, and other threads of the invocation find its segment.
    os.environ[_VARIABLE] = segment.header
    try:
        with segment:
            yield
    finally:
        os.environ.pop(_VARIABLE)
        if variable is not None:
            os.environ[_VARIABLE] = variable


def _own_trace() -> str:
    """The id of the trace that Lambda began for the invocation; empty without one."""
    found = _HEADER.match(os.environ.get(_VARIABLE, ""))
    return found[1] if found else ""


def _function() -> str:
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "function")


def _segment(cause: Cause, own: str, function: str) -> Span:
    """The function's segment in the trace of its cause, after one for the time that the record waited.

    ``own``: the invocation's own trace. Reading the environment takes as long as making a span, so the caller does it
    once for a batch.
    """
    parts = _parts(cause.header)
    assert parts is not None
    (root, parent), began = parts, time.time()
    if cause.since is not None:
        parent = _send_wait(cause, root, parent, cause.since, began)
    segment = _new_segment(function, root, parent, "AWS::Lambda::Function", began)
    if own:
        segment.put_annotation("invocation", own)
    return segment


def _send_wait(cause: Cause, root: str, parent: str, since: float, until: float) -> str:
    """Returns the id of its segment."""
    made = new_id()
    wait: Document = {"id": made, "name": cause.carrier, "origin": cause.origin}
    wait["start_time"], wait["end_time"] = min(since, until), until
    if cause.tries > 1:
        wait["annotations"] = {"receives": cause.tries}
    send_document(wait, root, parent)
    return made


def _new_segment(name: str, root: str, parent: str, origin: str, began: float) -> Span:
    return Span(root, parent, {"name": name, "start_time": began, "origin": origin})
