"""DynamoDB's validation of attribute values and keys."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from emulation.emulator import item_rules
from emulation.emulator.item_rules import DUPLICATES, EMPTY, MISMATCH, SEVERAL, START_KEY, value_problem

KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}


@pytest.mark.parametrize(
    "value",
    [
        {"S": ""}, {"N": "1"}, {"B": "YQ=="}, {"BOOL": False}, {"NULL": True}, {"SS": ["a"]}, {"L": []}, {"M": {}},
        {"L": [{"S": "a"}, {"M": {"b": {"N": "1"}}}]}, {"S": "a", "X": "b"},
    ],
)  # fmt: skip
def test_a_value_has_one_type(value: Any) -> None:
    assert value_problem(value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, EMPTY), ({"X": "a"}, EMPTY), ({"S": "a", "N": "1"}, SEVERAL), ({"L": [{"X": "a"}]}, EMPTY),
        ({"M": {"a": {"S": "a", "B": "b"}}}, SEVERAL),
    ],
)  # fmt: skip
def test_a_value_without_exactly_one_type_is_refused(value: Any, text: str) -> None:
    assert value_problem(value) == ("ValidationException", text)


@pytest.mark.parametrize(
    "value",
    ["a", 1, None, [], {"S": 1}, {"N": 1}, {"BOOL": "true"}, {"L": {}}, {"M": []}, {"SS": "a"}, {"L": ["a"]}],
)
def test_json_of_another_type_is_refused_as_a_value(value: Any) -> None:
    assert (value_problem(value) or ("",))[0] == "SerializationException"


def _dynamodb() -> Any:
    table = {
        "pk_name": "pk", "sk_name": "sk",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"},
        ],
    }  # fmt: skip
    return SimpleNamespace(
        _tables={"table": table}, _normalize_table_name=lambda name: name, _index_def=lambda table, name: None,
        _ddb_canonicalize_number=lambda text: str(float(text)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "right"),
    [
        (KEY, True), ({"pk": {"S": "b"}, "sk": {"N": "9"}}, True), ({"pk": {"S": "a"}}, False),
        ({**KEY, "v": {"S": "a"}}, False), ({**KEY, "sk": {"S": "1"}}, False), ({**KEY, "pk": {"B": "YQ=="}}, False),
    ],
)  # fmt: skip
def test_a_page_starts_after_a_key_of_the_table(start: Any, right: bool) -> None:
    request = {"TableName": "table", "ExclusiveStartKey": start}
    for more, text in (({"KeyConditionExpression": "pk = :p"}, START_KEY), ({}, MISMATCH)):
        found = item_rules.request_problem(_dynamodb(), {**request, **more})
        assert found == (None if right else ("ValidationException", text))


def test_a_batch_refuses_a_key_that_occurs_twice_in_any_notation() -> None:
    def problem(*requests: Any) -> Any:
        return item_rules.writes_problem(_dynamodb(), {"RequestItems": {"table": list(requests)}})

    put, again = {"PutRequest": {"Item": {**KEY, "v": {"S": "x"}}}}, {**KEY, "sk": {"N": "1.00"}}
    other = {"DeleteRequest": {"Key": {**KEY, "sk": {"N": "2"}}}}
    assert problem(put, other) is None
    assert problem(put, {"DeleteRequest": {"Key": again}}) == ("ValidationException", DUPLICATES)
    assert problem({**put, **other}) == problem({}) == ("ValidationException", item_rules.BOTH)
    reads = {"RequestItems": {"table": {"Keys": [KEY, again]}}}
    assert item_rules.reads_problem(_dynamodb(), reads) == ("ValidationException", DUPLICATES)


def test_values_of_each_transaction_action_are_checked() -> None:
    def problem(value: Any) -> Any:
        update = {"TableName": "table", "Key": KEY, "ExpressionAttributeValues": {":a": value}}
        return item_rules.transaction_problem(_dynamodb(), {"TransactItems": [{"Update": update}]})

    assert problem({"S": "a"}) is None
    assert problem({"X": "a"})[0] == "ValidationException"
    assert problem({"L": 5})[0] == "SerializationException"
