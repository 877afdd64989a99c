"""Answers the common reads of items (by keys, and queries of a table) without MiniStack's checks of everything else.

MiniStack validates a query in forty steps, most of them about parameters that are not there. A query whose form was
valid once, with the same expression and names and with texts as values, is valid again: it is read directly. Requests
with any other parameter, other types, indexes or filters go to MiniStack, and so does what it would refuse.

Sources: API_Query, API_BatchGetItem, API_GetItem (Amazon DynamoDB API Reference): a page ends at ``Limit`` or at 1 MB,
and has a ``LastEvaluatedKey`` then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulation.emulator import seams
from emulation.emulator.expressions import Compared, conditions_of
from emulation.emulator.ordered_items import LARGE, OrderedItems, between

Data = dict[str, Any]
Answer = Any
Usual = Callable[[Data], Answer]
Item = dict[str, Any]

_QUERY = frozenset((
    "TableName", "KeyConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues", "ScanIndexForward",
    "Limit", "ConsistentRead", "ProjectionExpression", "Select",
))  # fmt: skip
_GET = frozenset(("TableName", "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"))
_BATCH = frozenset(("Keys", "ConsistentRead"))
#: DynamoDB's limits are in bytes (2,048 and 1,024); a character has up to four.
_KEY_CHARACTERS = 256
_BATCH_KEYS = 100
#: A page's JSON is longer than what DynamoDB counts as its size.
_PAGE_BYTES = 1 << 20
_FORMS = 512
_NAME = re.compile(r"#?[A-Za-z_][A-Za-z0-9_]*")
_ALL = Compared("", lambda _: True)


def read_plainly() -> None:
    """Wrap MiniStack's reads; after all other corrections of them."""
    dynamodb = seams.module("services.dynamodb")
    reads = PlainReads(dynamodb)
    for name, read in (("_query", reads.query), ("_batch_get_item", reads.batch_get), ("_get_item", reads.get)):
        setattr(dynamodb, name, _first(read, getattr(dynamodb, name)))


def _first(read: Callable[[Data, Usual], Answer], usual: Usual) -> Usual:
    def read_or_else(data: Data) -> Answer:
        return read(data, usual)

    return read_or_else


class PlainReads:
    """The reads; each gets the request and what answers everything unusual."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb
        #: Forms of queries that MiniStack answered, the oldest first.
        self._valid: dict[tuple[Any, ...], None] = {}

    def get(self, data: Data, usual: Usual) -> Answer:
        table = self._table(data.get("TableName")) if data.keys() <= _GET else None
        key = _texts(table, data.get("Key")) if table else None
        shown = _projected(data)
        if not table or key is None or shown is None:
            return usual(data)
        form = ("GetItem", shown, *_aliases(data))
        if len(data) > 2 and form not in self._valid:
            return self._learnt(form, usual(data))
        item = table["items"].get(key[0], {}).get(key[1])
        return self._dynamodb.json_response({"Item": _only(item, shown)} if item else {})

    def batch_get(self, data: Data, usual: Usual) -> Answer:
        tables = data.get("RequestItems")
        if len(data) != 1 or not isinstance(tables, dict) or not tables:
            return usual(data)
        found, count = {}, 0
        for name, wanted in tables.items():
            table = self._table(name)
            keys = wanted.get("Keys") if isinstance(wanted, dict) and wanted.keys() <= _BATCH else None
            if not table or not isinstance(keys, list) or not keys:
                return usual(data)
            texts = dict.fromkeys(key for one in keys if (key := _texts(table, one)) is not None)
            count += len(texts)
            if len(texts) != len(keys) or count > _BATCH_KEYS:
                return usual(data)
            items = table["items"]
            read = (items[pk].get(sk) for pk, sk in texts if pk in items)
            found[name] = [item for item in read if item]
        return self._dynamodb.json_response({"Responses": found, "UnprocessedKeys": {}})

    def query(self, data: Data, usual: Usual) -> Answer:
        table = self._table(data.get("TableName")) if data.keys() <= _QUERY else None
        form = _form(table, data) if table else None
        if not table or form is None:
            return usual(data)
        if form not in self._valid:
            return self._learnt(form, usual(data))
        answer = self._queried(table, data)
        return usual(data) if answer is None else answer

    def _learnt(self, form: tuple[Any, ...], answer: Answer) -> Answer:
        """MiniStack's answer; a form is valid if it is one."""
        if answer[0] == 200:
            while len(self._valid) >= _FORMS:
                self._valid.pop(next(iter(self._valid)))
            self._valid[form] = None
        return answer

    def _queried(self, table: Data, data: Data) -> Answer | None:
        values, names = data["ExpressionAttributeValues"], data.get("ExpressionAttributeNames") or {}
        tokens = self._dynamodb._tokenize(data["KeyConditionExpression"].strip())
        conditions = {one.name: one for one in conditions_of(tokens, values, names) or ()}
        own, sort = conditions.get(table["pk_name"]), conditions.get(table["sk_name"], _ALL)
        if own is None or own.first != own.last or (sort.last is not None and sort.first > sort.last):
            return None
        limit = data.get("Limit")
        items = list(_in_order(table, own.first, sort, data))
        page = items[:limit]
        answer: Data = {"Items": page, "Count": len(page), "ScannedCount": len(page)}
        if limit is not None and len(page) == limit:
            last = page[-1]
            answer["LastEvaluatedKey"] = {name: last[name] for name in (table["pk_name"], table["sk_name"])}
        response = self._dynamodb.json_response(answer)
        if len(response[2]) >= _PAGE_BYTES:  # what is read counts, not what is shown of it
            return None
        shown = _projected(data)
        if data.get("Select") == "COUNT":
            del answer["Items"]
        elif shown:
            answer["Items"] = [_only(item, shown) for item in page]
        else:
            return response
        return self._dynamodb.json_response(answer)

    def _table(self, name: Any) -> Data | None:
        """The table, if both its keys are texts."""
        table: Data | None = self._dynamodb._tables.get(name) if isinstance(name, str) else None
        if table is None or not table.get("sk_name"):
            return None
        kind = self._dynamodb._get_attr_type
        return table if kind(table, table["pk_name"]) == kind(table, table["sk_name"]) == "S" else None


