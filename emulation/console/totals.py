"""Sums over the traces of a page. What a trace adds is added once, and taken away when the trace changes or leaves."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from emulation.console.documents import Document
from emulation.console.traces import Call, Edge, Node, TableCall, Trace

Row = TypeVar("Row")
AddedRow = TypeVar("AddedRow", contravariant=True)
_MICROSECONDS = 1_000_000
_MS = 1000
_CLIENT = ("client", "client")


class Sum(Protocol[AddedRow]):
    """Can be added to and taken from."""

    def add(self, row: AddedRow) -> None: ...
    def take(self, row: AddedRow) -> None: ...


class Followed(Generic[Row]):
    """Keeps a sum over the rows of those traces that it was last given; safe to use from several threads."""

    def __init__(self, rows_of: Callable[[Trace], Sequence[Row]], total: Sum[Row]) -> None:
        """``rows_of`` returns the same object until the trace changes."""
        self._rows_of = rows_of
        self._total = total
        self._rows: dict[str, Sequence[Row]] = {}
        self._lock = Lock()

    def over(self, traces: Iterable[Trace], read: Callable[[], Any]) -> Any:
        """What ``read`` returns while the sum is that over these traces."""
        with self._lock:
            before, self._rows = self._rows, {trace.id: self._rows_of(trace) for trace in traces}
            for id_, rows in self._rows.items():
                old = before.pop(id_, ())
                if old is not rows:
                    self._change(old, rows)
            for rows in before.values():
                self._change(rows, ())
            return read()

    def _change(self, old: Sequence[Row], new: Sequence[Row]) -> None:
        for row in new:
            self._total.add(row)
        for row in old:
            self._total.take(row)


class Calls:
    """How often calls went well, and the microseconds that all of them took."""

    def __init__(self) -> None:
        self.ok = self.errors = self.faults = self.microseconds = 0

    def count(self, call: Call, by: int) -> None:
        self.microseconds += by * round(call.seconds * _MICROSECONDS)
        if call.fault:
            self.faults += by
        elif call.error:
            self.errors += by
        else:
            self.ok += by

    def statistics(self) -> Document:
        return {
            "OkCount": self.ok,
            "ErrorStatistics": {"TotalCount": self.errors},
            "FaultStatistics": {"TotalCount": self.faults},
            "TotalCount": self.ok + self.errors + self.faults,
            "TotalResponseTime": self.microseconds / _MICROSECONDS,
        }


class Graph:
    """The service map: its lines with their calls."""

    def __init__(self) -> None:
        self._lines: dict[tuple[Node, Node], Calls] = {}

    def add(self, row: Edge) -> None:
        line = row[0] or _CLIENT, row[1]
        found = self._lines.get(line)
        if found is None:
            found = self._lines[line] = Calls()
        found.count(row[2], 1)

    def take(self, row: Edge) -> None:
        self._lines[row[0] or _CLIENT, row[1]].count(row[2], -1)

    def services(self) -> list[Document]:
        """Nodes by name with their outgoing edges and call statistics, as GetServiceGraph lists them."""
        lines = {line: told for line, calls in self._lines.items() if (told := calls.statistics())["TotalCount"]}
        numbers = {node: number for number, node in enumerate(sorted({node for line in lines for node in line}))}
        edges: dict[Node, list[Document]] = {node: [] for node in numbers}
        for (source, callee), told in sorted(lines.items()):
            edges[source].append({"ReferenceId": numbers[callee], "SummaryStatistics": told})
        return [
            {"ReferenceId": number, "Name": node[0], "Names": [node[0]], "Type": node[1], "Edges": edges[node]}
            for node, number in numbers.items()
        ]


class TableCalls:
    """Calls of each operation on each table."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _Operation] = {}

    def add(self, row: TableCall) -> None:
        self._found.setdefault((row.table, row.operation), _Operation()).add(row)

    def take(self, row: TableCall) -> None:
        self._found[row.table, row.operation].take(row)

    def by_table(self) -> dict[str, list[dict[str, Any]]]:
        """Table → its operations, most frequent first. Throttled calls are counted as a kind of their own."""
        found: dict[str, list[dict[str, Any]]] = {}
        for (table, operation), calls in sorted(self._found.items(), key=lambda one: -len(one[1].milliseconds)):
            if calls.milliseconds:
                found.setdefault(table, []).append({"operation": operation, **calls.to_dict()})
        return found


class _Operation:
    def __init__(self) -> None:
        #: Sorted.
        self.milliseconds: list[float] = []
        self.errors = self.throttled = 0

    def add(self, row: TableCall) -> None:
        insort(self.milliseconds, row.call.seconds * _MS)
        self._count(row, 1)

    def take(self, row: TableCall) -> None:
        del self.milliseconds[bisect_left(self.milliseconds, row.call.seconds * _MS)]
        self._count(row, -1)

    def _count(self, row: TableCall, by: int) -> None:
        self.errors += by * (row.call.error or row.call.fault)
        self.throttled += by * row.throttled

    def to_dict(self) -> dict[str, Any]:
        p50, p95 = (round(quantile(self.milliseconds, percent), 1) for percent in (50, 95))
        return {"count": len(self.milliseconds), "errors": self.errors, "throttled": self.throttled,
                "p50": p50, "p95": p95}  # fmt: skip


def quantile(values: Sequence[float], percent: int) -> float:
    """Of sorted values, as ``statistics.quantiles`` has it with ``method="inclusive"``."""
    at, rest = divmod(percent * (len(values) - 1), 100)
    above = values[min(at + 1, len(values) - 1)]
    return (values[at] * (100 - rest) + above * rest) / 100
