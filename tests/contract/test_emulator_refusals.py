"""The emulator answers as AWS's documents say where MiniStack alone does not.

"GetObject" and RFC 9110 (ranges), "CompleteMultipartUpload", "Amazon S3 multipart upload limits", "Filter expressions
for the Query operation", "Supported data types and naming rules in Amazon DynamoDB" (numbers), SNS "Publish", SQS
"SendMessage" and "ListDeadLetterSourceQueues".
"""

from __future__ import annotations

import json
import uuid
from fractions import Fraction
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.contract.emulator_process import EmulatorProcess
from tests.contract.test_lambda_execution_environment import Functions

BODY = b"0123456789"
MOST = "9.9999999999999999999999999999999999999E+125"


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture(scope="module")
def bucket(emulator: EmulatorProcess) -> str:
    name = f"refusals-{uuid.uuid4().hex[:8]}"
    emulator.client("s3").create_bucket(Bucket=name)
    emulator.client("s3").put_object(Bucket=name, Key="k", Body=BODY)
    return name


@pytest.mark.parametrize(
    ("wanted", "status", "body"),
    [
        ("bytes=2-4", 206, b"234"), ("bytes=-3", 206, b"789"), ("bytes=8-99", 206, b"89"), ("bytes=-99", 206, BODY),
        ("bytes=5-2", 200, BODY), ("a-b", 200, BODY), ("bytes=0-1,3-4", 200, BODY), ("0-1,3-4", 200, BODY),
    ],
)  # fmt: skip
def test_get_object_takes_one_range(
    emulator: EmulatorProcess, bucket: str, wanted: str, status: int, body: bytes
) -> None:
    answer = emulator.client("s3").get_object(Bucket=bucket, Key="k", Range=wanted)
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Body"].read()) == (status, body)


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=-0", "bytes=99-100"])
def test_a_range_beyond_the_end_is_not_satisfiable(emulator: EmulatorProcess, bucket: str, wanted: str) -> None:
    code, _ = refused(emulator.client("s3").get_object, Bucket=bucket, Key="k", Range=wanted)
    assert code == "InvalidRange"


def test_complete_multipart_upload_refuses_small_parts_and_wrong_order(emulator: EmulatorProcess, bucket: str) -> None:
    s3 = emulator.client("s3")
    upload = {"Bucket": bucket, "Key": "m", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="m")["UploadId"]}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=BODY)["ETag"]}
        for number in (1, 2)
    ]
    for named, expected in ((parts, "EntityTooSmall"), (parts[::-1], "InvalidPartOrder"), ([], "MalformedXML")):
        code, _ = refused(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": named})
        assert code == expected
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts[:1]})
    assert s3.get_object(Bucket=bucket, Key="m")["Body"].read() == BODY


@pytest.fixture(scope="module")
def table(emulator: EmulatorProcess) -> str:
    name = f"refusals-{uuid.uuid4().hex[:8]}"
    index = [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "h", "KeyType": "RANGE"}]
    emulator.client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in "psgh"],
        GlobalSecondaryIndexes=[{"IndexName": "index", "KeySchema": index, "Projection": {"ProjectionType": "ALL"}}],
    )  # fmt: skip
    return name


@pytest.mark.parametrize(
    ("index", "expression", "key"),
    [
        (None, "s = :v", "s"), (None, "x = :v OR attribute_exists(p)", "p"), ("index", "#k <> :v", "h"),
        ("index", "g = :v", "g"),
    ],
)  # fmt: skip
def test_a_filter_of_a_query_names_no_key(
    emulator: EmulatorProcess, table: str, index: str | None, expression: str, key: str
) -> None:
    request: dict[str, Any] = {
        "TableName": table, "KeyConditionExpression": f"{'g' if index else 'p'} = :p", "FilterExpression": expression,
        "ExpressionAttributeValues": {":p": {"S": "1"}, ":v": {"S": "1"}},
    }  # fmt: skip
    request |= {"IndexName": index} if index else {}
    request |= {"ExpressionAttributeNames": {"#k": "h"}} if "#k" in expression else {}
    assert refused(emulator.client("dynamodb").query, **request) == (
        "ValidationException",
        f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {key}",
    )


