"""moto in the place of DynamoDB Local: many clients at once, as functions are.

Runs where ``.asyncsns/venv-localstack`` exists (``make install EMULATOR=localstack``); otherwise it is skipped.
Source: Amazon DynamoDB Developer Guide, "Amazon DynamoDB Transactions: How it works".
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from emulation.settings import DEFAULT_CREDENTIALS, HOST, REGION
from tests.contract.emulator_process import ROOT, free_offset, wait_until
from tests.support.localstack_process import PYTHON, LocalStack

pytestmark = pytest.mark.skipif(
    not LocalStack.is_installed(), reason="LocalStack is not installed: make install EMULATOR=localstack"
)
_WRITERS, _ITEMS = 4, 60


@pytest.fixture(scope="module")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    port = 8700 + free_offset(8700)
    once = Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
    client = boto3.client(
        "dynamodb", endpoint_url=f"http://{HOST}:{port}", region_name=REGION, config=once,
        **DEFAULT_CREDENTIALS.for_boto3(),
    )  # fmt: skip
    log: Path = tmp_path_factory.mktemp("tables") / "tables.log"
    with log.open("wb") as said:
        command = [str(PYTHON), "-m", "emulation.localstack.tables", "-H", HOST, "-p", str(port)]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, cwd=ROOT)
    try:
        wait_until(lambda: client.list_tables() is not None, 60, "moto", lambda: log.read_text()[-3000:])
        yield client
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def table(dynamodb: Any, request: pytest.FixtureRequest) -> str:
    name = request.node.name
    keys = {"pk": "HASH", "sk": "RANGE"}
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )  # fmt: skip
    return str(name)


def _key(pk: str, sk: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _add(table: str, key: dict[str, Any], condition: str | None = None) -> dict[str, Any]:
    wanted = {"ConditionExpression": condition} if condition else {}
    return {"Update": {
        "TableName": table, "Key": key, "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}, **wanted,
    }}  # fmt: skip


def test_cancelled_transactions_keep_what_others_write_meanwhile(dynamodb: Any, table: str) -> None:
    # boto3 makes its classes of errors when they are first asked for, once per thread that asks then.
    cancelled = dynamodb.exceptions.TransactionCanceledException

    def write(writer: int) -> None:
        for number in range(_ITEMS):
            item = _key(f"{writer}-{number}", "a") | {"text": {"S": "x" * 200}}
            dynamodb.transact_write_items(
                TransactItems=[{"Put": {"TableName": table, "Item": item}}, _add(table, _key("sum", str(writer)))]
            )

    def cancel(writer: int) -> None:
        for number in range(_ITEMS):
            with pytest.raises(cancelled):
                dynamodb.transact_write_items(TransactItems=[
                    _add(table, _key("undone", f"{writer}-{number}")),
                    _add(table, _key("nobody", "a"), "attribute_exists(pk)"),
                ])  # fmt: skip

    with ThreadPoolExecutor(2 * _WRITERS) as threads:
        for done in [threads.submit(act, writer) for act in (write, cancel) for writer in range(_WRITERS)]:
            done.result()
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    items = [item for page in pages for item in page["Items"]]
    sums = {item["sk"]["S"]: item["n"]["N"] for item in items if item["pk"]["S"] == "sum"}
    assert sums == {str(writer): str(_ITEMS) for writer in range(_WRITERS)}
    assert {item["pk"]["S"] for item in items} - {"sum"} == {
        f"{writer}-{number}" for writer in range(_WRITERS) for number in range(_ITEMS)
    }


def test_a_cancelled_transaction_undoes_each_kind_of_write(dynamodb: Any, table: str) -> None:
    for name in ("put", "updated", "deleted"):
        dynamodb.put_item(TableName=table, Item=_key(name, "a") | {"n": {"N": "1"}})
    dynamodb.put_item(TableName=table, Item=_key("checked", "a"))
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[
            {"Put": {"TableName": table, "Item": _key("put", "a") | {"n": {"N": "2"}}}},
            {"Put": {"TableName": table, "Item": _key("new", "a")}},
            _add(table, _key("updated", "a")),
            {"Delete": {"TableName": table, "Key": _key("deleted", "a")}},
            {"ConditionCheck": {"TableName": table, "Key": _key("checked", "a"),
                                "ConditionExpression": "attribute_not_exists(pk)"}},
        ])  # fmt: skip
    items = dynamodb.scan(TableName=table)["Items"]
    assert {item["pk"]["S"]: item.get("n", {}).get("N") for item in items} == {
        "put": "1", "updated": "1", "deleted": "1", "checked": None,
    }  # fmt: skip
