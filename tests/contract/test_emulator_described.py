"""All queues and all tables in one request, with the values that SQS and DynamoDB return for each."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx

from emulation.console.described import ApiDescribed, EmulatorDescribed
from emulation.guard import HELPER_HEADERS
from tests.contract.emulator_process import EmulatorProcess
from tests.contract.test_lambda_execution_environment import archive

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
        once, each = EmulatorDescribed(http), ApiDescribed(sqs, dynamodb, emulator.client("lambda"))
        queues, tables = once.queues(), once.tables()
        assert queues == each.queues()
        assert [told(one) for one in tables] == [told(one) for one in each.tables()]
    counts = ("", "NotVisible", "Delayed")
    assert [queues[name][f"ApproximateNumberOfMessages{one}"] for one in counts] == ["2", "1", "1"]
    assert queues[f"{name}.fifo"]["FifoQueue"] == "true"
    (table,) = (one for one in tables if one["TableName"] == name)
    assert (table["ItemCount"], table["StreamSpecification"]["StreamViewType"]) == (1, "KEYS_ONLY")


def test_described_consumers_equal_those_of_the_api(emulator: EmulatorProcess) -> None:
    sqs, functions, name = emulator.client("sqs"), emulator.client("lambda"), f"c-{uuid.uuid4().hex[:8]}"
    source, failures = (arn_of_queue(sqs, f"{name}-{one}") for one in ("source", "failures"))
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = {"ZipFile": archive({"app.py": "def handler(event, context): pass\n"})}
    functions.create_function(FunctionName=name, Runtime="python3.11", Role=role, Handler="app.handler", Code=code)
    functions.create_event_source_mapping(FunctionName=name, EventSourceArn=source)
    destination = {"OnFailure": {"Destination": failures}}
    functions.put_function_event_invoke_config(FunctionName=name, Qualifier="$LATEST", DestinationConfig=destination)
    with httpx.Client(base_url=emulator.url, headers=HELPER_HEADERS, timeout=60) as http:
        once, each = EmulatorDescribed(http).consumers(), ApiDescribed(sqs, None, functions).consumers()
    assert once == each
    assert (once.readers[source], once.failing[failures]) == ([name], [name])


def arn_of_queue(sqs: Any, name: str) -> str:
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def told(table: dict[str, Any]) -> dict[str, Any]:
    """Without times, which the API's client parses."""
    return {name: value for name, value in table.items() if not name.endswith("DateTime")}
