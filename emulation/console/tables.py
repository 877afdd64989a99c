"""Tables as the console shows them: their size, their calls in the kept traces, the consumers of their streams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx

from emulation.console.described import Described
from emulation.console.totals import Followed, TableCalls
from emulation.console.traces import Trace


class TableReader:
    """Reads DynamoDB's descriptions, and the pump's lags."""

    def __init__(self, described: Described, pump: httpx.Client) -> None:
        """``pump``: a client at the pump."""
        self._described = described
        self._pump = pump
        self._calls = TableCalls()
        self._followed = Followed(Trace.table_calls, self._calls)

    def all(self, traces: Iterable[Trace]) -> list[dict[str, Any]]:
        """By name, with the calls of these traces."""
        calls = self._followed.over(traces, self._calls.by_table)
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
