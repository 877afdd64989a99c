"""Event filtering: which records a mapping's FilterCriteria let through.

Source: AWS Lambda Developer Guide, "Control which events Lambda sends to your function".
A pattern that is not understood is an error, never a guess.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any


class PatternError(ValueError):
    """The pattern uses something that Lambda's filter language does not have (or this pump does not)."""


def compile_criteria(criteria: dict[str, Any] | None) -> Callable[[dict[str, Any]], bool]:
    """A predicate over the record as the function would get it; no criteria let all through.

    Raises:
        PatternError: a pattern is not valid JSON or has an unknown operator.
    """
    patterns = []
    for entry in (criteria or {}).get("Filters") or []:
        try:
            patterns.append(json.loads(entry["Pattern"]))
        except (KeyError, TypeError, ValueError) as error:
            raise PatternError(f"Pattern: expected JSON, got {entry!r}") from error
    if not patterns:
        return lambda record: True
    for pattern in patterns:
        matches(pattern, {})  # every operator is looked at, so that a bad one shows now
    return lambda record: any(matches(pattern, _filterable(record)) for pattern in patterns)


def _filterable(record: dict[str, Any]) -> dict[str, Any]:
    """Kinesis patterns look at the decoded ``data`` beside the other fields of the record."""
    if "kinesis" not in record:
        return record
    fields = dict(record["kinesis"])
    try:
        text = base64.b64decode(fields["data"]).decode()
    except ValueError:
        return fields
    try:
        fields["data"] = json.loads(text)
    except ValueError:
        fields["data"] = text
    return fields


def matches(pattern: Any, value: Any) -> bool:
    """Whether every field of ``pattern`` matches; lists of rules are alternatives, nested objects go deeper."""
    if not isinstance(pattern, dict):
        raise PatternError(f"expected an object, got {pattern!r}")
    fields = value if isinstance(value, dict) else {}
    results = []
    for name, expected in pattern.items():
        if name == "$or":
            choices = [matches(choice, value) for choice in expected]
            results.append(any(choices))
        elif isinstance(expected, list):
            # All of them, also behind a match: a bad operator must not hide there.
            rules = [_rule(rule, fields.get(name), name in fields) for rule in expected]
            results.append(any(rules))
        else:
            results.append(matches(expected, fields.get(name)))
    return all(results)


def _rule(rule: Any, value: Any, there: bool) -> bool:
    if isinstance(rule, dict):
        if len(rule) != 1:
            raise PatternError(f"expected one operator, got {rule!r}")
        operator, argument = next(iter(rule.items()))
        if operator not in _OPERATORS:
            raise PatternError(f"operator {operator!r}: expected one of {sorted(_OPERATORS)}")
        return _OPERATORS[operator](argument, value, there)
    if not there:
        return False
    candidates = value if isinstance(value, list) else [value]
    return any(_same(one, rule) for one in candidates)


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _exists(argument: Any, value: Any, there: bool) -> bool:
    return there is bool(argument)


def _prefix(argument: Any, value: Any, there: bool) -> bool:
    return isinstance(value, str) and value.startswith(argument)


def _suffix(argument: Any, value: Any, there: bool) -> bool:
    return isinstance(value, str) and value.endswith(argument)


def _anything_but(argument: Any, value: Any, there: bool) -> bool:
    rules = argument if isinstance(argument, list) else [argument]
    matched = [_rule(rule, value, there) for rule in rules]
    return there and not any(matched)


def _ignore_case(argument: Any, value: Any, there: bool) -> bool:
    return isinstance(value, str) and value.casefold() == str(argument).casefold()


def _numeric(argument: Any, value: Any, there: bool) -> bool:
    pairs = list(zip(argument[::2], argument[1::2], strict=True))
    unknown = [operator for operator, _ in pairs if operator not in _COMPARISONS]
    if unknown:
        raise PatternError(f"numeric: expected one of {sorted(_COMPARISONS)}, got {unknown}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return all(_COMPARISONS[operator](number, float(limit)) for operator, limit in pairs)


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_OPERATORS: dict[str, Callable[[Any, Any, bool], bool]] = {
    "exists": _exists,
    "prefix": _prefix,
    "suffix": _suffix,
    "anything-but": _anything_but,
    "equals-ignore-case": _ignore_case,
    "numeric": _numeric,
}
