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
def test_patterns_select_events(pattern: dict[str, Any], passes: bool) -> None:
    assert compile_criteria(criteria(pattern))(INSERT) is passes


def test_absent_criteria_pass_everything_and_several_are_alternatives() -> None:
    assert compile_criteria(None)(INSERT)
    assert compile_criteria({"Filters": []})(INSERT)
    assert compile_criteria(criteria({"eventName": ["REMOVE"]}, {"eventName": ["INSERT"]}))(INSERT)


def test_kinesis_patterns_see_the_decoded_data() -> None:
    data = base64.b64encode(b'{"type": "chat.message"}').decode()
    record = {"kinesis": {"data": data, "partitionKey": "c1"}}
    assert compile_criteria(criteria({"data": {"type": [{"prefix": "chat."}]}}))(record)
    assert not compile_criteria(criteria({"data": {"type": ["call"]}}))(record)


def test_kinesis_data_is_matched_as_json_or_text_and_binary_stays_unchanged() -> None:
    def record(content: bytes) -> dict[str, Any]:
        return {"kinesis": {"data": base64.b64encode(content).decode(), "partitionKey": "c1"}}

    assert compile_criteria(criteria({"data": ["hello"]}))(record(b"hello"))
    assert compile_criteria(criteria({"partitionKey": ["c1"]}))(record(b"\xff"))
    assert not compile_criteria(criteria({"data": [{"exists": False}]}))(record(b"\xff"))
    assert compile_criteria(criteria({"kinesis": [{"exists": False}]}))(record(b"hello"))


@pytest.mark.parametrize(
    ("rule", "value", "passes"),
    [
        ("a", "a", True), ("a", "b", False), ("a", ["b", "a"], True), ("a", ["b"], False),
        (1, 1, True), (1, True, False), (True, True, True), (None, None, True), ("", None, False),
        ({"prefix": "ab"}, "abc", True), ({"prefix": "bc"}, "abc", False), ({"prefix": "a"}, 5, False),
        ({"suffix": "bc"}, "abc", True), ({"suffix": "ab"}, "abc", False), ({"suffix": "5"}, 5, False),
        ({"equals-ignore-case": "STRASSE"}, "straße", True), ({"equals-ignore-case": "a"}, "b", False),
        ({"equals-ignore-case": "5"}, 5, False),
        ({"anything-but": "a"}, "b", True), ({"anything-but": "a"}, "a", False),
        ({"anything-but": ["a", "b"]}, "b", False), ({"anything-but": ["a", "b"]}, "c", True),
        ({"anything-but": {"suffix": "z"}}, "z", False),
        ({"numeric": ["=", 5]}, 5, True), ({"numeric": ["=", 5]}, 5.5, False), ({"numeric": ["=", 5]}, "5", True),
        ({"numeric": ["<", 5]}, 4, True), ({"numeric": ["<", 5]}, 5, False),
        ({"numeric": ["<=", 5]}, 5, True), ({"numeric": ["<=", 5]}, 6, False),
        ({"numeric": [">", 5]}, 6, True), ({"numeric": [">", 5]}, 5, False),
        ({"numeric": [">=", 5]}, 5, True), ({"numeric": [">=", 5]}, 4, False),
        ({"numeric": [">", 1, "<", 3]}, 2, True), ({"numeric": [">", 1, "<", 3]}, 3, False),
        ({"numeric": [">", 1, "<", 3]}, 1, False),
        ({"numeric": ["<", 5]}, "many", False), ({"numeric": ["<", 5]}, None, False),
        ({"exists": True}, None, True), ({"exists": False}, "a", False),
    ],
)  # fmt: skip
def test_each_operator_selects_values_as_documented(rule: Any, value: Any, passes: bool) -> None:
    assert compile_criteria(criteria({"a": [rule]}))({"a": value}) is passes
    assert compile_criteria(criteria({"a": ["never", rule]}))({"a": value}) is passes
    assert compile_criteria(criteria({"a": {"b": [rule]}}))({"a": {"b": value}}) is passes


@pytest.mark.parametrize("rule", ["a", None, {"prefix": ""}, {"suffix": ""}, {"equals-ignore-case": ""},
                                  {"anything-but": "a"}, {"numeric": ["<", 5]}, {"exists": True}])  # fmt: skip
def test_an_absent_field_passes_only_with_exists_false(rule: Any) -> None:
    for record in ({}, {"b": "a"}):
        assert not compile_criteria(criteria({"a": [rule]}))(record)
        assert not compile_criteria(criteria({"a": {"b": [rule]}}))({"a": "no object"})
        assert compile_criteria(criteria({"a": [rule, {"exists": False}]}))(record)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("not json", "Pattern: expected JSON, got {'Pattern': 'not json'}"),
        ("[]", "expected an object, got []"),
        ('{"a": 5}', "expected an object, got 5"),
        ('{"a": [["b"]]}', "a: expected values and operators, got ['b']"),
        ('{"$or": {"a": ["b"]}}', "$or: expected a list of patterns, got {'a': ['b']}"),
        ('{"$or": [5]}', "expected an object, got 5"),
        ('{"a": [{"like": "x"}]}', "operator 'like': expected one of ['anything-but', "),
        ('{"a": ["b", {"like": "x"}]}', "operator 'like': expected one of "),
        ('{"a": {"b": ["c"]}, "d": [{"like": "x"}]}', "operator 'like': expected one of "),
        ('{"a": [{"prefix": "a", "suffix": "b"}]}', "expected one operator, got {'prefix': 'a', 'suffix': 'b'}"),
        ('{"a": [{"prefix": 5}]}', "prefix: expected a text, got 5"),
        ('{"a": [{"suffix": null}]}', "suffix: expected a text, got None"),
        ('{"a": [{"equals-ignore-case": ["a"]}]}', "equals-ignore-case: expected a text, got ['a']"),
        ('{"a": [{"exists": "yes"}]}', "exists: expected true or false, got 'yes'"),
        ('{"a": [{"anything-but": null}]}', "anything-but: expected values or an operator, got None"),
        ('{"a": [{"anything-but": {"like": "x"}}]}', "operator 'like': expected one of "),
        ('{"a": [{"numeric": ["~", 1]}]}', "numeric: expected one or two of ['=', '<', '<=', '>', '>='], each with a "),
        ('{"a": [{"numeric": []}]}', "numeric: expected "),
        ('{"a": [{"numeric": [">"]}]}', "numeric: expected "),
        ('{"a": [{"numeric": [">", 1, "<"]}]}', "numeric: expected "),
        ('{"a": [{"numeric": [">", 1, "<", 2, "<", 3]}]}', "numeric: expected "),
        ('{"a": [{"numeric": [">", "1"]}]}', "numeric: expected "),
        ('{"a": [{"numeric": [">", 1, "<", "3"]}]}', "numeric: expected "),
        ('{"a": [{"numeric": [[], 1]}]}', "numeric: expected "),
        ('{"a": [{"numeric": 5}]}', "numeric: expected "),
    ],
)
def test_an_invalid_pattern_is_refused_when_the_mapping_is_read(pattern: str, said: str) -> None:
    with pytest.raises(PatternError) as refused:
        compile_criteria({"Filters": [{"Pattern": pattern}]})
    assert str(refused.value).startswith(said)


def test_a_filter_without_a_pattern_is_refused() -> None:
    with pytest.raises(PatternError, match=r"Pattern: expected JSON, got \{\}"):
        compile_criteria({"Filters": [{}]})
