"""Reads whole tables for a reindex; the one file of this context that knows DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator

from services.common.aws import client, table
from services.common.dynamo import Item, plain


def all_items(*tables: str) -> Iterator[Item]:
    """Every item of the tables that search knows (posts, their tombstones, profiles), page by page."""
    for name in tables:
        request = {
            "FilterExpression": "sk IN (:post, :profile)",
            "ExpressionAttributeValues": {":post": "POST", ":profile": "PROFILE"},
        }
        while True:
            answer = table(name).scan(**request)
            yield from (plain(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def estimated_items(*tables: str) -> int:
    """DynamoDB's item counts of the tables (some hours old on AWS), for a progress bar."""
    return sum(int(client("dynamodb").describe_table(TableName=name)["Table"]["ItemCount"]) for name in tables)
