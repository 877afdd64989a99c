"""Reads the items of a query from a sorted list of their keys, not from the whole partition.

MiniStack sorts all items of the partition and compares each with the key condition, also for a page of 20 out of
10,000. Here a large partition that is queried keeps its keys sorted, and the query is given the items between the
bounds of its condition alone. It still compares these, so the answer is the same.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from typing import Any

from emulation.emulator import seams
from emulation.emulator.expressions import Compared, conditions_of

#: Below, sorting is quicker than looking.
LARGE = 32
#: More than the limit, because the item where the page starts and those at the bounds may not count.
_SPARE = 3

Item = dict[str, Any]


class OrderedItems(dict[str, Item]):
    """Items by sort key; ``values`` are those of ``shown`` for as long as it is set, which is during a query."""

    __slots__ = ("_order", "shown")

    def __init__(self, items: Mapping[str, Item]) -> None:
        super().__init__(items)
        self._order: list[str] | None = None
        self.shown: list[Item] | None = None

    def order(self) -> Sequence[str]:
        if self._order is None:
            self._order = sorted(self)
        return self._order

    def values(self) -> Any:
        return super().values() if self.shown is None else self.shown

    def __setitem__(self, key: str, item: Item) -> None:
        if self._order is not None and key not in self:
            insort(self._order, key)
        super().__setitem__(key, item)

    def pop(self, key: str, *default: Any) -> Any:
        if self._order is not None and key in self:
            del self._order[bisect_left(self._order, key)]
        return super().pop(key, *default)

    def __delitem__(self, key: str) -> None:
        self.pop(key)

    def clear(self) -> None:
        self._order = None
        super().clear()

    def update(self, *items: Any, **named: Any) -> None:
        self._order = None
        super().update(*items, **named)

    def setdefault(self, key: str, default: Any = None) -> Any:
        self._order = None
        return super().setdefault(key, default)

    def popitem(self) -> tuple[str, Item]:
        self._order = None
        return super().popitem()

    def __reduce__(self) -> Any:
        return OrderedItems, (dict(self),)


def read_in_order() -> None:
    """Give queries of tables, not of indexes, the items in question only."""
    dynamodb = seams.module("services.dynamodb")
    query = dynamodb._query

    def query_in_order(data: dict[str, Any]) -> Any:
        items = _items_of(dynamodb, data)
        if items is None:
            return query(data)
        partition, shown = items
        partition.shown = shown
        try:
            return query(data)
        finally:
            partition.shown = None

    dynamodb._query = query_in_order


def _items_of(dynamodb: Any, data: Mapping[str, Any]) -> tuple[OrderedItems, list[Item]] | None:
    """A large partition and its items in question; ``None`` where the query is to look at all."""
    table = dynamodb._tables.get(dynamodb._normalize_table_name(data.get("TableName")))
    expression = data.get("KeyConditionExpression")
    if not table or data.get("IndexName") or not isinstance(expression, str) or not table.get("sk_name"):
        return None
    if dynamodb._get_attr_type(table, table["sk_name"]) != "S":
        return None
    try:
        tokens = dynamodb._tokenize(expression.strip())
    except ValueError:
        return None
    values, names = data.get("ExpressionAttributeValues") or {}, data.get("ExpressionAttributeNames") or {}
    keys = {one.name: one for one in conditions_of(tokens, values, names) or ()}
    own = keys.get(table["pk_name"])
    if own is None or own.first != own.last:
        return None
    found = table["items"].get(own.first)
    if found is None or len(found) < LARGE:
        return None
    if not isinstance(found, OrderedItems):
        found = table["items"][own.first] = OrderedItems(found)
    return found, between(found, keys.get(table["sk_name"], _ALL), data, table["sk_name"])


_ALL = Compared("", lambda _: True)


def between(items: OrderedItems, wanted: Compared, data: Mapping[str, Any], sort: str) -> list[Item]:
    """The items between the bounds, from where the page starts, as many as it may have and a few more."""
    order = items.order()
    first = bisect_left(order, wanted.first)
    last = len(order) if wanted.last is None else bisect_right(order, wanted.last)
    forward, limit = data.get("ScanIndexForward", True), data.get("Limit")
    start = data.get("ExclusiveStartKey")
    at = start.get(sort) if isinstance(start, dict) else None
    key = at.get("S") if isinstance(at, dict) else None
    if isinstance(key, str):
        if forward:
            first = max(first, bisect_left(order, key))
        else:
            last = min(last, bisect_right(order, key))
    if isinstance(limit, int) and limit > 0:
        few = limit + _SPARE
        first, last = (first, min(last, first + few)) if forward else (max(first, last - few), last)
    return [items[one] for one in order[first:last]]
