"""Dead letters on the console: listed and redriven."""

from __future__ import annotations

import json
import uuid

from fastapi.testclient import TestClient

from tests.support.aws import Aws
from tests.unit.console.test_console import console


def test_dead_letters_are_listed_and_redriven_with_their_attributes(fresh: Aws) -> None:
    sqs, name = fresh.client("sqs"), f"q-{uuid.uuid4().hex[:8]}"
    dead = sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})
    reason = {"reason": {"DataType": "String", "StringValue": "poison"}}
    header = "Root=1-6b04b32c-964a663396e0d4d9a13e8113;Parent=964a663396e0d4d9;Sampled=1"
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": header}}
    sqs.send_message(QueueUrl=dead, MessageBody="{}", MessageAttributes=reason, MessageSystemAttributes=trace)

    client = TestClient(console(sqs=sqs, functions=fresh.client("lambda")))
    found = {one["name"]: one for one in client.get("/api/queues").json()}
    assert (found[f"{name}-dlq"]["deadLetterOf"], found[f"{name}-dlq"]["waiting"]) == ([name], 1)
    (message,) = client.get(f"/api/queues/{name}-dlq/messages").json()
    assert (message["body"], message["attributes"]) == ("{}", {"reason": "poison"})
    assert client.post(f"/api/queues/{name}/redrive").status_code == 409
    assert client.post(f"/api/queues/{name}-dlq/redrive").json() == {"moved": 1}
    (back,) = client.get(f"/api/queues/{name}/messages").json()
    assert (back["attributes"], back["system"]["AWSTraceHeader"]) == ({"reason": "poison"}, header)
    assert client.get(f"/api/queues/{name}-dlq/messages").json() == []


def test_an_unknown_queue_is_404(fresh: Aws) -> None:
    """Whatever its name: the page shows the message."""
    client = TestClient(console(sqs=fresh.client("sqs")))
    for name in (f"q-{uuid.uuid4().hex[:8]}", "<b>x", "..%2F..%2Fx", "%00", "日本語", "x" * 5_000):
        for answer in (client.get(f"/api/queues/{name}/messages"), client.post(f"/api/queues/{name}/redrive")):
            assert answer.status_code == 404, (name, answer.text)
