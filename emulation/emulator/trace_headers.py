"""One trace from the request to the function: ``_X_AMZN_TRACE_ID`` continues the trace header of the event.

MiniStack begins a new trace with every invocation. Sources: "Using AWS Lambda with AWS X-Ray" (the header of API
Gateway's
request), "Amazon SQS and AWS X-Ray" (``AWSTraceHeader``).
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from emulation.emulator import seams

_inbound: ContextVar[str | None] = ContextVar("inbound_trace_header", default=None)


def of_event(event: Any) -> str | None:
    """The trace header that an event carries: of the HTTP request, or of its first queue message."""
    if not isinstance(event, dict):
        return None
    headers = event.get("headers")
    if isinstance(headers, dict):
        found = next((str(value) for name, value in headers.items() if name.lower() == "x-amzn-trace-id"), "")
        return found if "Root=" in found else None
    records = event.get("Records")
    if isinstance(records, list) and records and isinstance(records[0], dict):
        attributes = records[0].get("attributes")
        found = str(attributes.get("AWSTraceHeader", "")) if isinstance(attributes, dict) else ""
        return found if "Root=" in found else None
    return None


def continue_traces() -> None:
    """Wrap execution: what the event says comes before a new trace."""
    service = seams.module("services.lambda_svc")
    execute, begin = service._execute_function, service._xray_trace_id_for_invocation

    def execute_within(func: dict[str, Any], event: Any) -> Any:
        token = _inbound.set(of_event(event))
        try:
            return execute(func, event)
        finally:
            _inbound.reset(token)

    def begin_or_continue(config: dict[str, Any], inbound_trace_header: str | None = None) -> str | None:
        header: str | None = begin(config, inbound_trace_header or _inbound.get())
        return header

    service._execute_function = execute_within
    service._xray_trace_id_for_invocation = begin_or_continue
