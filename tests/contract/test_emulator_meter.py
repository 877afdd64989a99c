"""Amazon DynamoDB Developer Guide, "DynamoDB read and write operations": capacity units of requests."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from emulation.guard import HELPER_HEADERS
from tests.contract.emulator_process import EmulatorProcess
from tests.contract.test_lambda_execution_environment import Functions


def _meter(emulator: EmulatorProcess, method: str, query: str = "") -> dict[str, Any]:
    url = f"{emulator.url}/_asyncsns/meter{query}"
    request = urllib.request.Request(url, method=method, headers=HELPER_HEADERS)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return dict(json.loads(answer.read()))


@pytest.fixture(scope="module")
def table(emulator: EmulatorProcess) -> str:
    emulator.client("dynamodb").create_table(
        TableName="metered", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )  # fmt: skip
    return "metered"


def test_units_and_requests_are_counted_while_the_meter_runs(emulator: EmulatorProcess, table: str) -> None:
    dynamodb, key = emulator.client("dynamodb"), {"pk": {"S": "a"}}
    dynamodb.put_item(TableName=table, Item=key)
    _meter(emulator, "PUT")
    dynamodb.put_item(TableName=table, Item={**key, "text": {"S": "x" * 1500}})
    dynamodb.get_item(TableName=table, Key=key)
    dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
    dynamodb.batch_get_item(RequestItems={table: {"Keys": [key, {"pk": {"S": "nobody"}}]}})
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": {"pk": {"S": "b"}}}}])
    found = _meter(emulator, "DELETE")
    dynamodb.put_item(TableName=table, Item=key)
    assert found["write"] == {table: 2 + 2}  # rounded up to two KB; a transaction writes twice
    assert found["read"] == {table: 0.5 + 1 + 0.5 + 0.5}
    assert found["requests"]["dynamodb:GetItem"] == 2
    assert _meter(emulator, "GET")["write"] == found["write"]


def test_functions_report_their_processor_time(emulator: EmulatorProcess) -> None:
    functions = Functions(emulator)
    source = (
        "import os\ndef handler(event, context):\n    sum(range(10**6))\n    return os.environ['_X_AMZN_TRACE_ID']\n"
    )
    name = functions.create(source, TracingConfig={"Mode": "Active"})
    for traced, flag in (("0", "0"), ("1", "1")):
        _meter(emulator, "PUT", f"?traced={traced}")
        headers = [functions.call(name)[0] for _ in range(3)]
        found = _meter(emulator, "DELETE")
        assert [header[-1] for header in headers] == [flag] * 3
        assert found["warm"][name] + found["cold"].get(name, 0) == 3
        assert found["warm_processor"][name] > 0
        assert found["cold_processor"].keys() == found["cold"].keys()
    assert name not in found["cold"]
