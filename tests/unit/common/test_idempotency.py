"""A command with an idempotency key runs once: Powertools' records, on a table in memory."""

from __future__ import annotations

import time
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from services.common.entry.idempotency import Once
from services.common.errors import InProgress, Unavailable, Unprocessable
from services.common.ids import derived_id
from services.common.settings import CommandSettings
from tests.support.lambdas import Context
from tests.support.sessions import new_session

SETTINGS = CommandSettings(table_idempotency="idempotency", origin_secret="secret")
Item = dict[str, Any]


class Table:
    """The DynamoDB client operations that Powertools calls. A put requires that the record is absent or expired."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.is_down = False

    def put_item(self, *, TableName: str, Item: Item, ConditionExpression: str, **_: Any) -> None:
        self._reach(TableName)
        assert "attribute_not_exists" in ConditionExpression
        key = Item["pk"]["S"], Item["sk"]["S"]
        if key in self.items:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self.items[key] = dict(Item)

    def get_item(self, *, TableName: str, Key: Item, **_: Any) -> dict[str, Item]:
        self._reach(TableName)
        return {"Item": self.items[Key["pk"]["S"], Key["sk"]["S"]]}

    def update_item(
        self,
        *,
        TableName: str,
        Key: Item,
        ExpressionAttributeNames: dict[str, str],
        ExpressionAttributeValues: Item,
        **_: Any,
    ) -> None:
        self._reach(TableName)
        record = self.items[Key["pk"]["S"], Key["sk"]["S"]]
        for name, attribute in ExpressionAttributeNames.items():
            record[attribute] = ExpressionAttributeValues[name.replace("#", ":")]

    def delete_item(self, *, TableName: str, Key: Item) -> None:
        self._reach(TableName)
        del self.items[Key["pk"]["S"], Key["sk"]["S"]]

    def _reach(self, name: str) -> None:
        assert name == "idempotency"
        if self.is_down:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "PutItem")

    def records(self) -> list[dict[str, Any]]:
        read = TypeDeserializer().deserialize
        return [{name: read(value) for name, value in item.items()} for item in self.items.values()]


class Command:
    """The command to run once; its answer is the number of runs so far."""

    def __init__(self) -> None:
        self.times = 0
        self.status = 201
        self.meanwhile: Any = None

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        self.times += 1
        if self.meanwhile:
            self.meanwhile()
        return {"statusCode": self.status, "body": f"{event['rawPath']} {self.times}"}


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return new_session()


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, session: boto3.Session) -> Table:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("boto3.session.Session", lambda: session)
    return Table()


@pytest.fixture
def once(table: Table) -> Once:
    made = Once(SETTINGS)
    made._store.client = table
    return made


def event(user: str = "ann", path: str = "/v1/posts", body: str | None = "{}", method: str = "POST") -> dict[str, Any]:
    claims = {"jwt": {"claims": {"sub": user}}}
    return {"rawPath": path, "body": body, "requestContext": {"http": {"method": method}, "authorizer": claims}}


def test_a_retry_gets_the_first_answer(once: Once, table: Table) -> None:
    command = Command()
    answers = [once.run(command, event(), Context(), "k") for _ in range(3)]
    assert answers == [{"statusCode": 201, "body": "/v1/posts 1"}] * 3
    assert command.times == 1
    (record,) = table.records()
    assert record["pk"] == f"IDEMPOTENCY#{derived_id('idempotency', 'ann')}"
    assert record["sk"].startswith("function.services.common.entry._once.<locals>.run#")
    assert record["status"] == "COMPLETED"
    assert abs(float(record["ttl"]) - time.time() - 24 * 3600) < 600


def test_another_function_process_finds_the_record(once: Once, table: Table) -> None:
    command, other = Command(), Once(SETTINGS)
    other._store.client = table
    assert once.run(command, event(), Context(), "k") == other.run(command, event(), Context(), "k")
    assert command.times == 1


@pytest.mark.parametrize(
    ("other", "key"),
    [
        (event(user="bob"), "k"),
        (event(path="/v1/lists"), "k"),
        (event(method="PUT"), "k"),
        (event(), "another key"),
    ],
)
def test_another_caller_route_or_key_is_another_command(once: Once, other: dict[str, Any], key: str) -> None:
    command = Command()
    once.run(command, event(), Context(), "k")
    once.run(command, other, Context(), key)
    assert command.times == 2


@pytest.mark.parametrize("body", ["{}", "", None])
def test_the_same_key_with_another_body_is_refused(once: Once, body: str | None) -> None:
    command = Command()
    once.run(command, event(body=body), Context(), "k")
    assert once.run(command, event(body=body), Context(), "k")["body"] == "/v1/posts 1"
    with pytest.raises(Unprocessable, match="was used with another body"):
        once.run(command, event(body='{"a": 1}'), Context(), "k")
    assert command.times == 1


def test_a_retry_while_the_first_runs_is_refused(once: Once) -> None:
    command, refused = Command(), []

    def again() -> None:
        with pytest.raises(InProgress, match="still running") as caught:
            once.run(command, event(), Context(), "k")
        refused.append(caught.value)

    command.meanwhile = again
    assert once.run(command, event(), Context(), "k")["statusCode"] == 201
    assert (command.times, len(refused)) == (1, 1)


def test_a_crashed_run_blocks_its_key_only_for_the_function_timeout(once: Once, table: Table) -> None:
    command, ends = Command(), []
    command.meanwhile = lambda: ends.extend(record["in_progress_expiration"] for record in table.records())
    once.run(command, event(), Context(), "k")
    (end,) = ends
    assert abs(float(end) / 1000 - time.time() - Context().get_remaining_time_in_millis() / 1000) < 600


@pytest.mark.parametrize("status", [400, 409, 500])
def test_refusals_are_not_kept(once: Once, table: Table, status: int) -> None:
    command = Command()
    command.status = status
    assert once.run(command, event(), Context(), "k") == {"statusCode": status, "body": "/v1/posts 1"}
    assert table.records() == []
    command.status = 399
    assert once.run(command, event(body="corrected"), Context(), "k")["body"] == "/v1/posts 2"
    assert once.run(command, event(body="corrected"), Context(), "k")["body"] == "/v1/posts 2"


def test_an_unavailable_idempotency_table_refuses_the_command(once: Once, table: Table) -> None:
    command = Command()
    table.is_down = True
    with pytest.raises(Unavailable, match="Try again with the same key"):
        once.run(command, event(), Context(), "k")
    assert command.times == 0
