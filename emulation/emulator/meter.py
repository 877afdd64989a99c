"""Counts what AWS would meter, on demand: capacity units, requests, invocations.

``PUT /_asyncsns/meter`` begins at zero, ``GET`` reads, ``DELETE`` ends. Otherwise a request costs one check of a flag.
Units are those that MiniStack says for ``ReturnConsumedCapacity``. Of ``BatchGetItem`` it says none: there the rule of
the Amazon DynamoDB Developer Guide, "DynamoDB read and write operations", is applied to what came back.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

_READ_BLOCK = 4096
READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})
METERED = READS | {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


@dataclass
class Meter:
    """``read`` and ``write`` by table, ``requests`` by ``service:Operation``, ``calls`` and ``seconds`` by function.

    ``warm`` and ``cold`` are invocations by function, ``warm_processor`` and ``cold_processor`` their processor time in
    milliseconds; that of a cold one has the start of its environment in it.
    """

    running: bool = False
    #: Share of the invocations that no header decides about which are traced meanwhile; ``None`` for the rule.
    traced: float | None = None
    read: dict[str, float] = field(default_factory=dict)
    write: dict[str, float] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    warm: Counter[str] = field(default_factory=Counter)
    warm_processor: dict[str, float] = field(default_factory=dict)
    cold: Counter[str] = field(default_factory=Counter)
    cold_processor: dict[str, float] = field(default_factory=dict)

    def begin(self, traced: float | None = None) -> None:
        for one in self._counters().values():
            one.clear()
        self.running, self.traced = True, traced

    def end(self) -> None:
        self.running, self.traced = False, None

    def describe(self) -> dict[str, Any]:
        return {"running": self.running} | {name: dict(one) for name, one in self._counters().items()}

    def called(self, function: str, seconds: float) -> None:
        if self.running:
            self.calls[function] += 1
            self.seconds[function] = self.seconds.get(function, 0.0) + seconds

    def worked(self, function: str, nanoseconds: int, since_start: int, *, cold: bool) -> None:
        """The processor time of an invocation; ``since_start``: with the start of its environment."""
        if self.running:
            (self.cold if cold else self.warm)[function] += 1
            spent = since_start if cold else nanoseconds
            _add(self.cold_processor if cold else self.warm_processor, {function: spent / 1e6})

    def asked(self, service: str, operation: str) -> None:
        if self.running:
            self.requests[f"{service}:{operation}"] += 1

    def consumed(self, operation: str, request: dict[str, Any], answer: dict[str, Any]) -> None:
        """Add what one answer of DynamoDB says."""
        if operation == "BatchGetItem":
            _add(self.read, _batch(request, answer))
            return
        found = answer.get("ConsumedCapacity") or []
        for one in found if isinstance(found, list) else [found]:
            _add(self.read if operation in READS else self.write, {one["TableName"]: one["CapacityUnits"]})

    def _counters(self) -> dict[str, dict[str, Any]]:
        return {
            "read": self.read, "write": self.write, "requests": self.requests,
            "calls": self.calls, "seconds": self.seconds, "warm": self.warm, "warm_processor": self.warm_processor,
            "cold": self.cold, "cold_processor": self.cold_processor,
        }  # fmt: skip


METER = Meter()


def _add(sums: dict[str, float], more: dict[str, float]) -> None:
    for name, units in more.items():
        sums[name] = sums.get(name, 0.0) + units


def _batch(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, float]:
    """Half a unit per item and 4 KB begun, also for an item that is not there."""
    units = {}
    for table, wanted in request["RequestItems"].items():
        items = answer.get("Responses", {}).get(table, [])
        blocks = sum(max(1, math.ceil(len(json.dumps(one)) / _READ_BLOCK)) for one in items)
        blocks += len(wanted["Keys"]) - len(items)
        units[table] = blocks * (1.0 if wanted.get("ConsistentRead") else 0.5)
    return units
