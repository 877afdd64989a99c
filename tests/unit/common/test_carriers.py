"""Trace context: how a function writes it into what it sends, and how the next function reads it."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from infra.constants import STREAMED_TABLES
from services.common import tracing
from services.common.carriers import STREAMED, carried_by, cause_of, mark_requests, projecting
from services.common.events import PostLiked
from services.common.outbox import Outgoing
from services.common.projector import Projector
from services.common.streams import change_of
from services.common.tracing import Cause, caused_by, continued, current, only

ROOT = "1-6b04b32c-964a663396e0d4d9a13e8113"
HEADER = f"Root={ROOT};Parent=6da5da66d4d1cb88;Sampled=1"
OTHER = HEADER.replace("8113", "8114")
STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/asyncsns-posts/stream/2026"


class Sent:
    """A client that sends nothing and records the request that it would have sent."""

    def __init__(self, service: str) -> None:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
        # A table's own client is like any other, except that it takes Python values.
        self.table: Any = boto3.resource("dynamodb", **keys).Table("asyncsns-posts")  # type: ignore[call-overload]
        plain: Any = boto3.client(service, **keys)  # type: ignore[call-overload]
        self.client = mark_requests(plain)
        mark_requests(self.table.meta.client).meta.events.register("before-send.dynamodb", self._keep)
        self.client.meta.events.register(f"before-send.{service}", self._keep)
        self.body: Any = None

    def _keep(self, request: Any, **_: Any) -> AWSResponse:
        self.body = json.loads(request.body)
        answer: Any = AWSResponse(request.url, 200, HTTPHeaders(), None)
        answer._content = b"{}"
        return answer  # type: ignore[no-any-return]


def change(new: dict[str, Any] | None, old: dict[str, Any] | None = None) -> dict[str, Any]:
    images = {"Keys": {"pk": {"S": "P"}}, "NewImage": new, "OldImage": old, "ApproximateCreationDateTime": 5}
    return {"eventID": "1", "eventSource": "aws:dynamodb", "eventSourceARN": STREAM, "dynamodb": images}


def test_the_tables_that_carry_traces_are_those_with_streams() -> None:
    assert STREAMED == STREAMED_TABLES


def test_puts_and_updates_carry_the_trace_only_in_tables_with_streams() -> None:
    sent = Sent("dynamodb")
    item = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    with continued(Cause(HEADER)):
        sent.client.put_item(TableName="asyncsns-posts", Item=dict(item))
        assert sent.body["Item"]["xray"] == {"S": HEADER}
        sent.client.put_item(TableName="our-own-network-posts", Item=dict(item))
        assert sent.body["Item"]["xray"] == {"S": HEADER}
        sent.client.put_item(TableName="asyncsns-timelines", Item=dict(item))
        assert "xray" not in sent.body["Item"]
        update = {"TableName": "asyncsns-calls", "Key": item}
        sent.client.update_item(**update, UpdateExpression="REMOVE a SET b = b")
        assert sent.body["UpdateExpression"] == "REMOVE a SET #xray = :xray, b = b"
        assert sent.body["ExpressionAttributeValues"] == {":xray": {"S": HEADER}}
        sent.client.update_item(**update, UpdateExpression="ADD n :n", ExpressionAttributeValues={":n": {"N": "1"}})
        assert sent.body["UpdateExpression"] == "ADD n :n"
        with projecting():
            sent.client.put_item(TableName="asyncsns-posts", Item=item | {"xray": {"S": OTHER}})
        assert "xray" not in sent.body["Item"]


def test_a_table_resource_carries_the_trace_as_one_value() -> None:
    sent = Sent("dynamodb")
    with continued(Cause(HEADER)):
        sent.table.put_item(Item={"pk": "P", "sk": "S"})
        assert sent.body["Item"]["xray"] == {"S": HEADER}
        sent.table.update_item(Key={"pk": "P", "sk": "S"}, UpdateExpression="SET b = b")
    assert sent.body["ExpressionAttributeValues"] == {":xray": {"S": HEADER}}


def test_a_transaction_carries_the_trace_unless_it_has_a_client_token() -> None:
    sent = Sent("dynamodb")
    put = {"Put": {"TableName": "asyncsns-chat", "Item": {"pk": {"S": "P"}, "sk": {"S": "S"}}}}
    with continued(Cause(HEADER)):
        sent.client.transact_write_items(TransactItems=[put], ClientRequestToken="t")
        assert "xray" not in sent.body["TransactItems"][0]["Put"]["Item"]
        sent.client.transact_write_items(TransactItems=[put])
    assert sent.body["TransactItems"][0]["Put"]["Item"]["xray"] == {"S": HEADER}


def test_each_put_and_update_of_a_transaction_carries_the_trace() -> None:
    sent = Sent("dynamodb")
    key = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    update = {"TableName": "asyncsns-chat", "Key": key, "UpdateExpression": "SET b = b"}
    with continued(Cause(HEADER)):
        sent.client.transact_write_items(
            TransactItems=[
                {"Delete": {"TableName": "asyncsns-chat", "Key": key}},
                {"Update": update},
                {"Put": {"TableName": "asyncsns-chat", "Item": key}},
            ]
        )
    gone, updated, put = sent.body["TransactItems"]
    assert gone == {"Delete": {"TableName": "asyncsns-chat", "Key": key}}
    assert updated["Update"]["UpdateExpression"] == "SET #xray = :xray, b = b"
    assert updated["Update"]["ExpressionAttributeNames"] == {"#xray": "xray"}
    assert put["Put"]["Item"]["xray"] == {"S": HEADER}


def test_each_put_of_a_batch_carries_the_trace_if_its_table_has_a_stream() -> None:
    sent = Sent("dynamodb")
    key = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    requests = [{"DeleteRequest": {"Key": key}}, {"PutRequest": {"Item": key}}]
    with continued(Cause(HEADER)):
        sent.client.batch_write_item(RequestItems={"asyncsns-posts": requests, "asyncsns-timelines": requests})
    written = sent.body["RequestItems"]
    assert written["asyncsns-timelines"] == requests
    assert written["asyncsns-posts"] == [requests[0], {"PutRequest": {"Item": {**key, "xray": {"S": HEADER}}}}]


def test_an_updates_own_names_and_values_stay() -> None:
    sent = Sent("dynamodb")
    with continued(Cause(HEADER)):
        sent.client.update_item(
            TableName="asyncsns-posts",
            Key={"pk": {"S": "P"}, "sk": {"S": "S"}},
            UpdateExpression="SET #a = :a REMOVE c",
            ExpressionAttributeNames={"#a": "a"},
            ExpressionAttributeValues={":a": {"N": "1"}},
        )
    assert sent.body["UpdateExpression"] == "SET #xray = :xray, #a = :a REMOVE c"
    assert sent.body["ExpressionAttributeNames"] == {"#a": "a", "#xray": "xray"}
    assert sent.body["ExpressionAttributeValues"] == {":a": {"N": "1"}, ":xray": {"S": HEADER}}


def test_an_update_that_was_marked_before_stays_as_it_is() -> None:
    """A request that is tried again on another path is marked again."""
    sent = Sent("dynamodb")
    marked = {
        "UpdateExpression": "SET #xray = :xray, b = b",
        "ExpressionAttributeNames": {"#xray": "xray"},
        "ExpressionAttributeValues": {":xray": {"S": OTHER}},
    }
    key = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    with continued(Cause(HEADER)):
        sent.client.update_item(TableName="asyncsns-posts", Key=key, **marked)
        assert marked.items() <= sent.body.items()
        sent.client.update_item(TableName="asyncsns-posts", Key=key)
        assert sent.body == {"TableName": "asyncsns-posts", "Key": key}


@pytest.mark.parametrize("table", ["asyncsns-posts", "asyncsns-timelines"])
def test_writes_without_a_trace_to_pass_on_add_none(table: str) -> None:
    sent = Sent("dynamodb")
    key = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    update = {"TableName": table, "Key": key, "UpdateExpression": "SET b = b"}
    sent.client.update_item(**update)
    assert (sent.body["UpdateExpression"], "ExpressionAttributeNames" in sent.body) == ("SET b = b", False)
    with continued(Cause(HEADER)), projecting():
        sent.client.update_item(**update)
    assert (sent.body["UpdateExpression"], "ExpressionAttributeNames" in sent.body) == ("SET b = b", False)


def test_an_item_that_is_written_again_without_a_trace_loses_its_earlier_one() -> None:
    """Otherwise its stream record would seem to belong to the earlier write."""
    sent = Sent("dynamodb")
    item = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    sent.client.put_item(TableName="asyncsns-posts", Item=item | {"xray": {"S": OTHER}})
    assert sent.body["Item"] == item
    sent.client.put_item(TableName="asyncsns-posts", Item=dict(item))
    assert sent.body["Item"] == item


def test_writes_of_a_projection_are_traced_again_after_it() -> None:
    sent = Sent("dynamodb")
    with continued(Cause(HEADER)):
        with pytest.raises(RuntimeError), projecting():
            raise RuntimeError("down")
        sent.client.put_item(TableName="asyncsns-posts", Item={"pk": {"S": "P"}, "sk": {"S": "S"}})
    assert sent.body["Item"]["xray"] == {"S": HEADER}


def test_each_message_of_a_batch_carries_the_trace_unless_it_has_its_own() -> None:
    sent = Sent("sqs")
    own = {"AWSTraceHeader": {"DataType": "String", "StringValue": OTHER}}
    entries = [{"Id": "1", "MessageBody": "{}"}, {"Id": "2", "MessageBody": "{}", "MessageSystemAttributes": own}]
    batch = {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/0/q", "Entries": entries}
    sent.client.send_message_batch(**batch)
    assert sent.body["Entries"] == entries
    with continued(Cause(HEADER)):
        sent.client.send_message_batch(**batch)
    assert [one["MessageSystemAttributes"]["AWSTraceHeader"] for one in sent.body["Entries"]] == [
        {"DataType": "String", "StringValue": HEADER},
        own["AWSTraceHeader"],
    ]


def test_a_message_carries_the_trace_as_sqs_wants_it() -> None:
    sent = Sent("sqs")
    with continued(Cause(HEADER)):
        sent.client.send_message(QueueUrl="https://sqs.us-east-1.amazonaws.com/0/q", MessageBody="{}")
    assert sent.body["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"] == HEADER


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ({"xray": {"S": HEADER}}, None, HEADER),
        ({"xray": {"S": HEADER}}, {"xray": {"S": OTHER}}, HEADER),
        ({"xray": {"S": HEADER}}, {"xray": {"S": HEADER}}, None),  # An untraced write produced this record.
        (None, {"xray": {"S": HEADER}}, None),
        ({}, None, None),
        ({"xray": {"N": "1"}}, None, None),
    ],
)
def test_a_change_names_the_write_that_caused_it(
    new: dict[str, Any] | None, old: dict[str, Any] | None, expected: str | None
) -> None:
    cause = cause_of(change(new, old))
    assert (cause and cause.header) == expected
    assert change_of(change(new, old)).trace == (expected or "")
    if cause:
        assert (cause.carrier, cause.origin, cause.since) == ("asyncsns-posts stream", "AWS::DynamoDB::Stream", 5)
        assert "xray" not in (change_of(change(new, old)).new or {})


def test_the_cause_of_a_message_is_its_own_even_after_a_redrive() -> None:
    attributes = {"AWSTraceHeader": OTHER, "SentTimestamp": "5000", "ApproximateReceiveCount": "3"}
    message = {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:r:0:push", "attributes": attributes}
    assert cause_of(message) == Cause(OTHER, "push", "AWS::SQS::Queue", 5.0, 3)
    own = {"trace": {"stringValue": HEADER}}
    assert cause_of({**message, "messageAttributes": own}) == Cause(HEADER, "push", "AWS::SQS::Queue", 5.0, 3)


def test_a_frame_names_its_own_trace_and_not_one_in_its_text() -> None:
    with continued(Cause(HEADER)):
        data = Outgoing("p", ["u"], {"type": "chat.message", "text": f'"trace": "{OTHER}"'}).to_record()["Data"]
    kinesis = {"data": base64.b64encode(data).decode(), "approximateArrivalTimestamp": 7.5}
    record = {"eventSource": "aws:kinesis", "eventSourceARN": "arn:aws:kinesis:r:0:stream/live", "kinesis": kinesis}
    assert cause_of(record) == Cause(HEADER, "live", "AWS::Kinesis::Stream", 7.5)


def test_a_frame_without_a_trace_has_no_cause() -> None:
    data = Outgoing("p", ["u"], {"type": "chat.message", "text": f'"trace": "{OTHER}"'}).to_record()["Data"]
    record = {"eventSource": "aws:kinesis", "kinesis": {"data": base64.b64encode(data).decode()}}
    assert cause_of(record) is None


@pytest.mark.parametrize("attributes", [None, {}, {"SentTimestamp": "5000"}])
def test_a_message_without_a_trace_has_no_cause(attributes: dict[str, str] | None) -> None:
    assert cause_of({"eventSource": "aws:sqs", "eventSourceARN": "q", "attributes": attributes}) is None


@pytest.mark.parametrize("source", [None, "aws:s3", "AWS:SQS"])
def test_records_of_other_services_have_no_cause(source: str | None) -> None:
    assert cause_of({"eventSource": source, "attributes": {"AWSTraceHeader": HEADER}}) is None


def test_what_a_record_does_not_say_is_left_open() -> None:
    """A trace is an extra: no function fails because a record lacks the place or time of its carrier."""
    with continued(Cause(HEADER)):
        data = Outgoing("p", ["u"], {"type": "chat.message"}).to_record()["Data"]
    found = [
        cause_of({"eventSource": "aws:dynamodb", "dynamodb": {"NewImage": {"xray": {"S": HEADER}}}}),
        cause_of({"eventSource": "aws:sqs", "attributes": {"AWSTraceHeader": HEADER}}),
        cause_of({"eventSource": "aws:kinesis", "kinesis": {"data": base64.b64encode(data).decode()}}),
    ]
    assert found == [
        Cause(HEADER, "table stream", "AWS::DynamoDB::Stream", None, 1),
        Cause(HEADER, "queue", "AWS::SQS::Queue", None, 1),
        Cause(HEADER, "stream", "AWS::Kinesis::Stream", None, 1),
    ]


def test_the_time_of_a_record_is_read_in_the_form_of_sdks_too() -> None:
    record = change({"xray": {"S": HEADER}})
    record["dynamodb"]["ApproximateCreationDateTime"] = datetime.fromtimestamp(7.5, UTC)
    cause = cause_of(record)
    assert cause is not None
    assert cause.since == 7.5


def test_only_batches_of_events_carry_several_traces_on() -> None:
    attributes = {"trace": {"DataType": "String", "StringValue": HEADER}}
    params = {"PublishBatchRequestEntries": [{"MessageAttributes": attributes}, {"Id": "2"}, {"MessageAttributes": {}}]}
    assert list(carried_by("PublishBatch", params)) == [HEADER]
    assert list(carried_by("Publish", {"Message": "{}"})) == []


def test_each_event_of_a_batch_belongs_to_the_trace_of_its_change() -> None:
    published: list[Any] = []
    project = Projector(
        lambda _: [],
        lambda one: [PostLiked(cause=one.event_id, actor="u", post_id="p", author_id="a", user_id="u")],
        count=lambda _: None,
        publish=published.extend,
    )
    project([change_of(change({"xray": {"S": HEADER}})), change_of(change({"xray": {"S": OTHER}}))])
    assert [one.trace for one in published] == [HEADER, OTHER]


def test_an_invocation_belongs_to_a_trace_if_all_its_records_do() -> None:
    one, other = Cause(HEADER), Cause(OTHER)
    assert only([one, one]) == one
    assert [only([one, other]), only([one, None]), only([])] == [None, None, None]
    with continued(one):
        assert current() == HEADER
        with caused_by(OTHER):
            assert current() == OTHER
    with continued(Cause(HEADER.replace("Sampled=1", "Sampled=0"))):
        assert current() == ""


def test_a_client_names_only_traces_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recipients of a frame know its trace id, so the server accepts it for five minutes only."""
    monkeypatch.setattr(tracing, "current", lambda: "Root=own;Parent=own;Sampled=1")
    kept = {}
    for age in (0, 299, 320, -320):
        root = f"1-{int(time.time() - age):08x}-{'a' * 24}"
        kept[age] = tracing.cause_of_client(f"Root={root};Parent={'b' * 16};Sampled=0")
    assert kept[320] is None
    assert kept[-320] is None
    assert kept[0] and kept[0].header.endswith(";Sampled=1")
    assert kept[299]
    assert tracing.cause_of_client("Root=1-x;Parent=y") is None
