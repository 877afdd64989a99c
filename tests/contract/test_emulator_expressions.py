"""Remembered expressions answer as DynamoDB does: "Key condition expressions for the Query operation".

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
"""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.settings import ACCESS_KEY, REGION, SECRET_KEY
from tests.contract.emulator_process import EmulatorProcess


@pytest.fixture
def table(emulator: EmulatorProcess) -> Any:
    """A table with one partition ``p`` of sort keys a0 to a9 and b0 to b9."""
    dynamodb = boto3.resource(
        "dynamodb",
        endpoint_url=emulator.url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    made = dynamodb.create_table(
        TableName=f"expressions-{uuid.uuid4().hex[:8]}",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    with made.batch_writer() as batch:
        for letter in "ab":
            for number in range(10):
                batch.put_item(Item={"pk": "p", "sk": f"{letter}{number}", "even": number % 2 == 0})
    return made


def keys(answer: dict[str, Any]) -> list[str]:
    return [item["sk"] for item in answer["Items"]]


def test_the_same_text_with_other_values_gives_other_items(table: Any) -> None:
    text = "pk = :p AND begins_with(sk, :s)"
    for letter in "abab":
        answer = table.query(KeyConditionExpression=text, ExpressionAttributeValues={":p": "p", ":s": letter})
        assert keys(answer) == [f"{letter}{number}" for number in range(10)]


def test_the_same_text_with_other_names_gives_other_items(table: Any) -> None:
    values = {":p": "p", ":e": True}
    for name, count in (("even", 10), ("odd", 0), ("even", 10)):
        answer = table.query(
            KeyConditionExpression="pk = :p",
            FilterExpression="#flag = :e",
            ExpressionAttributeNames={"#flag": name},
            ExpressionAttributeValues=values,
        )
        assert answer["Count"] == count


def test_a_wrong_expression_is_refused_each_time(table: Any) -> None:
    for _ in range(3):
        with pytest.raises(ClientError) as refused:
            table.query(
                KeyConditionExpression="pk = :p AND AND sk = :s", ExpressionAttributeValues={":p": "p", ":s": "a"}
            )
        assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_conditions_of_writes_are_judged_on_the_item_as_it_is(table: Any) -> None:
    def put(version: int) -> None:
        table.put_item(
            Item={"pk": "p", "sk": "v", "version": version},
            ConditionExpression="attribute_not_exists(pk) OR version < :v",
            ExpressionAttributeValues={":v": version},
        )

    put(1)
    put(3)
    with pytest.raises(ClientError) as refused:
        put(2)
    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    put(4)
