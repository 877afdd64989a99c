"""DynamoDB's answers are complete and identical for every encoder."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from emulation.signature import signed_headers
from tests.contract.emulator_process import EmulatorProcess

TEXTS = (
    "朝の散歩 🚶‍♀️",
    'quotes " and \\ and / and </script>',
    "".join(map(chr, range(1, 32))),
    "\u2028\u2029\x7f\ufeff\U0010ffff",
    "combining e\u0301, right to left \u05d0",
)


@pytest.fixture(scope="module")
def table(emulator: EmulatorProcess) -> Iterator[str]:
    client, name = emulator.client("dynamodb"), "answers"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    client.delete_table(TableName=name)


def ask(emulator: EmulatorProcess, operation: str, request: dict[str, Any]) -> requests.Response:
    body = json.dumps(request).encode()
    host = emulator.url.removeprefix("http://")
    signed = signed_headers(DEFAULT_CREDENTIALS, REGION, "dynamodb", "POST", host, "/", body)
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}", **signed}
    return requests.post(emulator.url, data=body, headers=headers, timeout=60)


def test_any_text_and_value_is_read_back_unchanged(emulator: EmulatorProcess, table: str) -> None:
    items = [
        {
            "pk": {"S": "p"}, "sk": {"S": str(number)}, "text": {"S": text}, text[:20]: {"L": [{"NULL": True}]},
            "number": {"N": "12345678901234567890123456789012345678"}, "small": {"N": "-0.00000000000000000001"},
            "flag": {"BOOL": False}, "bytes": {"B": b"\x00\xff"}, "set": {"NS": ["1", "2.5"]}, "map": {"M": {}},
        }
        for number, text in enumerate(TEXTS)
    ]  # fmt: skip
    client = emulator.client("dynamodb")
    for item in items:
        client.put_item(TableName=table, Item=item)
    found = client.query(
        TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}}
    )["Items"]
    assert found == items
    keys = [{"pk": one["pk"], "sk": one["sk"]} for one in items]
    answer = client.batch_get_item(RequestItems={table: {"Keys": keys}})["Responses"][table]
    assert sorted(answer, key=lambda one: one["sk"]["S"]) == items


def test_an_answer_has_its_type_checksum_and_date(emulator: EmulatorProcess, table: str) -> None:
    answer = ask(emulator, "DescribeTable", {"TableName": table})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-amz-json-1.0"
    assert int(answer.headers["x-amz-crc32"]) == zlib.crc32(answer.content)
    assert parsedate_to_datetime(answer.headers["date"]).tzname() == "UTC"
    assert isinstance(answer.json()["Table"]["CreationDateTime"], float | int)


def test_a_refusal_keeps_its_type(emulator: EmulatorProcess) -> None:
    answer = ask(emulator, "DescribeTable", {"TableName": "not-there"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/x-amz-json-1.0"
    assert answer.json()["__type"].endswith("ResourceNotFoundException")
