"""All queues and all tables in one request, with the values that SQS and DynamoDB return for each."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from emulation.console.described import ApiDescribed, EmulatorDescribed
from emulation.guard import HELPER_HEADERS
from tests.contract.emulator_process import EmulatorProcess

KEY = {"AttributeName": "pk", "KeyType": "HASH"}


def test_described_queues_and_tables_equal_those_of_the_apis(emulator: EmulatorProcess) -> None:
    sqs, dynamodb, name = emulator.client("sqs"), emulator.client("dynamodb"), f"d-{uuid.uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    sqs.create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})
    for delay in (0, 0, 0, 900):
        sqs.send_message(QueueUrl=url, MessageBody="{}", DelaySeconds=delay)
    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1
    dynamodb.create_table(
        TableName=name, KeySchema=[KEY], AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        GlobalSecondaryIndexes=[
            {"IndexName": "by-pk", "KeySchema": [KEY], "Projection": {"ProjectionType": "ALL"}}
        ],
    )  # fmt: skip
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "a"}})

    with httpx.Client(base_url=emulator.url, headers=HELPER_HEADERS, timeout=60) as http:
        once, each = EmulatorDescribed(http), ApiDescribed(sqs, dynamodb)
        queues, tables = once.queues(), once.tables()
        assert queues == each.queues()
        assert [told(one) for one in tables] == [told(one) for one in each.tables()]
    counts = ("", "NotVisible", "Delayed")
    assert [queues[name][f"ApproximateNumberOfMessages{one}"] for one in counts] == ["2", "1", "1"]
    assert queues[f"{name}.fifo"]["FifoQueue"] == "true"
    (table,) = (one for one in tables if one["TableName"] == name)
    assert (table["ItemCount"], table["StreamSpecification"]["StreamViewType"]) == (1, "KEYS_ONLY")


def told(table: dict[str, Any]) -> dict[str, Any]:
    """Without times, which the API's client parses."""
    return {name: value for name, value in table.items() if not name.endswith("DateTime")}
