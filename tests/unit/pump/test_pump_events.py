"""Functions receive records in the format of the developer guide; the event source is an ARN."""

from __future__ import annotations

import pytest

from emulation.pump.events import Source, dynamodb_record, kinesis_record
from tests.support.streams import ROLE, STREAM, TABLE, wire


@pytest.mark.parametrize(("arn", "parts"), [(TABLE, ("dynamodb", "us-east-1", "posts")),
                                            (STREAM, ("kinesis", "us-east-1", "live"))])  # fmt: skip
def test_a_source_is_read_from_its_arn(arn: str, parts: tuple[str, str, str]) -> None:
    source = Source(arn)
    assert (source.service, source.region, source.name) == parts


def test_a_change_of_a_table_becomes_the_record_of_its_event() -> None:
    change = wire(7, key="POST#1", created=1000.0)
    record = dynamodb_record(change, Source(TABLE))
    assert record.event == {**change, "eventSourceARN": TABLE}
    assert (record.sequence, record.created) == ("7", 1000.0)
    assert record.size == len(str(record.event)), "as JSON, which it is sent as"


def test_changes_of_one_item_have_one_key_in_any_order_of_its_attributes() -> None:
    def key(keys: dict[str, dict[str, str]]) -> str:
        change = wire(1)
        change["dynamodb"]["Keys"] = keys
        return dynamodb_record(change, Source(TABLE)).key

    pk, sk, other = {"S": "POST#1"}, {"S": "META"}, {"S": "COUNTS"}
    assert key({"pk": pk, "sk": sk}) == key({"sk": sk, "pk": pk})
    assert key({"pk": pk, "sk": sk}) != key({"pk": pk, "sk": other})


def test_a_change_without_keys_and_time_is_taken() -> None:
    record = dynamodb_record({"dynamodb": {"SequenceNumber": "7"}}, Source(TABLE))
    assert (record.key, record.created) == ("{}", 0.0)


def test_a_record_of_a_stream_becomes_the_record_of_its_event() -> None:
    record = kinesis_record(
        wire(7, key="c1", data="aGk=", created=1000.5), Source(STREAM), "shardId-000000000006", ROLE
    )
    assert record.event == {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "c1",
            "sequenceNumber": "7",
            "data": "aGk=",
            "approximateArrivalTimestamp": 1000.5,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": "shardId-000000000006:7",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": ROLE,
        "awsRegion": "us-east-1",
        "eventSourceARN": STREAM,
    }
    assert (record.sequence, record.key, record.created, record.size) == ("7", "c1", 1000.5, 4 + 512)