def _form(table: Data, data: Data) -> tuple[Any, ...] | None:
    """All of a query but its texts, its table's name and the number in ``Limit``; None if it has anything else."""
    expression, limit = data.get("KeyConditionExpression"), data.get("Limit")
    names, values = data.get("ExpressionAttributeNames", {}), data.get("ExpressionAttributeValues")
    forward, consistent = data.get("ScanIndexForward", True), data.get("ConsistentRead", False)
    if not isinstance(expression, str) or not isinstance(names, dict) or not isinstance(values, dict):
        return None
    if type(forward) is not bool or type(consistent) is not bool:
        return None
    if limit is not None and (type(limit) is not int or limit <= 0):
        return None
    if any(_text(one) is None for one in values.values()) or not all(isinstance(one, str) for one in names.values()):
        return None
    shown, select = _projected(data), data.get("Select", "")
    if shown is None or select not in ("", "COUNT"):
        return None
    used = (tuple(values), limit is None, shown, select, *_aliases(data))
    return (expression, *used, table["pk_name"], table["sk_name"])


def _aliases(data: Data) -> tuple[Any, ...]:
    names = data.get("ExpressionAttributeNames")
    return (None,) if names is None else tuple(names.items())


def _projected(data: Data) -> tuple[str, ...] | None:
    """The attributes that are shown; none of them: all. None for paths into them, and for what is no projection."""
    expression, names = data.get("ProjectionExpression", ""), data.get("ExpressionAttributeNames", {})
    if not isinstance(expression, str) or not isinstance(names, dict):
        return None
    if not expression:
        return () if "ProjectionExpression" not in data else None
    parts = tuple(part.strip() for part in expression.split(","))
    if not all(map(_NAME.fullmatch, parts)):
        return None
    found = [names.get(part) if part.startswith("#") else part for part in parts]
    texts = tuple(one for one in found if isinstance(one, str))
    return texts if len(texts) == len(found) else None


def _only(item: Item, shown: tuple[str, ...]) -> Item:
    return {name: item[name] for name in shown if name in item} if shown else item


def _in_order(table: Data, partition: str, sort: Compared, data: Data) -> Iterator[Item]:
    """The items of a partition that fulfil the condition on the sort key."""
    items: Mapping[str, Item] = table["items"].get(partition) or {}
    forward = data.get("ScanIndexForward", True)
    if len(items) < LARGE:
        return (items[key] for key in sorted(items, reverse=not forward) if sort.holds(key))
    if not isinstance(items, OrderedItems):
        items = table["items"][partition] = OrderedItems(items)
    name = table["sk_name"]
    shown = between(items, sort, data, name)
    return (item for item in (shown if forward else reversed(shown)) if sort.holds(item[name]["S"]))


def _texts(table: Data, key: Any) -> tuple[str, str] | None:
    """Both values of a primary key."""
    if not isinstance(key, dict) or len(key) != 2:
        return None
    first, second = _text(key.get(table["pk_name"])), _text(key.get(table["sk_name"]))
    return (first, second) if first and second else None


def _text(value: Any) -> str | None:
    """A text of a length that any key may have."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    text = value.get("S")
    return text if isinstance(text, str) and 0 < len(text) <= _KEY_CHARACTERS else None
