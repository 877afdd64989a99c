"""Acknowledged data survive ``kill -9`` and a clean stop; an idle emulator writes nothing."""

from __future__ import annotations

import io
import json
import os
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.emulator_process import EmulatorProcess, wait_until

CODE = "def handler(event, context):\n    import of_layer\n    return {'answer': event.get('n', 0) + of_layer.one}\n"
LAYER = "one = 1\n"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
TEMPLATE = json.dumps(
    {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "from-a-stack"}}}}
)


def _zip(source: str, layer: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{layer}of_layer.py" if layer else "app.py", source)
    return buffer.getvalue()


def _table(emulator: EmulatorProcess) -> dict[str, Any]:
    table = emulator.client("dynamodb").create_table(
        TableName="posts",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return dict(table["TableDescription"])


def _populate(emulator: EmulatorProcess) -> dict[str, Any]:
    """Create one resource of every kind that the network needs."""
    table = _table(emulator)
    for number in range(50):
        emulator.client("dynamodb").put_item(TableName="posts", Item={"pk": {"S": f"post-{number}"}})
    queue = emulator.client("sqs").create_queue(QueueName="notifications")["QueueUrl"]
    emulator.client("sqs").send_message(QueueUrl=queue, MessageBody="hello")
    emulator.client("kinesis").create_stream(StreamName="realtime", ShardCount=1)
    emulator.client("kinesis").put_record(StreamName="realtime", Data=b"frame", PartitionKey="c1")
    emulator.client("s3").create_bucket(Bucket="media")
    emulator.client("s3").put_object(Bucket="media", Key="a/b.txt", Body=b"bytes")
    pool = emulator.client("cognito-idp").create_user_pool(PoolName="people")["UserPool"]["Id"]
    emulator.client("cognito-idp").admin_create_user(UserPoolId=pool, Username="mika")
    role = emulator.client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    layer = emulator.client("lambda").publish_layer_version(
        LayerName="one", Content={"ZipFile": _zip(LAYER, "python/")}
    )
    emulator.client("lambda").create_function(
        FunctionName="adder", Runtime="python3.11", Role=role, Handler="app.handler", Code={"ZipFile": _zip(CODE)},
        Layers=[layer["LayerVersionArn"]], Timeout=60,
    )  # fmt: skip
    emulator.client("lambda").create_event_source_mapping(
        FunctionName="adder", EventSourceArn=table["LatestStreamArn"], StartingPosition="TRIM_HORIZON"
    )
    emulator.client("apigatewayv2").create_api(Name="api", ProtocolType="HTTP", Tags={"ms-custom-id": "a5c0de01"})
    emulator.client("cloudformation").create_stack(StackName="stack", TemplateBody=TEMPLATE)
    emulator.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="stack", WaiterConfig={"Delay": 1}
    )
    return {"queue": queue, "pool": pool, "stream": table["LatestStreamArn"]}


def _assert_all_there(emulator: EmulatorProcess, made: dict[str, Any]) -> None:
    assert emulator.client("dynamodb").scan(TableName="posts", Select="COUNT")["Count"] == 50
    assert emulator.client("sqs").receive_message(QueueUrl=made["queue"])["Messages"][0]["Body"] == "hello"
    assert _kinesis_data(emulator) == [b"frame"]
    assert emulator.client("s3").get_object(Bucket="media", Key="a/b.txt")["Body"].read() == b"bytes"
    assert emulator.client("cognito-idp").admin_get_user(UserPoolId=made["pool"], Username="mika")
    assert emulator.client("iam").get_role(RoleName="runs")
    answer = emulator.client("lambda").invoke(FunctionName="adder", Payload=b'{"n": 1}')
    assert json.load(answer["Payload"]) == {"answer": 2}
    content = emulator.client("lambda").get_layer_version(LayerName="one", VersionNumber=1)["Content"]["Location"]
    link = urlsplit(content)
    with urllib.request.urlopen(f"{emulator.url}{link.path}?{link.query}", timeout=60) as archive:  # noqa: S310
        assert zipfile.ZipFile(io.BytesIO(archive.read())).read("python/of_layer.py").decode() == LAYER
    assert len(emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]) == 1
    assert emulator.client("apigatewayv2").get_api(ApiId="a5c0de01")["Name"] == "api"
    stack = emulator.client("cloudformation").describe_stacks(StackName="stack")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert len(_stream_records(emulator, made["stream"])) == 50


