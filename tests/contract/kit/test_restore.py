"""The drill of docs/runbooks/restore.md, without point-in-time: MiniStack restores the current content."""

from __future__ import annotations

import secrets
from typing import Any

from kit.restore import kind, missing, put_back
from tests.support.aws import Aws


def item(pk: str, text: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "ITEM"}, "text": {"S": text}}


def test_a_restore_adds_lost_items_and_keeps_newer_ones(fresh: Aws) -> None:
    dynamodb, run = fresh.client("dynamodb"), secrets.token_hex(4)
    table, restored = f"posts-{run}", f"posts-{run}-restored"
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    lost = [f"POST#{number}" for number in range(30)]
    for key in (*lost, "USER#ann"):
        dynamodb.put_item(TableName=table, Item=item(key, "old"))
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=restored, UseLatestRestorableTime=True
    )
    for key in lost:
        dynamodb.delete_item(TableName=table, Key={"pk": {"S": key}, "sk": {"S": "ITEM"}})
    dynamodb.put_item(TableName=table, Item=item("USER#ann", "new"))
    dynamodb.put_item(TableName=restored, Item=item("USER#gone", "old"))

    found = list(missing(dynamodb, table, restored, "POST#"))
    assert sorted(one["pk"]["S"] for one in found) == sorted(lost)
    assert {kind(one) for one in found} == {"POST#"}
    # Another writer changes one item between the comparison and the write.
    dynamodb.put_item(TableName=table, Item=item(lost[0], "new"))
    assert [put_back(dynamodb, table, one) for one in found].count(False) == 1
    assert list(missing(dynamodb, table, restored, "POST#")) == []
    texts = {
        row["pk"]["S"]: row["text"]["S"]
        for page in dynamodb.get_paginator("scan").paginate(TableName=table)
        for row in page["Items"]
    }
    assert texts == {**dict.fromkeys(lost, "old"), lost[0]: "new", "USER#ann": "new"}