def test_only_index_queries_can_filter_by_the_keys_of_the_table(emulator: EmulatorProcess, table: str) -> None:
    client = emulator.client("dynamodb")
    values = {":p": {"S": "1"}, ":v": {"S": "1"}}
    client.query(
        TableName=table, IndexName="index", KeyConditionExpression="g = :p", FilterExpression="s = :v AND x.p = :v",
        ExpressionAttributeValues=values,
    )  # fmt: skip
    condition = {"AttributeValueList": [{"S": "1"}], "ComparisonOperator": "EQ"}
    code, text = refused(
        client.query, TableName=table, KeyConditions={"p": condition}, QueryFilter={"s": condition}
    )  # fmt: skip
    assert (code, text.partition(" ")[0]) == ("ValidationException", "QueryFilter")


def _updated(client: Any, table: str, start: str, expression: str, number: str) -> str:
    key = {"p": {"S": uuid.uuid4().hex}, "s": {"S": "1"}}
    client.put_item(TableName=table, Item={**key, "v": {"N": start}})
    answer = client.update_item(
        TableName=table, Key=key, UpdateExpression=expression, ExpressionAttributeValues={":n": {"N": number}},
        ReturnValues="ALL_NEW",
    )  # fmt: skip
    found: str = answer["Attributes"]["w" if " w " in expression else "v"]["N"]
    return found


@pytest.mark.parametrize("expression", ["SET w = v + :n", "SET w = :n + v", "ADD v :n"])
@pytest.mark.parametrize(
    ("start", "number"),
    [
        ("1", "0.1234567890123456789012345678"), ("1", "0.1234567890123456789012345678901234567"),
        ("12345678901234567890123456789012345678", "-1"), ("1E-130", "1E-130"), ("9E+125", "9E+124"),
    ],
)  # fmt: skip
def test_sums_have_38_digits(emulator: EmulatorProcess, table: str, expression: str, start: str, number: str) -> None:
    found = _updated(emulator.client("dynamodb"), table, start, expression, number)
    assert Fraction(found) == Fraction(start) + Fraction(number)


@pytest.mark.parametrize("expression", ["SET w = v + :n", "ADD v :n"])
@pytest.mark.parametrize(("start", "number"), [("1E+38", "1E-10"), (MOST, MOST), ("1", "1E-38")])
def test_a_sum_of_more_than_38_digits_is_refused(
    emulator: EmulatorProcess, table: str, expression: str, start: str, number: str
) -> None:
    with pytest.raises(ClientError, match=r"38 significant digits|Number overflow") as caught:
        _updated(emulator.client("dynamodb"), table, start, expression, number)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_numbers_are_compared_by_all_their_digits(emulator: EmulatorProcess, table: str) -> None:
    client = emulator.client("dynamodb")
    digits = "1.2345678901234567890123456789012345678"
    key = {"p": {"S": uuid.uuid4().hex}, "s": {"S": "1"}}
    client.put_item(TableName=table, Item={**key, "v": {"N": digits}})
    for condition, other in (("v < :n", digits[:-1] + "9"), ("v > :n", digits[:-1] + "7"), ("v = :n", digits)):
        client.update_item(
            TableName=table, Key=key, UpdateExpression="SET x = :n", ConditionExpression=condition,
            ExpressionAttributeValues={":n": {"N": other}},
        )  # fmt: skip


@pytest.mark.parametrize(("message", "more"), [("", {}), ("m", {"Subject": "a\nb"}), ("m", {"Subject": "s" * 101})])
def test_publish_refuses_empty_messages_and_subjects_that_do_not_fit(
    emulator: EmulatorProcess, message: str, more: dict[str, str]
) -> None:
    sns = emulator.client("sns")
    topic = sns.create_topic(Name=f"t{uuid.uuid4().hex[:8]}")["TopicArn"]
    code, _ = refused(sns.publish, TopicArn=topic, Message=message, **more)
    assert code == "InvalidParameter"
    entries = [{"Id": "bad", "Message": message, **more}, {"Id": "good", "Message": "m"}]
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    assert [(one["Id"], one["Code"]) for one in answer["Failed"]] == [("bad", "InvalidParameter")]


