"""Calls on items are answered the same by the short way (where their bytes arrive) and by MiniStack's own."""

from __future__ import annotations

import json
import socket
import time
import uuid
from typing import Any

import boto3
import pytest
from botocore.credentials import Credentials

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from services.common.sigv4 import signed
from tests.contract.emulator_process import EmulatorProcess

ROOT = Credentials(DEFAULT_CREDENTIALS.access_key_id, DEFAULT_CREDENTIALS.secret_access_key)
#: No SDK sends it, so the call is not in its common form.
UNUSUAL = {"x-some-header": "1"}
#: Named, it keeps the reads of items out of ``plain_reads``, and changes nothing.
IN_FULL = {"ReturnConsumedCapacity": "NONE"}
Reply = tuple[int, dict[str, str], Any]


class Caller:
    """Sends calls on items by a connection of its own."""

    def __init__(self, emulator: EmulatorProcess, credentials: Credentials = ROOT) -> None:
        self.address = emulator.url.removeprefix("http://")
        self.credentials = credentials
        host, _, port = self.address.partition(":")
        self.connection = socket.create_connection((host, int(port)), 20)
        self.received = self.connection.makefile("rb")

    def request(self, operation: str, body: bytes, more: dict[str, str] | None = None) -> bytes:
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}"}
        sent = signed(self.credentials, REGION, "dynamodb", self.address, "/", headers, body)
        sent |= {"content-length": str(len(body)), **(more or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        return f"POST / HTTP/1.1\r\n{lines}\r\n".encode() + body

    def reply(self) -> Reply:
        """The next response of the connection, of which several may have arrived."""
        status = int(self.received.readline().split()[1])
        lines = iter(lambda: self.received.readline().decode().strip(), "")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        content = self.received.read(int(headers.get("content-length", "0")))
        return status, headers, json.loads(content) if content else None

    def call(self, operation: str, data: Any, more: dict[str, str] | None = None) -> Reply:
        self.connection.sendall(self.request(operation, json.dumps(data).encode(), more))
        return self.reply()


@pytest.fixture
def caller(emulator: EmulatorProcess) -> Any:
    made = Caller(emulator)
    yield made
    made.connection.close()


@pytest.fixture(scope="module")
def table(emulator: EmulatorProcess) -> str:
    """Partitions of 3 and of 60 items, and one of more than a page of 1 MB."""
    name = f"calls-{uuid.uuid4().hex[:8]}"
    dynamodb = boto3.client(
        "dynamodb", endpoint_url=emulator.url, region_name=REGION, **DEFAULT_CREDENTIALS.for_boto3()
    )
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    for partition, count, size in (("few", 3, 9), ("many", 60, 9), ("heavy", 4, 350_000)):
        for number in range(count):
            more = {"n": {"N": str(number)}, "text": {"S": "あ" * (size // 3)}}
            dynamodb.put_item(TableName=name, Item={"pk": {"S": partition}, "sk": {"S": f"{number:03}"}, **more})
    return name


def key(pk: Any, sk: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def texts(**values: str) -> dict[str, Any]:
    return {f":{name}": {"S": value} for name, value in values.items()}


def query(condition: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"KeyConditionExpression": condition, "ExpressionAttributeValues": values, **more}


READS: list[tuple[str, dict[str, Any]]] = [
    ("GetItem", {"Key": key("few", "001")}),
    ("GetItem", {"Key": key("few", "001"), "ConsistentRead": True}),
    ("GetItem", {"Key": key("few", "none")}),
    ("GetItem", {"Key": key("nobody", "none")}),
    ("GetItem", {"Key": key("", "001")}),
    ("GetItem", {"Key": key("few", 1)}),
    ("GetItem", {"Key": {"pk": {"S": "few"}}}),
    ("GetItem", {"Key": {**key("few", "001"), "more": {"S": "x"}}}),
    ("GetItem", {"Key": {"pk": {"S": "few"}, "sk": {"N": "1"}}}),
    ("GetItem", {"Key": key("few", "x" * 1_100)}),
    ("GetItem", {"Key": key("few", "001"), "ProjectionExpression": "n"}),
    ("GetItem", {"Key": key("few", "001"), "ProjectionExpression": "n, gone"}),
    ("GetItem", {"Key": key("few", "001"), "ProjectionExpression": "gone"}),
    ("GetItem", {"Key": key("few", "001"), "ProjectionExpression": "n, n"}),
    ("GetItem", {"Key": key("few", "001"), "ProjectionExpression": ""}),
    ("GetItem", {"Key": key("few", "001"), "ProjectionExpression": "size"}),
    ("GetItem", {"Key": key("few", "001"), "ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a": "n"}}),
    ("GetItem", {"Key": key("few", "001"), "ProjectionExpression": "#a"}),
    ("GetItem", {"Key": key("few", "001"), "ExpressionAttributeNames": {"#a": "n"}}),
    ("GetItem", {}),
    ("Query", query("pk = :p", texts(p="few"))),
    ("Query", query("pk = :p", texts(p="many"), Limit=7)),
    ("Query", query("pk = :p", texts(p="many"), Limit=60)),
    ("Query", query("pk = :p", texts(p="many"), Limit=61)),
    ("Query", query("pk = :p", texts(p="many"), Limit=0)),
    ("Query", query("pk = :p", texts(p="few"), Limit=3, ScanIndexForward=False)),
    ("Query", query("pk = :p", texts(p="heavy"))),
    ("Query", query("pk = :p", texts(p="heavy"), Limit=2)),
    ("Query", query("pk = :p", texts(p="many"), ProjectionExpression="sk, n", Limit=9, ScanIndexForward=False)),
    ("Query", query("pk = :p", texts(p="many"), ProjectionExpression="text.a")),
    ("Query", query("pk = :p", texts(p="many"), ProjectionExpression="sk,, n")),
    ("Query", query("pk = :p", texts(p="heavy"), ProjectionExpression="sk")),
    ("Query", query("pk = :p", texts(p="many"), Select="COUNT")),
    ("Query", query("pk = :p", texts(p="heavy"), Select="COUNT")),
    ("Query", query("pk = :p", texts(p="many"), Select="COUNT", ProjectionExpression="sk")),
    ("Query", query("pk = :p", texts(p="many"), Select="ALL_ATTRIBUTES")),
    ("Query", query("pk = :p", texts(p="nobody"))),
    ("Query", query("pk = :p", texts(p=""))),
    ("Query", query("pk = :p", {":p": {"N": "1"}})),
    ("Query", query("pk = :p", texts(p="few", unused="x"))),
    ("Query", query("pk = :p AND sk BETWEEN :a AND :b", texts(p="many", a="010", b="019"))),
    ("Query", query("pk = :p AND sk BETWEEN :a AND :b", texts(p="many", a="019", b="010"))),
    ("Query", query("pk = :p AND sk > :a", texts(p="many", a="056"), ScanIndexForward=False, Limit=2)),
    ("Query", query("pk = :p AND begins_with(sk, :a)", texts(p="many", a="02"), ConsistentRead=True)),
    ("Query", query("pk = :p AND n = :a", texts(p="many", a="1"))),
    ("Query", query("#p = :p", texts(p="few"), ExpressionAttributeNames={"#p": "pk"})),
    ("Query", query("#p = :p", texts(p="few"), ExpressionAttributeNames={"#p": "pk", "#x": "sk"})),
    ("Query", query("#p = :p", texts(p="few"), ExpressionAttributeNames={"#p": "n"})),
    ("Query", query("pk = :p", texts(p="few"), ExpressionAttributeNames={})),
    ("Query", query("pk = :p", texts(p="few"), Limit=True)),
    ("Query", query("pk = :p", texts(p="few"), ExclusiveStartKey=key("few", "000"))),
    ("Query", query("pk = :p", texts(p="few"), IndexName="none")),
    ("Scan", {"Limit": 5}),
]
BATCHES: list[Any] = [
    {"Keys": [key("few", "000"), key("few", "none"), key("many", "059")]},
    {"Keys": [key("few", "000"), key("few", "000")]},
    {"Keys": [key("few", "")]},
    {"Keys": []},
    {"Keys": [key("many", f"{number:03}") for number in range(100)]},
    {"Keys": [key("many", f"{number:03}") for number in range(101)]},
    {"Keys": [{"pk": {"S": "few"}}]},
    {"Keys": [key("few", "000")], "ProjectionExpression": "n"},
    {"Keys": [key("few", "000")], "ConsistentRead": True},
]


def _told(reply: Reply) -> Reply:
    """Without what differs each time."""
    status, headers, content = reply
    for once in ("x-amzn-requestid", "date", "x-amz-crc32", "content-length"):
        assert headers.pop(once)
    return status, headers, content


@pytest.mark.parametrize("number", range(len(READS)))
def test_a_read_is_answered_alike_by_both_ways(table: str, caller: Caller, number: int) -> None:
    """Three times: what is remembered of a call changes nothing."""
    operation, data = READS[number]
    asked = {"TableName": table, **data}
    usual = _told(caller.call(operation, {**asked, **IN_FULL}, UNUSUAL))
    for _ in range(3):
        assert _told(caller.call(operation, asked)) == usual


@pytest.mark.parametrize("number", range(len(BATCHES)))
def test_a_batch_is_answered_alike_by_both_ways(table: str, caller: Caller, number: int) -> None:
    asked = {"RequestItems": {table: BATCHES[number]}}
    usual = _told(caller.call("BatchGetItem", {**asked, **IN_FULL}, UNUSUAL))
    for _ in range(3):
        assert _told(caller.call("BatchGetItem", asked)) == usual


@pytest.mark.parametrize("name", ["missing-table", "x", 7, None])
@pytest.mark.parametrize("operation", ["GetItem", "Query"])
def test_a_wrong_table_is_refused_alike_by_both_ways(caller: Caller, operation: str, name: Any) -> None:
    asked = {
        "TableName": name,
        **({"Key": key("a", "b")} if operation == "GetItem" else query("pk = :p", texts(p="a"))),
    }
    usual = _told(caller.call(operation, asked, UNUSUAL))
    assert usual[0] == 400
    assert _told(caller.call(operation, asked)) == usual


def test_writes_are_seen_at_once_whichever_way_they_took(table: str, caller: Caller) -> None:
    for number, more in enumerate((None, UNUSUAL, None)):
        item = {**key("written", "x"), "n": {"N": str(number)}}
        assert caller.call("PutItem", {"TableName": table, "Item": item}, more)[0] == 200
        for other in (None, UNUSUAL):
            found = caller.call("GetItem", {"TableName": table, "Key": key("written", "x")}, other)
            assert found[2] == {"Item": item}


@pytest.mark.parametrize("more", [None, UNUSUAL], ids=["short", "usual"])
def test_a_failed_condition_is_told_alike(table: str, caller: Caller, more: dict[str, str] | None) -> None:
    asked = {"TableName": table, "Item": key("few", "000"), "ConditionExpression": "attribute_not_exists(pk)"}
    status, headers, content = caller.call("PutItem", asked, more)
    assert (status, headers["content-type"]) == (400, "application/x-amz-json-1.0")
    assert content["__type"].endswith("ConditionalCheckFailedException")


def test_a_body_of_another_request_is_refused(table: str, caller: Caller) -> None:
    """Also when the same caller asked for the same a moment ago, and was allowed to."""
    asked = json.dumps({"TableName": table, "Key": key("few", "000")}).encode()
    other = asked.replace(b"000", b"001")
    assert caller.call("GetItem", json.loads(asked))[0] == 200
    caller.connection.sendall(caller.request("GetItem", asked).replace(asked, other))
    status, _, content = caller.reply()
    assert status == 400
    assert "signature" in content["message"].lower()


def test_a_wrong_secret_is_refused(emulator: EmulatorProcess, table: str, caller: Caller) -> None:
    asked = {"TableName": table, "Key": key("few", "000")}
    assert caller.call("GetItem", asked)[0] == 200
    stranger = Caller(emulator, Credentials(ROOT.access_key, "wrong"))
    status, _, content = stranger.call("GetItem", asked)
    assert status == 400
    assert "signature" in content["message"].lower()


@pytest.mark.parametrize(
    "header",
    [
        {"host": "evil.example"},
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"transfer-encoding": "chunked"},
    ],
)
def test_headers_of_pages_and_of_other_forms_are_refused(table: str, caller: Caller, header: dict[str, str]) -> None:
    asked = json.dumps({"TableName": table, "Key": key("few", "000")}).encode()
    caller.connection.sendall(caller.request("GetItem", asked, header))
    assert caller.reply()[0] in (400, 403, 421)


def test_requests_in_pieces_and_in_a_row_are_answered_in_order(table: str, caller: Caller) -> None:
    bodies = [json.dumps({"TableName": table, "Key": key("many", f"{n:03}")}).encode() for n in range(6)]
    row = [caller.request("GetItem", body, UNUSUAL if n == 2 else None) for n, body in enumerate(bodies)]
    caller.connection.sendall(b"".join(row[:3]))
    found = [caller.reply()[2] for _ in range(3)]
    for one in row[3:]:
        for begin in (0, 30, len(one) - 5):
            end = {0: 30, 30: len(one) - 5}.get(begin, len(one))
            caller.connection.sendall(one[begin:end])
            time.sleep(0.01)
        found.append(caller.reply()[2])
    assert [one["Item"]["sk"]["S"] for one in found] == [f"{n:03}" for n in range(6)]


def test_a_policy_that_is_taken_away_no_longer_allows(emulator: EmulatorProcess, table: str) -> None:
    iam = boto3.client("iam", endpoint_url=emulator.url, region_name=REGION, **DEFAULT_CREDENTIALS.for_boto3())
    user = f"reader-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": f"arn:aws:dynamodb:*:*:table/{table}"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=user, PolicyName="read", PolicyDocument=document)
    made = iam.create_access_key(UserName=user)["AccessKey"]
    reader = Caller(emulator, Credentials(made["AccessKeyId"], made["SecretAccessKey"]))
    asked = {"TableName": table, "Key": key("few", "000")}
    assert [reader.call("GetItem", asked)[0] for _ in range(3)] == [200] * 3
    assert reader.call("DeleteItem", asked)[0] == 403
    assert reader.call("Query", {"TableName": table, **query("pk = :p", texts(p="few"))})[0] == 403

    iam.delete_user_policy(UserName=user, PolicyName="read")
    deadline = time.monotonic() + 10
    while reader.call("GetItem", asked)[0] == 200:
        assert time.monotonic() < deadline, "still allowed"
        time.sleep(0.05)
    status, _, content = reader.call("GetItem", asked)
    assert status == 403
    assert "not authorized to perform: dynamodb:GetItem" in content["Message" if "Message" in content else "message"]
