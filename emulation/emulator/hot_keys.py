"""Counts the most requested partition keys on demand, as CloudWatch Contributor Insights for DynamoDB shows them.

``PUT /_asyncsns/keys`` begins at zero, ``GET`` reads, ``DELETE`` ends. Otherwise a request costs one check of a flag.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: Rows that are shown of a table, and keys that are counted at most: then those that were asked for once are dropped.
_SHOWN, _MOST = 10, 20_000
_TEXT: Final = 80
_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")
_SINGLE = frozenset({"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"})
_READS = frozenset({"GetItem", "BatchGetItem", "Query", "TransactGetItems"})
COUNTED: Final = _SINGLE | {"BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"}

Request = Mapping[str, Any]
#: Table and index (empty for the table itself) → the partition key's name; None where the table or index does not
#: exist.
NameOfKey = Any


@dataclass
class HotKeys:
    """Reads and writes by table and partition key."""

    running: bool = False
    reads: Counter[tuple[str, str]] = field(default_factory=Counter)
    writes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def begin(self) -> None:
        self.reads.clear()
        self.writes.clear()
        self.running = True

    def end(self) -> None:
        self.running = False

    def asked(self, operation: str, request: Request, name_of_key: NameOfKey) -> None:
        """Count the partition keys of one request."""
        counted = self.reads if operation in _READS else self.writes
        for table, key in _keys(operation, request, name_of_key):
            counted[table, key] += 1
        if len(counted) > _MOST:
            for rare in [one for one, count in counted.items() if count == 1]:
                del counted[rare]

    def describe(self) -> dict[str, Any]:
        """``tables``: by table the most requested keys, with reads, writes and the share of the table's requests."""
        return {"running": self.running, "tables": self._tables()}

    def _tables(self) -> dict[str, list[dict[str, Any]]]:
        both = self.reads + self.writes
        sums: Counter[str] = Counter()
        for (table, _), count in both.items():
            sums[table] += count
        found: dict[str, list[dict[str, Any]]] = {}
        for (table, key), count in both.most_common():
            rows = found.setdefault(table, [])
            if len(rows) < _SHOWN:
                reads, writes = self.reads[table, key], self.writes[table, key]
                rows.append({"key": key, "reads": reads, "writes": writes, "share": round(count / sums[table], 4)})
        return found


HOT_KEYS = HotKeys()


def _keys(operation: str, request: Request, name_of_key: NameOfKey) -> Iterator[tuple[str, str]]:
    for table, index, part in _parts(operation, request):
        name = name_of_key(table, index)
        value = _value(part, name) if name else None
        if value is not None:
            yield table, f"{index}: {value}" if index else value


def _parts(operation: str, request: Request) -> Iterator[tuple[str, str, Request]]:
    """Table, index and what names the key: a key, an item, or a query."""
    if operation in _SINGLE:
        yield str(request.get("TableName")), str(request.get("IndexName") or ""), request
    elif operation == "BatchGetItem":
        for table, asked in request.get("RequestItems", {}).items():
            yield from ((table, "", {"Key": key}) for key in asked.get("Keys", []))
    elif operation == "BatchWriteItem":
        for table, rows in request.get("RequestItems", {}).items():
            yield from ((table, "", part) for row in rows for part in row.values())
    else:
        parts = (part for row in request.get("TransactItems", []) for part in row.values())
        yield from ((str(part.get("TableName")), "", part) for part in parts)


def _value(part: Request, name: str) -> str | None:
    given = (part.get("Key") or part.get("Item") or {}).get(name) or _of_query(part, name)
    if not isinstance(given, Mapping) or not given:
        return None
    return str(next(iter(given.values())))[:_TEXT]


def _of_query(part: Request, name: str) -> Any:
    names = part.get("ExpressionAttributeNames") or {}
    for attribute, value in _EQUALS.findall(str(part.get("KeyConditionExpression") or "")):
        if names.get(attribute, attribute) == name:
            return (part.get("ExpressionAttributeValues") or {}).get(value)
    return None