def _kinesis_data(emulator: EmulatorProcess) -> list[bytes]:
    kinesis = emulator.client("kinesis")
    shard = kinesis.list_shards(StreamName="realtime")["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName="realtime", ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    return [record["Data"] for record in kinesis.get_records(ShardIterator=iterator)["Records"]]


def _stream_records(emulator: EmulatorProcess, arn: str) -> list[dict[str, Any]]:
    streams = emulator.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return list(streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"])


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_all_resources_survive_a_restart(home: Path, ending: str) -> None:
    emulator = EmulatorProcess(home).start()
    made = _populate(emulator)
    if ending == "kill":
        emulator.kill()
    else:
        assert emulator.stop() == 0
    emulator.start()
    try:
        _assert_all_there(emulator, made)
    finally:
        emulator.stop()


def test_no_acknowledged_item_write_is_lost_by_a_kill(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    arn = _table(emulator)["LatestStreamArn"]
    dynamodb = emulator.client("dynamodb")
    wait_until(lambda: emulator.health()["snapshot"]["pending"] == [], 60, "the table's definition is on disk")
    wait_until(lambda: emulator.health()["snapshot"]["taken"] >= 2, 60, "the table's definition is on disk")
    rounds, expected, records = 3, {}, 0
    for turn in range(rounds):
        for number in range(200):
            key = f"{turn}-{number}"
            item = {"pk": {"S": key}, "n": {"N": str(number)}, "b": {"B": b"\x00\xff"}, "t": {"S": "日本"}}
            dynamodb.put_item(TableName="posts", Item=item)
            expected[key] = number
            records += 1
            if number % 3 == 0:
                dynamodb.update_item(
                    TableName="posts", Key={"pk": {"S": key}}, UpdateExpression="ADD n :m",
                    ExpressionAttributeValues={":m": {"N": "1000"}},
                )  # fmt: skip
                expected[key] += 1000
                records += 1
            if number % 7 == 0:
                dynamodb.transact_write_items(
                    TransactItems=[{"Delete": {"TableName": "posts", "Key": {"pk": {"S": key}}}}]
                )
                del expected[key]
                records += 1
        emulator.kill()
        emulator.start()
    try:
        pages = emulator.client("dynamodb").get_paginator("scan").paginate(TableName="posts")
        found = {item["pk"]["S"]: int(item["n"]["N"]) for page in pages for item in page["Items"]}
        assert found == expected
        assert len(_stream_records(emulator, arn)) == records
        described = emulator.client("dynamodb").describe_table(TableName="posts")["Table"]
        assert described["ItemCount"] == len(expected)
    finally:
        emulator.stop()


def _settled(emulator: EmulatorProcess) -> int:
    """The number of snapshots, once none is pending or running."""
    seen = -1

    def unchanged() -> bool:
        nonlocal seen
        before, seen = seen, emulator.health()["snapshot"]["taken"]
        if before != seen or emulator.health()["snapshot"]["pending"]:
            started[0] = time.monotonic()
        return time.monotonic() - started[0] > 2

    started = [time.monotonic()]
    wait_until(unchanged, 60, "changes written")
    return seen


def test_an_idle_emulator_writes_nothing(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    try:
        emulator.client("sqs").create_queue(QueueName="one")
        settled = _settled(emulator)
        for _ in range(20):
            emulator.client("sqs").list_queues(QueueNamePrefix="one")
        assert emulator.health()["snapshot"]["pending"] == []
        assert emulator.health()["snapshot"]["taken"] == settled
    finally:
        emulator.stop()


def test_code_archives_are_files_outside_snapshots_and_unused_ones_are_deleted(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    service = emulator.client("lambda")
    noise = "".join(f"v{number} = {os.urandom(32)!r}\n" for number in range(2_000))
    service.publish_layer_version(LayerName="big", Content={"ZipFile": _zip(noise, "python/")})
    assert emulator.stop() == 0
    state = home / "emulator"
    assert (state / "snapshots" / "current" / "lambda.json").stat().st_size < 10_000
    (kept,) = state.rglob("lambda-blobs/*.zip")
    stray = kept.with_name("0" * 64 + ".zip")
    stray.write_bytes(b"of a version that is gone")
    emulator.start()
    assert list(state.rglob("lambda-blobs/*.zip")) == [kept]
    assert emulator.stop() == 0


def test_a_layer_of_a_stack_works_at_once_and_is_stored_as_a_file(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    emulator.client("s3").create_bucket(Bucket="assets")
    emulator.client("s3").put_object(Bucket="assets", Key="layer.zip", Body=_zip(LAYER, "python/"))
    role = emulator.client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    content = {"S3Bucket": "assets", "S3Key": "layer.zip"}
    layer = {"Type": "AWS::Lambda::LayerVersion", "Properties": {"LayerName": "one", "Content": content}}
    template = json.dumps({"Resources": {"Layer": layer}, "Outputs": {"Arn": {"Value": {"Ref": "Layer"}}}})
    stacks = emulator.client("cloudformation")
    stacks.create_stack(StackName="layers", TemplateBody=template)
    stacks.get_waiter("stack_create_complete").wait(StackName="layers", WaiterConfig={"Delay": 1})
    (output,) = stacks.describe_stacks(StackName="layers")["Stacks"][0]["Outputs"]
    service = emulator.client("lambda")
    service.create_function(
        FunctionName="adder", Runtime="python3.11", Role=role, Handler="app.handler", Code={"ZipFile": _zip(CODE)},
        Layers=[output["OutputValue"]], Timeout=60,
    )  # fmt: skip
    for _ in range(2):
        answer = service.invoke(FunctionName="adder", Payload=b'{"n": 1}')
        assert json.load(answer["Payload"]) == {"answer": 2}
        assert emulator.stop() == 0
        assert b"__bytes__" not in (home / "emulator" / "snapshots" / "current" / "lambda.json").read_bytes()
        emulator.start()
    assert emulator.stop() == 0
