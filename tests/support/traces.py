"""Traces of the running stack, from X-Ray's API."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx

from kit.settings import Settings
from tests.support.people import eventually

Span = dict[str, Any]


def new_trace() -> tuple[str, str]:
    """A new trace id, and the header with which a browser starts the trace.

    Waits until the edge traces the next request whatever was asked for before: its bucket is full again then, which
    nobody outside can see.
    """
    time.sleep(1)
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return root, f"Root={root};Parent={secrets.token_hex(8)};Sampled=1"


def spans_of(trace_id: str) -> list[Span]:
    """All segments and subsegments of a trace; an empty list when it is unknown."""
    answer = httpx.post(Settings.load().url("console") + "/Traces", json={"TraceIds": [trace_id]}, timeout=60).json()
    documents = (json.loads(one["Document"]) for trace in answer["Traces"] for one in trace["Segments"])
    return [span for document in documents for span in _walk(document, document.get("parent_id"))]


def _walk(entity: Span, parent: str | None) -> Iterator[Span]:
    yield {**entity, "parent_id": parent}
    for child in entity.get("subsegments") or []:
        yield from _walk(child, entity["id"])


def ways(trace_id: str) -> list[list[str]]:
    """Paths from the browser to each span: the names along each path."""
    by_id = {span["id"]: span for span in spans_of(trace_id)}
    found = []
    for span in by_id.values():
        names: list[str] = []
        above: Span | None = span
        while above is not None:
            names.insert(0, above["name"])
            above = by_id.get(above["parent_id"])
        found.append(names)
    return found


def expect_way(trace_id: str, *names: str) -> None:
    """Wait until one path through the trace contains all these names, in this order."""
    eventually(
        lambda: ways(trace_id),
        lambda found: any(_passes(one, names) for one in found),
        f"a way through {trace_id} that passes {' → '.join(names)}",
    )


def _passes(way: list[str], names: tuple[str, ...]) -> bool:
    rest = iter(way)
    return all(name in rest for name in names)
