"""Reads and deletes whole partitions, for export and erasure. One query per page, never a scan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.common.dynamo import Item, batch_write, from_attributes
from services.common.wire import read


def items_of(table_name: str, partition: str, *, index: str | None = None, prefix: str = "") -> Iterator[Item]:
    """All items of a partition of a table or of its index (``gsi1``), in the order of their sort keys."""
    names = {"#p": f"{index}pk" if index else "pk"}
    values: dict[str, Any] = {":p": {"S": partition}}
    condition = "#p = :p"
    if prefix:
        names["#s"], values[":s"] = f"{index}sk" if index else "sk", {"S": prefix}
        condition += " AND begins_with(#s, :s)"
    query: dict[str, Any] = {
        "TableName": table_name,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
    if index:
        query["IndexName"] = index
    while True:
        answer = read("Query", query)
        yield from (from_attributes(image) for image in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return
        query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def wipe(table_name: str, partition: str, *, most: int, index: str | None = None, prefix: str = "") -> int:
    """Delete up to ``most`` items of a partition; how many. Repeat until it is none."""
    found = islice(items_of(table_name, partition, index=index, prefix=prefix), most)
    keys = [(item["pk"], item["sk"]) for item in found]
    if keys:
        batch_write(table_name, deletes=keys)
    return len(keys)
