"""CloudWatch Contributor Insights for DynamoDB: the keys with the most requests, counted while a client asks."""

from __future__ import annotations

import json
import urllib.request
import uuid
from typing import Any

from emulation.guard import HELPER_HEADERS
from tests.contract.emulator_process import EmulatorProcess


def keys(emulator: EmulatorProcess, method: str) -> dict[str, Any]:
    request = urllib.request.Request(f"{emulator.url}/_asyncsns/keys", method=method, headers=HELPER_HEADERS)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return dict(json.loads(answer.read()))


def test_keys_are_counted_by_table_and_index_from_the_beginning_to_the_end(emulator: EmulatorProcess) -> None:
    dynamodb, table = emulator.client("dynamodb"), f"hot-{uuid.uuid4().hex[:8]}"
    names = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "author")]
    index = {"IndexName": "by-author", "KeySchema": [{"AttributeName": "author", "KeyType": "HASH"}],
             "Projection": {"ProjectionType": "ALL"}}  # fmt: skip
    dynamodb.create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=names,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}], GlobalSecondaryIndexes=[index],
    )  # fmt: skip
    key = {"pk": {"S": "hot"}}
    dynamodb.put_item(TableName=table, Item=key)
    keys(emulator, "PUT")
    dynamodb.put_item(TableName=table, Item=key | {"author": {"S": "ann"}})
    for _ in range(2):
        dynamodb.get_item(TableName=table, Key=key)
    dynamodb.query(
        TableName=table, IndexName="by-author", KeyConditionExpression="author = :a",
        ExpressionAttributeValues={":a": {"S": "ann"}},
    )  # fmt: skip
    found = keys(emulator, "DELETE")
    dynamodb.get_item(TableName=table, Key=key)
    assert found["tables"][table] == [
        {"key": "hot", "reads": 2, "writes": 1, "share": 0.75},
        {"key": "by-author: ann", "reads": 1, "writes": 0, "share": 0.25},
    ]
    assert not found["running"]
    assert keys(emulator, "GET")["tables"][table] == found["tables"][table]
