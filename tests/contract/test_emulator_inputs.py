"""The emulator's validation with AWS's error codes; each row is a call and its error code, or none.

Sources: the API References of the services; "Working with expressions" of DynamoDB; "Naming Amazon S3 objects".
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.emulator_process import EmulatorProcess
from tests.contract.emulator_services import INVALID, KEY, Call, Services, check, rows


@pytest.fixture(scope="module")
def aws(emulator: EmulatorProcess) -> Services:
    return Services(emulator.url)


@rows(
    ("a path twice", lambda aws: aws.update("SET v = :a, v = :b", a={"N": "2"}, b={"N": "3"}), INVALID),
    ("a path in another", lambda aws: aws.update("SET m.a = :a, m = :b", a={"N": "2"}, b={"M": {}}), INVALID),
    ("set and removed", lambda aws: aws.update("SET v = :a REMOVE v", a={"N": "2"}), INVALID),
    ("an item of a list twice", lambda aws: aws.update("SET l[0] = :a REMOVE l[0]", a={"N": "2"}), INVALID),
    ("different paths", lambda aws: aws.update("SET w = :a ADD v :a REMOVE u", a={"N": "2"}), None),
    ("a clause twice", lambda aws: aws.update("SET w = :a SET u = :a", a={"N": "2"}), INVALID),
    ("a text added", lambda aws: aws.update("SET v = v + :a", a={"S": "2"}), INVALID),
    ("a number added to a text", lambda aws: aws.update("SET s = s + :a", a={"N": "2"}), INVALID),
    ("a text in brackets subtracted", lambda aws: aws.update("SET v = (v - :a)", a={"S": "2"}), INVALID),
    ("a default added to", lambda aws: aws.update("SET n = if_not_exists(n, :a) + :a", a={"N": "2"}), None),
    ("a number appended to", lambda aws: aws.update("SET v = list_append(v, :a)", a={"L": []}), INVALID),
    ("a number appended", lambda aws: aws.update("SET l = list_append(:a, :b)", a={"L": []}, b={"N": "1"}), INVALID),
    ("lists appended", lambda aws: aws.update("SET l = list_append(:a, :a)", a={"L": []}), None),
    ("begins_with a number", lambda aws: aws.put("begins_with(v, :a)", a={"N": "1"}), INVALID),
    ("begins_with a text", lambda aws: aws.put("begins_with(s, :a)", a={"S": "x"}), None),
    ("no type", lambda aws: aws.put("attribute_type(v, :a)", a={"S": "number"}), INVALID),
    ("a type", lambda aws: aws.put("attribute_type(v, :a)", a={"S": "N"}), None),
    ("101 operands of IN", lambda aws: aws.put(f"v IN ({', '.join([':a'] * 101)})", a={"N": "1"}), INVALID),
    ("100 operands of IN", lambda aws: aws.put(f"v IN ({', '.join([':a'] * 100)})", a={"N": "1"}), None),
    ("an alias without #", lambda aws: aws.put("attribute_exists(v)", {"v": "v"}), INVALID),
    ("an alias that begins another", lambda aws: aws.put("#vv = :vv", {"#vv": "v", "#v": "v"}, vv={"N": "1"}), INVALID),
    ("a value that begins another", lambda aws: aws.put("v = :vv", vv={"N": "1"}, v={"N": "1"}), INVALID),
    ("an empty filter", lambda aws: aws.query(FilterExpression=""), INVALID),
    ("an empty projection", lambda aws: aws.query(ProjectionExpression=" "), INVALID),
    ("old and new parameters", lambda aws: aws.query(
        QueryFilter={"v": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}}), INVALID),
    ("a filter by size", lambda aws: aws.query(FilterExpression="size(s) > :n", values={":n": {"N": "0"}}), None),
    ("digits of another script", lambda aws: aws.update("SET v = :a", a={"N": "１"}), INVALID),
    ("a member of two actions", lambda aws: aws.dynamodb.transact_write_items(TransactItems=[
        {"Put": {"TableName": aws.name, "Item": KEY}, "Delete": {"TableName": aws.name, "Key": KEY}}]), INVALID),
    ("a key of two actions, spelt differently", lambda aws: aws.dynamodb.transact_write_items(TransactItems=[
        {"Put": {"TableName": aws.name, "Item": KEY}},
        {"Delete": {"TableName": aws.name, "Key": {**KEY, "sk": {"N": "1.0"}}}}]), INVALID),
    ("different keys of two actions", lambda aws: aws.dynamodb.transact_write_items(TransactItems=[
        {"Put": {"TableName": aws.name, "Item": {**KEY, "sk": {"N": "7"}}}},
        {"Delete": {"TableName": aws.name, "Key": {**KEY, "sk": {"N": "70"}}}}]), None),
    ("a check without a condition", lambda aws: aws.dynamodb.transact_write_items(TransactItems=[
        {"ConditionCheck": {"TableName": aws.name, "Key": KEY}}]), INVALID),
)  # fmt: skip
def test_dynamodb_refuses_invalid_expressions(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


@pytest.mark.parametrize(
    ("wanted", "status", "length", "part"),
    [
        ("bytes=0-1", 206, 2, "bytes 0-1/10"), ("bytes=5-", 206, 5, "bytes 5-9/10"),
        ("bytes=-3", 206, 3, "bytes 7-9/10"), ("bytes=-100", 206, 10, "bytes 0-9/10"),
        ("bytes=9-100", 206, 1, "bytes 9-9/10"), ("BYTES=0-1", 206, 2, "bytes 0-1/10"),
        ("bytes=5-2", 200, 10, None), ("bytes=a-b", 200, 10, None), ("bytes=0-1,3-4", 200, 10, None),
        ("bytes=10-", 416, None, None), ("bytes=-0", 416, None, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["head_object", "get_object"])
def test_s3_answers_the_part_that_a_range_selects(
    aws: Services, method: str, wanted: str, status: int, length: int | None, part: str | None
) -> None:
    try:
        answer = getattr(aws.s3, method)(Bucket=aws.name, Key="k", Range=wanted)
    except ClientError as error:
        answer = error.response
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    if length is not None:
        assert (int(headers["content-length"]), headers.get("content-range")) == (length, part)


def _digest(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def _put_object(aws: Services, key: str = "new", body: bytes = b"x", **more: Any) -> Any:
    return aws.s3.put_object(Bucket=aws.name, Key=key, Body=body, **more)


def _tag(aws: Services, *tags: tuple[str, str]) -> Any:
    listed = [{"Key": key, "Value": value} for key, value in tags]
    return aws.s3.put_object_tagging(Bucket=aws.name, Key="k", Tagging={"TagSet": listed})


@rows(
    ("a key of 1,025 bytes", lambda aws: _put_object(aws, "é" * 512 + "x"), "KeyTooLongError"),
    ("a key of 1,024 bytes", lambda aws: _put_object(aws, "x/" * 512), None),
    ("a long key of an upload in parts", lambda aws: aws.s3.create_multipart_upload(
        Bucket=aws.name, Key="x" * 1_025), "KeyTooLongError"),
    ("metadata of 2,049 bytes", lambda aws: _put_object(aws, Metadata={"a": "x" * 2_048}), "MetadataTooLarge"),
    ("metadata of 2,048 bytes", lambda aws: _put_object(aws, Metadata={"a": "x" * 2_047}), None),
    ("another digest", lambda aws: _put_object(aws, ContentMD5=_digest(b"y")), "BadDigest"),
    ("no digest", lambda aws: _put_object(aws, ContentMD5="abc"), "InvalidDigest"),
    ("a copy to itself", lambda aws: aws.s3.copy_object(
        Bucket=aws.name, Key="k", CopySource=f"{aws.name}/k"), "InvalidRequest"),
    ("a copy to itself with other metadata", lambda aws: aws.s3.copy_object(
        Bucket=aws.name, Key="k", CopySource=f"{aws.name}/k", MetadataDirective="REPLACE"), None),
    ("fewer than no keys", lambda aws: aws.s3.list_objects_v2(Bucket=aws.name, MaxKeys=-1), "InvalidArgument"),
    ("no number of keys", lambda aws: aws.s3.list_objects_v2(Bucket=aws.name, MaxKeys="x"), "InvalidArgument"),
    ("no number of keys, version 1", lambda aws: aws.s3.list_objects(Bucket=aws.name, MaxKeys="x"), "InvalidArgument"),
    ("no encoding", lambda aws: aws.s3.list_objects_v2(Bucket=aws.name, EncodingType="hex"), "InvalidArgument"),
    ("no token", lambda aws: aws.s3.list_objects_v2(Bucket=aws.name, ContinuationToken="x"), "InvalidArgument"),
    ("an empty token", lambda aws: aws.s3.list_objects_v2(Bucket=aws.name, ContinuationToken=""), "InvalidArgument"),
    ("a part and a range", lambda aws: aws.s3.get_object(
        Bucket=aws.name, Key="k", PartNumber=1, Range="bytes=0-1"), "InvalidRequest"),
    ("no keys to delete", lambda aws: aws.s3.delete_objects(Bucket=aws.name, Delete={"Objects": []}), "MalformedXML"),
    ("1,001 keys to delete", lambda aws: aws.s3.delete_objects(
        Bucket=aws.name, Delete={"Objects": [{"Key": str(n)} for n in range(1_001)]}), "MalformedXML"),
    ("a tag twice", lambda aws: _tag(aws, ("a", "1"), ("a", "2")), "InvalidTag"),
    ("a long tag", lambda aws: _tag(aws, ("a" * 129, "1")), "InvalidTag"),
    ("a long value of a tag", lambda aws: _tag(aws, ("a", "1" * 257)), "InvalidTag"),
    ("a tag of AWS", lambda aws: _tag(aws, ("aws:a", "1")), "InvalidTag"),
    ("a policy that is no JSON", lambda aws: aws.s3.put_bucket_policy(Bucket=aws.name, Policy="{"), "MalformedPolicy"),
    ("tags", lambda aws: _tag(aws, ("a", "1"), ("b", "1")), None),
)  # fmt: skip
def test_s3_refuses_invalid_requests(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


def test_a_listing_of_zero_keys_is_not_truncated(aws: Services) -> None:
    answer = aws.s3.list_objects_v2(Bucket=aws.name, MaxKeys=0)
    assert (answer["KeyCount"], answer["IsTruncated"]) == (0, False)


@rows(
    ("a subject of two lines", lambda aws: aws.publish(Subject="a\u2028b"), "InvalidParameter"),
    ("another structure", lambda aws: aws.publish(MessageStructure="xml"), "InvalidParameter"),
    ("no ARN", lambda aws: aws.sns.publish(TopicArn="x", Message="x"), "InvalidParameter"),
    ("no target", lambda aws: aws.sns.publish(Message="x"), "InvalidParameter"),
    ("two targets", lambda aws: aws.publish(PhoneNumber="+819012345678"), "InvalidParameter"),
    ("no phone", lambda aws: aws.sns.publish(PhoneNumber="x", Message="x"), "InvalidParameter"),
    ("an attribute of no type", lambda aws: aws.publish(
        MessageAttributes={"a": {"DataType": "Text", "StringValue": "x"}}), "ParameterValueInvalid"),
    ("an attribute without value", lambda aws: aws.publish(
        MessageAttributes={"a": {"DataType": "String", "StringValue": ""}}), "ParameterValueInvalid"),
    ("an attribute that is no number", lambda aws: aws.publish(
        MessageAttributes={"a": {"DataType": "Number", "StringValue": "x"}}), "ParameterValueInvalid"),
    ("an attribute of AWS", lambda aws: aws.publish(
        MessageAttributes={"AWS.a": {"DataType": "String", "StringValue": "x"}}), "ParameterValueInvalid"),
    ("an attribute", lambda aws: aws.publish(
        MessageAttributes={"a": {"DataType": "String.Array", "StringValue": '["x"]'}}), None),
    ("no entries", lambda aws: aws.publish_all(), "EmptyBatchRequest"),
    ("an entry twice", lambda aws: aws.publish_all(*[{"Id": "a", "Message": "x"}] * 2), "BatchEntryIdsNotDistinct"),
    ("no id", lambda aws: aws.publish_all({"Id": "a b", "Message": "x"}), "InvalidBatchEntryId"),
    ("entries of more than 256 KB", lambda aws: aws.publish_all(
        *[{"Id": str(n), "Message": "x" * 100_000} for n in range(3)]), "BatchRequestTooLong"),
    ("another protocol", lambda aws: aws.sns.subscribe(
        TopicArn=aws.topic, Protocol="carrier-pigeon", Endpoint="x"), "InvalidParameter"),
    ("an unknown attribute of a subscription", lambda aws: _subscribe(aws, Loudness="1"), "InvalidParameter"),
    ("neither raw nor not", lambda aws: _subscribe(aws, RawMessageDelivery="perhaps"), "InvalidParameter"),
    ("a filter that is no JSON", lambda aws: _subscribe(aws, FilterPolicy="{"), "InvalidParameter"),
    ("a subscription", lambda aws: _subscribe(aws, RawMessageDelivery="true", FilterPolicy="{}"), None),
    ("a name that is missing", lambda aws: aws.sns.create_platform_application(
        Name="", Platform="", Attributes={}), "InvalidParameter"),
    ("a topic's name", lambda aws: aws.sns.create_topic(Name="a b"), "InvalidParameter"),
    ("a long topic's name", lambda aws: aws.sns.create_topic(Name="a" * 257), "InvalidParameter"),
)  # fmt: skip
def test_sns_refuses_invalid_requests(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


def test_each_wrong_message_of_a_batch_fails(aws: Services) -> None:
    number = {"a": {"DataType": "Number", "StringValue": "x"}}
    answer = aws.publish_all(
        {"Id": "a", "Message": ""}, {"Id": "b", "Message": "x"}, {"Id": "c", "Message": "x", "Subject": "a\nb"},
        {"Id": "d", "Message": "x", "MessageAttributes": number},
    )  # fmt: skip
    assert [one["Id"] for one in answer["Successful"]] == ["b"]
    assert [one["Id"] for one in answer["Failed"]] == ["a", "c", "d"]


@rows(
    ("a queue's name", lambda aws: aws.sqs.create_queue(QueueName="a b"), "InvalidParameterValue"),
    ("a long queue's name", lambda aws: aws.sqs.create_queue(QueueName="a" * 81), "InvalidParameterValue"),
    ("an unknown attribute", lambda aws: aws.sqs.set_queue_attributes(
        QueueUrl=aws.queue, Attributes={"Loudness": "1"}), "InvalidAttributeName"),
    ("an unknown attribute of a new queue", lambda aws: aws.sqs.create_queue(
        QueueName=f"{aws.name}-b", Attributes={"Loudness": "1"}), "InvalidAttributeName"),
    ("an unknown attribute asked for", lambda aws: aws.sqs.get_queue_attributes(
        QueueUrl=aws.queue, AttributeNames=["Loudness"]), "InvalidAttributeName"),
    ("all attributes", lambda aws: aws.sqs.get_queue_attributes(QueueUrl=aws.queue, AttributeNames=["All"]), None),
    ("a deduplication id outside of FIFO", lambda aws: aws.sqs.send_message(
        QueueUrl=aws.queue, MessageBody="x", MessageDeduplicationId="a"), "InvalidParameterValue"),
    ("a group's name", lambda aws: aws.sqs.send_message(
        QueueUrl=aws.queue, MessageBody="x", MessageGroupId="a b"), "InvalidParameterValue"),
    ("a long group's name", lambda aws: aws.sqs.send_message(
        QueueUrl=aws.queue, MessageBody="x", MessageGroupId="a" * 129), "InvalidParameterValue"),
)  # fmt: skip
def test_sqs_refuses_invalid_requests(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


@rows(
    ("no namespace", lambda aws: _metric(aws, namespace=""), "MissingParameter"),
    ("no data", lambda aws: aws.cloudwatch.put_metric_data(Namespace="n", MetricData=[]), "MissingParameter"),
    ("no name", lambda aws: _metric(aws, MetricName=""), "MissingParameter"),
    ("another unit", lambda aws: _metric(aws, Unit="Parsecs"), "InvalidParameterValue"),
    ("no number", lambda aws: _metric(aws, Value=float("nan")), "InvalidParameterValue"),
    ("a value and values", lambda aws: _metric(aws, Values=[1.0]), "InvalidParameterCombination"),
    ("a dimension without value", lambda aws: _metric(
        aws, Dimensions=[{"Name": "a", "Value": ""}]), "MissingParameter"),
    ("31 dimensions", lambda aws: _metric(
        aws, Dimensions=[{"Name": str(n), "Value": "x"} for n in range(31)]), "InvalidParameterValue"),
    ("a metric", lambda aws: _metric(aws, Unit="Bytes/Second", Dimensions=[{"Name": "a", "Value": "b"}]), None),
)  # fmt: skip
def test_cloudwatch_refuses_invalid_requests(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


def _metric(aws: Services, namespace: str = "n", **more: Any) -> Any:
    return aws.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "m", "Value": 1.0, **more}])


def _subscribe(aws: Services, **attributes: str) -> Any:
    return aws.sns.subscribe(TopicArn=aws.topic, Protocol="email", Endpoint="a@example.com", Attributes=attributes)


@rows(
    ("a starting key of another type", lambda aws: aws.query(
        ExclusiveStartKey={"pk": {"S": "a"}, "sk": {"S": "1"}}), INVALID),
    ("a starting key with more", lambda aws: aws.query(ExclusiveStartKey={**KEY, "v": {"N": "1"}}), INVALID),
    ("a starting key of a scan", lambda aws: aws.dynamodb.scan(
        TableName=aws.name, ExclusiveStartKey={"pk": {"N": "1"}, "sk": {"N": "1"}}), INVALID),
    ("a starting key", lambda aws: aws.query(ExclusiveStartKey=KEY), None),
    ("put and deleted at once", lambda aws: _write(aws, {"PutRequest": {"Item": KEY}, "DeleteRequest": {"Key": KEY}}),
     INVALID),
    ("a key twice, spelt differently", lambda aws: _write(
        aws, {"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": {**KEY, "sk": {"N": "1.0"}}}}), INVALID),
    ("a key read twice, spelt differently", lambda aws: aws.dynamodb.batch_get_item(
        RequestItems={aws.name: {"Keys": [KEY, {**KEY, "sk": {"N": "01"}}]}}), INVALID),
    ("a limit that is a word", lambda aws: aws.query(Limit="x"), "SerializationException"),
    ("a value of no type", lambda aws: aws.update("SET l = :a", a={}), INVALID),
    ("a value of no type in a transaction", lambda aws: aws.dynamodb.transact_write_items(TransactItems=[{"Update": {
        "TableName": aws.name, "Key": KEY, "UpdateExpression": "SET l = :a",
        "ExpressionAttributeValues": {":a": {}}}}]), INVALID),
    ("different keys", lambda aws: _write(
        aws, {"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": {**KEY, "sk": {"N": "9"}}}}), None),
)  # fmt: skip
def test_dynamodb_refuses_invalid_keys(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


def _write(aws: Services, *requests: dict[str, Any]) -> Any:
    return aws.dynamodb.batch_write_item(RequestItems={aws.name: list(requests)})


def _record(aws: Services, **more: Any) -> Any:
    return aws.kinesis.put_record(**{"StreamName": aws.name, "Data": b"x", "PartitionKey": "k", **more})


def _iterator(aws: Services, kind: str, **more: Any) -> str:
    answer = aws.kinesis.get_shard_iterator(StreamName=aws.name, ShardId=aws.shard, ShardIteratorType=kind, **more)
    return str(answer["ShardIterator"])


@rows(
    ("an empty partition key", lambda aws: _record(aws, PartitionKey=""), INVALID),
    ("a long partition key", lambda aws: _record(aws, PartitionKey="k" * 257), INVALID),
    ("a hash key of letters", lambda aws: _record(aws, ExplicitHashKey="x"), INVALID),
    ("a hash key of 129 bits", lambda aws: _record(aws, ExplicitHashKey=str(1 << 128)), "InvalidArgumentException"),
    ("no records", lambda aws: aws.kinesis.put_records(StreamName=aws.name, Records=[]), INVALID),
    ("an iterator after nothing", lambda aws: _iterator(aws, "AFTER_SEQUENCE_NUMBER"), "InvalidArgumentException"),
    ("an iterator at no time", lambda aws: _iterator(aws, "AT_TIMESTAMP"), "InvalidArgumentException"),
    ("an iterator after a word", lambda aws: _iterator(
        aws, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber="x"), INVALID),
    ("an iterator after a record", lambda aws: _iterator(
        aws, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=_record(aws)["SequenceNumber"]), None),
    ("0 records wanted", lambda aws: aws.kinesis.get_records(
        ShardIterator=_iterator(aws, "LATEST"), Limit=0), INVALID),
    ("10,001 records wanted", lambda aws: aws.kinesis.get_records(
        ShardIterator=_iterator(aws, "LATEST"), Limit=10_001), INVALID),
    ("records", lambda aws: aws.kinesis.get_records(ShardIterator=_iterator(aws, "LATEST"), Limit=10_000), None),
)  # fmt: skip
def test_kinesis_refuses_invalid_requests(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


@rows(
    ("out of order", lambda aws: aws.log((0, "x"), (-1_000, "x")), "InvalidParameterException"),
    ("more than a day", lambda aws: aws.log((-25 * 3_600_000, "x"), (0, "x")), "InvalidParameterException"),
    ("an empty message", lambda aws: aws.log((0, "")), "InvalidParameterException"),
    ("no messages", lambda aws: aws.log(), "InvalidParameterException"),
    ("messages", lambda aws: aws.log((-1_000, "x"), (-1_000, "y"), (0, "z")), None),
    ("a group's name", lambda aws: aws.logs.create_log_group(logGroupName="a b"), "InvalidParameterException"),
    ("a stream's name", lambda aws: aws.logs.create_log_stream(
        logGroupName=aws.name, logStreamName="a:b"), "InvalidParameterException"),
    ("51 groups", lambda aws: aws.logs.describe_log_groups(limit=51), "InvalidParameterException"),
    ("no groups", lambda aws: aws.logs.describe_log_groups(limit=0), "InvalidParameterException"),
    ("50 groups", lambda aws: aws.logs.describe_log_groups(limit=50), None),
)  # fmt: skip
def test_logs_refuse_invalid_requests(aws: Services, call: Call, code: str | None) -> None:
    check(aws, call, code)


def test_only_invalid_event_entries_fail(aws: Services) -> None:
    good = {"Source": "a", "DetailType": "b", "Detail": "{}"}
    entries = [{**good, "Detail": "x"}, good, {**good, "Detail": "[]"}, {**good, "Source": ""}, {"Source": "a"}]
    answer = aws.events.put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 4
    codes = [one.get("ErrorCode") for one in answer["Entries"]]
    assert codes == ["MalformedDetail", None, "MalformedDetail", "InvalidArgument", "InvalidArgument"]
    with pytest.raises(ClientError, match="length greater than or equal to 1"):
        aws.events.put_events(Entries=[])