def test_sqs_refuses_long_delays_and_lists_the_sources_of_a_dead_letter_queue(emulator: EmulatorProcess) -> None:
    sqs, name = emulator.client("sqs"), f"q{uuid.uuid4().hex[:8]}"
    target = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=target, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    source = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    assert refused(sqs.send_message, QueueUrl=source, MessageBody="m", DelaySeconds=901)[0] == "InvalidParameterValue"
    entries = [{"Id": "a", "MessageBody": "m", "DelaySeconds": 901}, {"Id": "b", "MessageBody": "m"}]
    batch = sqs.send_message_batch(QueueUrl=source, Entries=entries)
    assert ([one["Id"] for one in batch["Successful"]], batch["Failed"][0]["Id"]) == (["b"], "a")
    assert sqs.list_dead_letter_source_queues(QueueUrl=target)["queueUrls"] == [source]
    assert sqs.list_dead_letter_source_queues(QueueUrl=source)["queueUrls"] == []


REST = """
def handler(event, context):
    kind = event["path"].strip("/")
    if kind == "raise":
        raise ValueError("secret of the handler")
    return {"fine": {"statusCode": "201", "body": "made"}, "list": [1], "status": {"statusCode": "abc"},
            "body": {"statusCode": 200, "body": {"a": 1}},
            "header": {"statusCode": 200, "headers": {"x": "a\\nb"}}}[kind]
"""


def test_a_rest_api_hides_the_error_of_a_failed_function(emulator: EmulatorProcess) -> None:
    """ "Handle Lambda errors in API Gateway": 502 with API Gateway's message."""
    gateway, functions = emulator.client("apigateway"), Functions(emulator)
    arn = functions.client.get_function(FunctionName=functions.create(REST))["Configuration"]["FunctionArn"]
    api = gateway.create_rest_api(name="errors")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    proxy = gateway.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
    method = {"restApiId": api, "resourceId": proxy, "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType="NONE")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway.create_deployment(restApiId=api, stageName="s")
    with httpx.Client(base_url=f"{emulator.url}/_aws/execute-api/{api}/s", timeout=60) as client:
        for kind in ("raise", "list", "status", "body", "header"):
            answer = client.get(f"/{kind}")
            assert (answer.status_code, answer.json()) == (502, {"message": "Internal server error"}), kind
        assert (client.get("/fine").status_code, client.get("/fine").text) == (201, "made")


def test_equal_numbers_in_a_set_count_once_in_any_notation(emulator: EmulatorProcess, table: str) -> None:
    """ "Supported data types": sets hold each number once; 1 and 1.0 are one number."""
    client, key = emulator.client("dynamodb"), {"p": {"S": uuid.uuid4().hex}, "s": {"S": "1"}}
    client.put_item(TableName=table, Item={**key, "n": {"NS": ["1", "2"]}})
    added, deleted = ("ADD n :m", ["1.0", "3"], {"1", "2", "3"}), ("DELETE n :m", ["2.00"], {"1", "3"})
    for expression, members, left in (added, deleted):
        answer = client.update_item(
            TableName=table, Key=key, UpdateExpression=expression, ExpressionAttributeValues={":m": {"NS": members}},
            ReturnValues="ALL_NEW",
        )  # fmt: skip
        assert set(answer["Attributes"]["n"]["NS"]) == left
    update = {"n": {"Action": "ADD", "Value": {"NS": ["3.0"]}}}
    answer = client.update_item(TableName=table, Key=key, AttributeUpdates=update, ReturnValues="ALL_NEW")
    assert set(answer["Attributes"]["n"]["NS"]) == {"1", "3"}
