"""Tables as the console shows them: their size, their calls in the kept traces, the consumers of their streams."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from statistics import quantiles
from typing import Any

import httpx

from emulation.console.described import Described
from emulation.console.spans import tables_of
from emulation.console.traces import Call, Trace

_MS = 1000


class TableReader:
    """Reads DynamoDB's descriptions, and the pump's lags."""

    def __init__(self, described: Described, pump: httpx.Client) -> None:
        """``pump``: a client at the pump."""
        self._described = described
        self._pump = pump

    def all(self, traces: Iterable[Trace]) -> list[dict[str, Any]]:
        """By name, with the calls of these traces."""
        calls = calls_by_table(traces)
        shown = map(_shown, self._described.tables())
        return [{**one, "calls": calls.get(one["name"], [])} for one in shown]

    def streams(self) -> list[dict[str, Any]]:
        """Each event source mapping with its shards: position, lag, last error."""
        answer = self._pump.get("/_health")
        return list(answer.json().get("mappings", []))


def _shown(table: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": table["TableName"],
        "items": table.get("ItemCount", 0),
        "bytes": table.get("TableSizeBytes", 0),
        "keys": [one["AttributeName"] for one in table["KeySchema"]],
        "indexes": {
            one["IndexName"]: [key["AttributeName"] for key in one["KeySchema"]]
            for one in table.get("GlobalSecondaryIndexes", [])
        },
        "stream": (table.get("StreamSpecification") or {}).get("StreamViewType"),
    }


def calls_by_table(traces: Iterable[Trace]) -> dict[str, list[dict[str, Any]]]:
    """Table → durations of each operation on it, most frequent first. Throttled calls are counted as a kind of their
    own."""
    durations: dict[tuple[str, str], list[float]] = defaultdict(list)
    errors: Counter[tuple[str, str]] = Counter()
    throttled: Counter[tuple[str, str]] = Counter()
    for key, call, was_throttled in (row for trace in traces for row in _calls_of(trace)):
        durations[key].append(call.seconds * _MS)
        errors[key] += call.error or call.fault
        throttled[key] += was_throttled
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for key, times in sorted(durations.items(), key=lambda one: -len(one[1])):
        table, operation = key
        told = {"operation": operation, "count": len(times), "errors": errors[key], "throttled": throttled[key]}
        found[table].append({**told, **percentiles(times)})
    return found


def percentiles(milliseconds: list[float]) -> dict[str, float]:
    """``p50`` and ``p95``, in milliseconds."""
    cuts = quantiles(milliseconds, n=100, method="inclusive") if len(milliseconds) > 1 else milliseconds * 99
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1)}


def _calls_of(trace: Trace) -> list[tuple[tuple[str, str], Call, bool]]:
    """Table and operation, how the call went, whether it was throttled."""
    found: list[tuple[tuple[str, str], Call, bool]] = trace.derived("tables", lambda: list(_look_for_calls(trace)))
    return found


def _look_for_calls(trace: Trace) -> Iterator[tuple[tuple[str, str], Call, bool]]:
    for entity, _ in trace.entities():
        if str(entity["name"]).lower() == "dynamodb":
            operation = str((entity.get("aws") or {}).get("operation"))
            for table in tables_of(entity):
                yield (table, operation), Call.of(entity), bool(entity.get("throttle"))
