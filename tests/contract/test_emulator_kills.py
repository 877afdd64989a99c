"""Acknowledged writes survive ``kill -9`` at any moment: nothing waits for the next snapshot.

One thread for each kind of operation runs until the emulator is killed. Each acknowledged write must be found
afterwards: the message in the queue (also through SNS, S3, EventBridge and an asynchronous invocation), the record in
the stream, the user in the pool. A message may be found twice, as on AWS.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from emulation import mended
from tests.contract.emulator_process import EmulatorProcess, wait_until

ACCOUNT = "000000000000"
_QUEUE = "arn:aws:sqs:us-east-1:" + ACCOUNT + ":{}"
#: A function that sends its event to a queue.
CODE = """
import boto3, os
def handler(event, context):
    name = event["Records"][0]["Sns"]["Message"] if "Records" in event else event["n"]
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=name)
"""
_ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
_LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", CODE)
    return buffer.getvalue()


class World:
    """Resources of every kind, and the acknowledged writes of each."""

    def __init__(self, emulator: EmulatorProcess) -> None:
        self.emulator = emulator
        self.acknowledged: dict[str, set[str]] = {}
        self.read: dict[str, set[str]] = {}
        self.queues = {name: self._queue(name) for name in ("sent", "published", "stored", "put", "invoked", "taken")}
        self.topic = self._topic()
        self.pool, self.app = self._pool()
        client = emulator.client
        client("kinesis").create_stream(StreamName="records", ShardCount=2)
        client("s3").create_bucket(Bucket="objects")
        configuration = [{"QueueArn": _QUEUE.format("stored"), "Events": ["s3:ObjectCreated:*"]}]
        client("s3").put_bucket_notification_configuration(
            Bucket="objects", NotificationConfiguration={"QueueConfigurations": configuration}
        )
        client("events").put_rule(Name="all", EventPattern=json.dumps({"source": ["test"]}))
        client("events").put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": _QUEUE.format("put")}])
        self._function()
        self.telling = self._topic_of_the_function()
        self.uploads: dict[str, str] = {}

    def _queue(self, name: str) -> str:
        attributes = {"Policy": json.dumps(_ANYBODY), "VisibilityTimeout": "600"}
        return str(self.emulator.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    def _topic(self) -> str:
        topic = str(self.emulator.client("sns").create_topic(Name="topic")["TopicArn"])
        raw = {"RawMessageDelivery": "true"}
        endpoint = _QUEUE.format("published")
        self.emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint, Attributes=raw)
        return topic

    def _pool(self) -> tuple[str, str]:
        cognito = self.emulator.client("cognito-idp")
        pool = cognito.create_user_pool(PoolName="people", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
        app = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web")["UserPoolClient"]["ClientId"]
        return pool, app

    def _function(self) -> None:
        trust = json.dumps({"Version": "2012-10-17", "Statement": [_LAMBDA]})
        role = self.emulator.client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.emulator.client("iam").put_role_policy(
            RoleName="runs", PolicyName="all",
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
            ),
        )  # fmt: skip
        self.emulator.client("lambda").create_function(
            FunctionName="leaves", Runtime="python3.11", Role=role, Handler="app.handler",
            Code={"ZipFile": _archive()}, Environment={"Variables": {"QUEUE": self.queues["invoked"]}}, Timeout=60,
        )  # fmt: skip

    def _topic_of_the_function(self) -> str:
        topic = str(self.emulator.client("sns").create_topic(Name="telling")["TopicArn"])
        function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:leaves"
        self.emulator.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
        return topic

    # --- the operations before the kill ------------------------------------------------------------------------------

    def send(self, name: str) -> None:
        self.emulator.client("sqs").send_message(QueueUrl=self.queues["sent"], MessageBody=name)

    def publish(self, name: str) -> None:
        entry = {"Id": "one", "Message": name}
        self.emulator.client("sns").publish_batch(TopicArn=self.topic, PublishBatchRequestEntries=[entry])

    def put_record(self, name: str) -> None:
        self.emulator.client("kinesis").put_records(
            StreamName="records", Records=[{"Data": name.encode(), "PartitionKey": name}]
        )

    def store(self, name: str) -> None:
        self.emulator.client("s3").put_object(Bucket="objects", Key=name, Body=name.encode())

    def put_event(self, name: str) -> None:
        entry = {"Source": "test", "DetailType": "test", "Detail": json.dumps({"n": name})}
        self.emulator.client("events").put_events(Entries=[entry])

    def invoke(self, name: str) -> None:
        payload = json.dumps({"n": name}).encode()
        self.emulator.client("lambda").invoke(FunctionName="leaves", InvocationType="Event", Payload=payload)

    def tell(self, name: str) -> None:
        self.emulator.client("sns").publish(TopicArn=self.telling, Message=name)

    def upload_part(self, name: str) -> None:
        s3, place = self.emulator.client("s3"), {"Bucket": "objects", "Key": f"parts/{name}"}
        upload = s3.create_multipart_upload(**place)["UploadId"]
        s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=name.encode())
        self.uploads[name] = upload

    def sign_up(self, name: str) -> None:
        self.emulator.client("cognito-idp").sign_up(
            ClientId=self.app, Username=name, Password="Correct-horse-9",
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
        )  # fmt: skip

    def take(self, name: str) -> None:
        """A message that is sent, received and deleted must stay deleted."""
        sqs, url = self.emulator.client("sqs"), self.queues["taken"]
        sqs.send_message(QueueUrl=url, MessageBody=name)
        for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            self.read.setdefault("taken", set()).add(message["Body"])

    # --- the checks after the restart --------------------------------------------------------------------------------

    def received(self, queue: str) -> set[str]:
        sqs, found = self.emulator.client("sqs"), self.read.setdefault(queue, set())
        while messages := sqs.receive_message(QueueUrl=self.queues[queue], MaxNumberOfMessages=10).get("Messages"):
            found |= {message["Body"] for message in messages}
        return found

    def records(self) -> set[str]:
        kinesis, found = self.emulator.client("kinesis"), set()
        for shard in kinesis.list_shards(StreamName="records")["Shards"]:
            place = {"StreamName": "records", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = kinesis.get_shard_iterator(**place)["ShardIterator"]
            while (page := kinesis.get_records(ShardIterator=iterator))["Records"]:
                found |= {record["Data"].decode() for record in page["Records"]}
                iterator = page["NextShardIterator"]
        return found

    def completed(self) -> set[str]:
        """Uploads whose part is stored: they can be completed, and the object has the uploaded content."""
        s3, found = self.emulator.client("s3"), set()
        for name, upload in self.uploads.items():
            place = {"Bucket": "objects", "Key": f"parts/{name}"}
            parts = s3.list_parts(**place, UploadId=upload).get("Parts", [])
            listed = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
            s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": listed})
            if s3.get_object(**place)["Body"].read().decode() == name:
                found.add(name)
        return found

    def users(self) -> set[str]:
        pages = self.emulator.client("cognito-idp").get_paginator("list_users").paginate(UserPoolId=self.pool)
        return {user["Username"] for page in pages for user in page["Users"]}

    def objects_of_events(self) -> set[str]:
        events = [json.loads(body) for body in self.received("stored")]
        return {record["s3"]["object"]["key"] for event in events for record in event.get("Records", [])}

    def details(self) -> set[str]:
        return {json.loads(body)["detail"]["n"] for body in self.received("put")}


def _until_killed(world: World, kind: str, act: Callable[[str], Any], prefix: str) -> None:
    done = world.acknowledged.setdefault(kind, set())
    for number in range(100_000):
        name = f"{prefix}{kind}-{number}"
        try:
            act(name)
        except (BotoCoreError, ClientError):
            return
        done.add(name)


def _kill_under_load(world: World, turn: int) -> None:
    kinds: dict[str, Callable[[str], Any]] = {
        "sent": world.send, "published": world.publish, "recorded": world.put_record, "stored": world.store,
        "put": world.put_event, "invoked": world.invoke, "signed-up": world.sign_up, "taken": world.take,
        "told": world.tell, "parts": world.upload_part,
    }  # fmt: skip
    before = {kind: len(world.acknowledged.get(kind, ())) for kind in kinds}
    threads = [
        threading.Thread(target=_until_killed, args=(world, kind, act, f"{turn}-"), name=kind)
        for kind, act in kinds.items()
    ]
    for thread in threads:
        thread.start()

    def all_are_busy() -> bool:
        return all(len(world.acknowledged.get(kind, ())) >= before[kind] + 5 for kind in kinds)

    wait_until(all_are_busy, 60, "each kind of operation is answered", world.emulator.log)
    world.emulator.kill()
    for thread in threads:
        thread.join(60)
    world.emulator.start()


def test_nothing_acknowledged_is_lost_by_kills(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    world = World(emulator)
    for turn in range(3):
        _kill_under_load(world, turn)
    try:
        wanted = world.acknowledged
        lost = {
            "sent": wanted["sent"] - world.received("sent"),
            "published": wanted["published"] - world.received("published"),
            "recorded": wanted["recorded"] - world.records(),
            "stored": wanted["stored"] - world.objects_of_events(),
            "put": wanted["put"] - world.details(),
            "signed-up": wanted["signed-up"] - world.users(),
            "parts": wanted["parts"] - world.completed(),
        }
        assert {kind: sorted(names) for kind, names in lost.items() if names} == {}
        assert world.read["taken"] & world.received("taken") == world.read["taken"]
        ran = wanted["invoked"] | wanted["told"]
        wait_until(lambda: ran <= world.received("invoked"), 60, "all were invoked", emulator.log)
        # Unacknowledged writes: each kill can have interrupted one at most.
        assert len(list((home / "emulator" / "uploads").iterdir())) <= 3
    finally:
        emulator.stop()


def test_deleted_messages_stay_deleted_after_a_kill(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="one")["QueueUrl"]
    for number in range(20):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    gone = [sqs.receive_message(QueueUrl=url)["Messages"][0] for _ in range(10)]
    for message in gone:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    emulator.kill()
    emulator.start()
    try:
        left = set()
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            left |= {message["Body"] for message in messages}
        assert left == {str(number) for number in range(20)} - {message["Body"] for message in gone}
    finally:
        emulator.stop()


def test_a_part_damaged_on_disk_is_named_and_not_assembled(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    s3, place = emulator.client("s3"), {"Bucket": "objects", "Key": "film"}
    s3.create_bucket(Bucket="objects")
    upload = s3.create_multipart_upload(**place)["UploadId"]
    etag = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"first")["ETag"]
    emulator.kill()
    file = home / "emulator" / "uploads" / upload / "1.part"
    file.write_bytes(file.read_bytes()[:-1])
    emulator.start()
    try:
        (line,) = mended.reports(home)
        assert f"{file} was damaged: its checksum is wrong" in line
        with pytest.raises(ClientError, match="InvalidPart"):
            s3.complete_multipart_upload(
                **place, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
            )
        s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"first")
        s3.complete_multipart_upload(
            **place, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
        )
        assert s3.get_object(**place)["Body"].read() == b"first"
    finally:
        emulator.stop()
