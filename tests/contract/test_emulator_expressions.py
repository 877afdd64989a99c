"""Cached expressions give DynamoDB's results: "Key condition expressions for the Query operation".

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from tests.contract.emulator_process import EmulatorProcess

VALUES = {":x": "b3", ":y": "b5", ":z": "c"}


@pytest.fixture
def table(emulator: EmulatorProcess) -> Any:
    """A table with one partition ``p`` of sort keys a0 to a9 and b0 to b9."""
    dynamodb = boto3.resource(
        "dynamodb",
        endpoint_url=emulator.url,
        region_name=REGION,
        **DEFAULT_CREDENTIALS.for_boto3(),
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


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("sk = :x", ["b3"]),
        ("sk < :x", [*(f"a{n}" for n in range(10)), "b0", "b1", "b2"]),
        ("sk <= :x", [*(f"a{n}" for n in range(10)), "b0", "b1", "b2", "b3"]),
        ("sk > :x", ["b4", "b5", "b6", "b7", "b8", "b9"]),
        ("sk >= :x", ["b3", "b4", "b5", "b6", "b7", "b8", "b9"]),
        ("sk BETWEEN :x AND :y", ["b3", "b4", "b5"]),
        ("#k between :x and :y", ["b3", "b4", "b5"]),
        ("begins_with(sk, :x)", ["b3"]),
        ("begins_with(#k, :z)", []),
    ],
)
@pytest.mark.parametrize("form", ["pk = :p AND {}", "{} AND pk = :p", "(pk = :p) AND ({})", "(pk = :p and {})"])
def test_every_key_condition_finds_the_documented_items(
    table: Any, form: str, condition: str, found: list[str]
) -> None:
    values = {":p": "p", **{name: value for name, value in VALUES.items() if name in condition}}
    names = {"ExpressionAttributeNames": {"#k": "sk"}} if "#k" in condition else {}
    answer = table.query(KeyConditionExpression=form.format(condition), ExpressionAttributeValues=values, **names)
    assert keys(answer) == found


def test_keys_are_ordered_by_their_bytes_in_utf_8(table: Any) -> None:
    """Beyond the first 65,536 characters, this order differs from that of UTF-16."""
    texts = ["z", "é", "あ", "\uffee", "😀"]
    for text in texts:
        table.put_item(Item={"pk": "utf", "sk": text})
    values = {":p": "utf", ":x": "あ"}
    assert (
        keys(table.query(KeyConditionExpression="pk = :p AND sk > :x", ExpressionAttributeValues=values)) == texts[3:]
    )
    assert (
        keys(table.query(KeyConditionExpression="pk = :p AND sk < :x", ExpressionAttributeValues=values)) == texts[:2]
    )


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("pk = :p AND sk = :n", {":n": 1}),
        ("pk = :p AND begins_with(sk, :n)", {":n": 1}),
        ("pk = :p AND sk BETWEEN :s AND :r", {":s": "b", ":r": "a"}),
        ("sk = :s", {":s": "a"}),
        ("pk > :p", {}),
    ],
)
def test_an_invalid_key_condition_is_refused(table: Any, condition: str, values: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        table.query(KeyConditionExpression=condition, ExpressionAttributeValues={":p": "p", **values})
    assert refused.value.response["Error"]["Code"] == "ValidationException"


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


_CONDITIONS: dict[str, Callable[[str, str, str], bool]] = {
    "": lambda key, a, b: True,
    " AND sk = :a": lambda key, a, b: key == a,
    " AND sk < :a": lambda key, a, b: key < a,
    " AND sk <= :a": lambda key, a, b: key <= a,
    " AND sk > :a": lambda key, a, b: key > a,
    " AND sk >= :a": lambda key, a, b: key >= a,
    " AND sk BETWEEN :a AND :b": lambda key, a, b: a <= key <= b,
    " AND begins_with(sk, :a)": lambda key, a, b: key.startswith(a),
}


def test_pages_of_a_large_partition_are_those_of_its_sorted_keys(table: Any) -> None:
    """Also while items come and go, from any start, in both directions."""
    draw = Random(7)
    letters = "abz\U0010ffff"
    known: set[str] = set()

    def text() -> str:
        return "".join(draw.choices(letters, k=draw.randint(1, 4)))

    for _ in range(250):
        with table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
            for key in {text() for _ in range(draw.choice((0, 1, 60)) if len(known) < 120 else 0)}:
                batch.put_item(Item={"pk": "large", "sk": key})
                known.add(key)
            for key in draw.sample(sorted(known), min(len(known), draw.choice((0, 0, 1, 40)))):
                batch.delete_item(Key={"pk": "large", "sk": key})
                known.discard(key)
        (condition, holds), (a, b) = draw.choice(list(_CONDITIONS.items())), sorted((text(), text()))
        values = {":p": "large", **{name: one for name, one in ((":a", a), (":b", b)) if name in condition}}
        forward, limit = draw.random() < 0.5, draw.choice((1, 7, 200, None))
        query: dict[str, Any] = {
            "KeyConditionExpression": f"pk = :p{condition}",
            "ExpressionAttributeValues": values,
            "ScanIndexForward": forward,
            **({"Limit": limit} if limit else {}),
        }
        left = sorted((key for key in known if holds(key, a, b)), reverse=not forward)
        if left and draw.random() < 0.5:
            start = draw.choice(left)
            query["ExclusiveStartKey"] = {"pk": "large", "sk": start}
            left = left[left.index(start) + 1 :]
        answer = table.query(**query)
        assert keys(answer) == left[:limit], query
        assert ("LastEvaluatedKey" in answer) == (limit is not None and len(left) >= limit)
