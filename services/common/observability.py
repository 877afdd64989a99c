"""Logger, metrics, and the final log line of every invocation: operation, caller, status, duration.

The line is also an embedded metric (EMF), from which CloudWatch makes ``Duration`` by service and operation and
``Outcome`` by service and outcome. Dimensions stay few; ids are properties of the line, which cost nothing more.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from services.common.carriers import cause_of
from services.common.tracing import Cause, call_of, continued, is_traced, only

__all__ = ["MetricUnit", "event_handler", "logger", "measure", "metrics", "note", "observed"]

#: Names come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_METRICS_NAMESPACE.
logger = Logger(utc=True)
metrics = Metrics()

_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "asyncsns")
_METRICS = [
    {
        "Namespace": _NAMESPACE,
        "Dimensions": [["service", "operation"]],
        "Metrics": [{"Name": "Duration", "Unit": "Milliseconds"}],
    },
    {
        "Namespace": _NAMESPACE,
        "Dimensions": [["service", "outcome"]],
        "Metrics": [{"Name": "Outcome", "Unit": "Count"}],
    },
]
#: Fields of the current invocation: an execution environment serves one at a time.
_noted: dict[str, Any] = {}
_cold = True


def note(**properties: Any) -> None:
    """Add fields to the current invocation's line; empty values are left out.

    Some have a meaning: ``operation`` (one of few: a route's template, an action, a source), ``caller`` (user id),
    ``status`` (of the answer: 4xx is refused, 5xx failed), ``failed`` (records of a batch).
    """
    _noted.update({name: value for name, value in properties.items() if value not in (None, "")})


def measure(dimensions: Mapping[str, str], **values: tuple[MetricUnit, Sequence[float]]) -> None:
    """Log a line of its own, of which CloudWatch makes metrics by service and ``dimensions``.

    Args:
        dimensions: each value is one of few, so that the metrics stay few.
        values: name of the metric → unit and up to 100 values; a metric without a value is left out.
    """
    told = {name: (unit, list(found)) for name, (unit, found) in values.items() if found}
    directive = {
        "Namespace": _NAMESPACE,
        "Dimensions": [["service", *dimensions]],
        "Metrics": [{"Name": name, "Unit": unit.value} for name, (unit, _) in told.items()],
    }
    document = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    measured = {name: found for name, (_, found) in told.items()}
    logger.info("measured", extra={"_aws": document, **dimensions, **measured})


def observed(handle: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Run ``handle`` inside an X-Ray subsegment if the trace is sampled, in the trace of its cause; each invocation
    writes its line, even when it raises."""
    name = f"## {handle.__name__}"

    def traced(event: Any, context: Any) -> Any:
        with call_of(name, namespace="") as span:
            if span is not None:
                span.put_annotation("ColdStart", _cold)
                span.put_annotation("Service", logger.service)
            return handle(event, context)

    def observe(event: Any, context: Any) -> Any:
        _noted.clear()
        logger.append_keys(request_id=context.aws_request_id)
        began = time.perf_counter()
        with continued(_cause(event)):
            try:
                return (traced if is_traced() else handle)(event, context)
            except Exception as error:
                note(error=type(error).__name__)
                raise
            finally:
                _tell(context, (time.perf_counter() - began) * 1000)

    return observe


def event_handler(operation: str, handle: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """``handle`` with a log line, for invocations that are neither an API nor a batch: schedules, object events,
    authorizers."""

    def run(event: Any, context: Any) -> Any:
        note(operation=operation)
        return handle(event, context)

    return observed(run)


def _cause(event: Any) -> Cause | None:
    """The cause of all records of an event, where they have the same one."""
    records = event.get("Records") if isinstance(event, dict) else None
    return only(map(cause_of, records)) if records else None


def _tell(context: Any, milliseconds: float) -> None:
    global _cold
    outcome = _outcome()
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": _METRICS},
        "function": context.function_name,
        "cold_start": _cold,
        "operation": "none",
        "outcome": outcome,
        "Duration": round(milliseconds, 1),
        "Outcome": 1,
        **_noted,
    }
    _cold = False
    (logger.error if outcome == "failed" else logger.info)("invocation", extra=line)


def _outcome() -> str:
    status = int(_noted.get("status", 200))
    if "error" in _noted or _noted.get("failed") or status >= 500:
        return "failed"
    return "refused" if status >= 400 else "ok"
