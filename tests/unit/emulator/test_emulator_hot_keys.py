"""The partition keys with the most requests."""

from __future__ import annotations

from typing import Any

import pytest

from emulation.emulator import hot_keys
from emulation.emulator.hot_keys import HotKeys


def name_of_key(table: str, index: str) -> str | None:
    return {("posts", ""): "pk", ("posts", "by-author"): "author"}.get((table, index))


def key(value: str) -> dict[str, Any]:
    return {"pk": {"S": value}, "sk": {"S": "x"}}


REQUESTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("GetItem", {"TableName": "posts", "Key": key("a")}, "reads", "a"),
    ("PutItem", {"TableName": "posts", "Item": key("a")}, "writes", "a"),
    ("UpdateItem", {"TableName": "posts", "Key": key("a")}, "writes", "a"),
    ("Query", {"TableName": "posts", "KeyConditionExpression": "sk > :s AND pk = :p",
               "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"S": "b"}}}, "reads", "a"),
    ("Query", {"TableName": "posts", "IndexName": "by-author", "KeyConditionExpression": "#a = :p",
               "ExpressionAttributeNames": {"#a": "author"}, "ExpressionAttributeValues": {":p": {"S": "ann"}}},
     "reads", "by-author: ann"),
    ("BatchGetItem", {"RequestItems": {"posts": {"Keys": [key("a")]}}}, "reads", "a"),
    ("BatchWriteItem", {"RequestItems": {"posts": [{"PutRequest": {"Item": key("a")}}]}}, "writes", "a"),
    ("BatchWriteItem", {"RequestItems": {"posts": [{"DeleteRequest": {"Key": key("a")}}]}}, "writes", "a"),
    ("TransactWriteItems", {"TransactItems": [{"Update": {"TableName": "posts", "Key": key("a")}}]}, "writes", "a"),
    ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "posts", "Key": key("a")}}]}, "reads", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "request_", "kind", "expected"), REQUESTS)
def test_each_kind_of_request_names_its_keys(
    operation: str, request_: dict[str, Any], kind: str, expected: str
) -> None:
    keys = HotKeys()
    keys.asked(operation, request_, name_of_key)
    (row,) = keys.describe()["tables"]["posts"]
    assert (row["key"], row[kind], row["reads"] + row["writes"], row["share"]) == (expected, 1, 1, 1.0)


def test_requests_without_a_key_are_not_counted() -> None:
    keys = HotKeys()
    for request in ({}, {"TableName": "gone", "Key": key("a")}, {"TableName": "posts", "Key": {"pk": "no value"}}):
        keys.asked("GetItem", request, name_of_key)
    keys.asked("Query", {"TableName": "posts", "KeyConditionExpression": "other = :p"}, name_of_key)
    assert keys.describe()["tables"] == {}


def test_the_ten_hottest_are_shown_with_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = HotKeys()
    for number in range(12):
        for _ in range(number + 1):
            keys.asked("GetItem", {"TableName": "posts", "Key": key(f"k{number}")}, name_of_key)
    rows = keys.describe()["tables"]["posts"]
    assert [row["key"] for row in rows] == [f"k{number}" for number in range(11, 1, -1)]
    assert rows[0]["share"] == round(12 / 78, 4)
    monkeypatch.setattr(hot_keys, "_MOST", 3)
    keys.asked("GetItem", {"TableName": "posts", "Key": key("k11")}, name_of_key)
    assert ("posts", "k0") not in keys.reads
    keys.begin()
    assert keys.describe() == {"running": True, "tables": {}}
