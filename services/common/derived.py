"""Compares derived data (counters, timelines, notifications, the index) with their source items.

A comparison walks subjects (a post's counters, a person's timeline) in the order of their names, so that an interrupted
repair continues where it stopped. It changes nothing by itself: each subject has its own repair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from services.common.counters import Delta, Key
from services.common.dynamo import Item, Repository, accepted, plain
from services.common.lazy_dataclasses import dataclass
from services.common.streams import Change

#: Name of the items that hold counters.
_COUNTS = "COUNTS"


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Compared:
    """One subject. ``mend`` is idempotent, and may run while people use the network."""

    subject: str
    differences: tuple[str, ...] = ()
    mend: Callable[[], None] = _nothing


#: Subjects in the order of their names, from the one after the given on.
Comparison = Callable[[str | None], Iterator[Compared]]


def whole_table(table_name: str, sort_key: str | None = None) -> Iterator[Item]:
    """Every item, page by page, or those with one sort key. Reads all of the table either way."""
    table, query = Repository(table_name).table, dict[str, Any]()
    if sort_key:
        query = {"FilterExpression": "sk = :sk", "ExpressionAttributeValues": {":sk": sort_key}}
    while True:
        answer = table.scan(**query, ConsistentRead=True)
        yield from (plain(item) for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


@dataclass(frozen=True)
class CounterComparison:
    """Counters of a table, recomputed from all its items by the projector's rules.

    Args:
        deltas_of: the projector's: an existing item counts as its creation would.
        counted: keys of the counters that belong to this item; other counters belong to deleted items.
    """

    table_name: str
    deltas_of: Callable[[Change], Iterable[Delta]]
    counted: Callable[[Item], Iterable[Key]]

    def __call__(self, after: str | None) -> Iterator[Compared]:
        expected: dict[Key, dict[str, int]] = {}
        found: dict[Key, Item] = {}
        subjects: set[Key] = set()
        for item in whole_table(self.table_name):
            if item["sk"] == _COUNTS:
                found[item["pk"], item["sk"]] = item
                continue
            subjects.update(self.counted(item))
            for delta in self.deltas_of(Change("", None, item)):
                sums = expected.setdefault(delta.key, {})
                sums[delta.attribute] = sums.get(delta.attribute, 0) + delta.amount
        for key in sorted(subjects):
            if after is None or key[0] > after:
                yield self._compared(key, expected.get(key, {}), found.get(key, {}))

    def _compared(self, key: Key, expected: Mapping[str, int], found: Item) -> Compared:
        counters = {name for name, value in found.items() if isinstance(value, int)} | expected.keys()
        wrong = [name for name in sorted(counters) if int(found.get(name, 0)) != expected.get(name, 0)]
        differences = tuple(f"{name}: {found.get(name, 0)}, expected {expected.get(name, 0)}" for name in wrong)
        right = {name: expected.get(name, 0) for name in wrong}
        return Compared(key[0], differences, lambda: self._set(key, found, right))

    def _set(self, key: Key, found: Item, right: Mapping[str, int]) -> None:
        """Unless the counter changed meanwhile: the next comparison checks it."""
        numbered = list(enumerate(right.items()))
        conditions = [
            f"#n{n} = :o{n}" if name in found else f"attribute_not_exists(#n{n})" for n, (name, _) in numbered
        ]
        accepted(
            Repository(self.table_name).table.update_item,
            Key={"pk": key[0], "sk": key[1]},
            UpdateExpression="SET " + ", ".join(f"#n{n} = :v{n}" for n, _ in numbered),
            ConditionExpression=" AND ".join(conditions),
            ExpressionAttributeNames={f"#n{n}": name for n, (name, _) in numbered},
            ExpressionAttributeValues={f":v{n}": value for n, (_, value) in numbered}
            | {f":o{n}": found[name] for n, (name, _) in numbered if name in found},
        )
