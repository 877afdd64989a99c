"""Lambda event filtering: the operators of the developer guide."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from emulation.pump.filters import PatternError, compile_criteria

INSERT = {
    "eventName": "INSERT",
    "dynamodb": {"NewImage": {"kind": {"S": "post"}, "likes": {"N": "7"}, "tags": {"L": []}}},
}


def criteria(*patterns: Any) -> dict[str, Any]:
    return {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}


@pytest.mark.parametrize(
    ("pattern", "passes"),
    [
        ({"eventName": ["INSERT"]}, True),
        ({"eventName": ["MODIFY", "REMOVE"]}, False),
        ({"dynamodb": {"NewImage": {"kind": {"S": ["post"]}}}}, True),
        ({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["like"]}}}}, False),
        ({"dynamodb": {"NewImage": {"kind": {"S": [{"prefix": "po"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"kind": {"S": [{"suffix": "ke"}]}}}}, False),
        ({"dynamodb": {"NewImage": {"likes": {"N": [{"numeric": [">", 5, "<=", 7]}]}}}}, True),
        ({"dynamodb": {"NewImage": {"kind": {"S": [{"anything-but": ["post"]}]}}}}, False),
        ({"dynamodb": {"NewImage": {"kind": {"S": [{"anything-but": {"prefix": "l"}}]}}}}, True),
        ({"dynamodb": {"NewImage": {"ttl": [{"exists": False}]}}}, True),
        ({"dynamodb": {"OldImage": {"kind": {"S": [{"exists": True}]}}}}, False),
        ({"eventName": [{"equals-ignore-case": "insert"}]}, True),
        ({"$or": [{"eventName": ["REMOVE"]}, {"dynamodb": {"NewImage": {"kind": {"S": ["post"]}}}}]}, True),
    ],
)
def test_patterns(pattern: dict[str, Any], passes: bool) -> None:
    assert compile_criteria(criteria(pattern))(INSERT) is passes


def test_no_criteria_let_all_through_and_several_are_alternatives() -> None:
    assert compile_criteria(None)(INSERT)
    assert compile_criteria({"Filters": []})(INSERT)
    assert compile_criteria(criteria({"eventName": ["REMOVE"]}, {"eventName": ["INSERT"]}))(INSERT)


def test_kinesis_patterns_see_the_decoded_data() -> None:
    data = base64.b64encode(b'{"type": "chat.message"}').decode()
    record = {"kinesis": {"data": data, "partitionKey": "c1"}}
    assert compile_criteria(criteria({"data": {"type": [{"prefix": "chat."}]}}))(record)
    assert not compile_criteria(criteria({"data": {"type": ["call"]}}))(record)


@pytest.mark.parametrize("pattern", ['{"a": [{"like": "x"}]}', "not json", '{"a": [{"numeric": ["~", 1]}]}', "[]"])
def test_a_pattern_that_is_not_understood_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_criteria({"Filters": [{"Pattern": pattern}]})
