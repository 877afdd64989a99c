"""One trace as a page shows it: a tree of spans with their data."""

from __future__ import annotations

from typing import Any

from emulation.console.documents import Document
from emulation.console.traces import Trace, end_of, node_of, tables_of

_HIDDEN = {"retries", "table_name", "table_names"}


def spans_of(trace: Trace) -> list[dict[str, Any]]:
    """Every span with its parent's id, in order of time. Durations and starts (from the trace's) are in seconds.

    ``missing`` is the id of a parent that has not come. The first server's is the client, which sends no spans.
    """
    entities = list(trace.entities())
    known = {entity["id"] for entity, _ in entities}
    spans = [_span(trace, entity, parent, parent in known) for entity, parent in entities]
    return sorted(spans, key=lambda span: span["start"])


def _span(trace: Trace, entity: Document, parent: str | None, is_known: bool) -> dict[str, Any]:
    response = (entity.get("http") or {}).get("response") or {}
    request = (entity.get("http") or {}).get("request") or {}
    node = node_of(entity)
    return {
        "id": entity["id"],
        "parent": parent if is_known else None,
        "missing": None if is_known or (request and entity["start_time"] == trace.start) else parent,
        "name": entity["name"],
        "kind": node[1] if node else "",
        "origin": entity.get("origin"),
        "start": round(float(entity["start_time"]) - trace.start, 6),
        "duration": round(end_of(entity) - float(entity["start_time"]), 6),
        "fault": bool(entity.get("fault")),
        "error": bool(entity.get("error")),
        "throttle": bool(entity.get("throttle")),
        "status": response.get("status"),
        "request": " ".join(str(part) for part in (request.get("method"), request.get("url")) if part),
        "aws": {key: value for key, value in (entity.get("aws") or {}).items() if key not in _HIDDEN and value}
        | ({"table_names": tables} if (tables := tables_of(entity)) else {}),
        "annotations": entity.get("annotations") or {},
        "problems": problems_of(entity),
    }


def problems_of(entity: Document) -> list[str]:
    """The exception, as ``Type: message``."""
    cause = entity.get("cause")
    exceptions = cause.get("exceptions", []) if isinstance(cause, dict) else []
    return [f"{one.get('type', 'Error')}: {one.get('message', '')}" for one in exceptions]


def passes(trace: Trace, node: str | None, caller: str | None, callee: str | None) -> bool:
    """Whether a trace goes through a node of the service map, or along one of its lines."""
    if caller or callee:
        return any(
            (source[0] if source else "client") == caller and target[0] == callee for source, target, _ in trace.edges()
        )
    return node is None or any(one["Name"] == node for one in trace.summary()["ServiceIds"])


def is_called(trace: Trace, text: str) -> bool:
    """Whether its id, or the method and path or the name of its first server contain ``text``, in any case."""
    if not text:
        return True
    summary = trace.summary()
    request = f"{summary['Http']['HttpMethod'] or ''} {summary['Http']['HttpURL'] or ''}"
    return text.lower() in f"{trace.id}\n{request}\n{summary['EntryPoint']['Name']}".lower()
