"""Event filtering: which records a mapping's FilterCriteria let through.

Source: AWS Lambda Developer Guide, "Control which events Lambda sends to your function".
An unknown pattern is an error, never a guess.
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
    for pattern in patterns:
        _check(pattern)
    if not patterns:
        return lambda record: True
    return lambda record: any(_matches(pattern, _filterable(record)) for pattern in patterns)


def _check(pattern: Any) -> None:
    """Raises: PatternError (a field, an operator or its argument that Lambda would not take)."""
    if not isinstance(pattern, dict):
        raise PatternError(f"expected an object, got {pattern!r}")
    for name, expected in pattern.items():
        if not isinstance(expected, list):
            if name == "$or":
                raise PatternError(f"$or: expected a list of patterns, got {expected!r}")
            _check(expected)
            continue
        for one in expected:
            if name == "$or":
                _check(one)
            elif isinstance(one, dict):
                _check_operator(one)
            elif isinstance(one, list):
                raise PatternError(f"{name}: expected values and operators, got {one!r}")


def _check_operator(rule: dict[str, Any]) -> None:
    if len(rule) != 1:
        raise PatternError(f"expected one operator, got {rule!r}")
    ((operator, argument),) = rule.items()
    if operator not in _OPERATORS:
        raise PatternError(f"operator {operator!r}: expected one of {sorted(_OPERATORS)}")
    expected, fits = _ARGUMENTS.get(operator, _TEXT)
    if not fits(argument):
        raise PatternError(f"{operator}: expected {expected}, got {argument!r}")
    if operator == "anything-but" and isinstance(argument, dict):
        _check_operator(argument)


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


def _matches(pattern: dict[str, Any], value: Any) -> bool:
    """Whether every field of ``pattern`` matches; lists of rules are alternatives, nested objects go deeper."""
    fields = value if isinstance(value, dict) else {}

    def field_matches(name: str, expected: Any) -> bool:
        if name == "$or":
            return any(_matches(choice, value) for choice in expected)
        if isinstance(expected, list):
            return any(_rule(rule, fields.get(name), name in fields) for rule in expected)
        return _matches(expected, fields.get(name))

    return all(field_matches(name, expected) for name, expected in pattern.items())


def _rule(rule: Any, value: Any, there: bool) -> bool:
    if isinstance(rule, dict):
        ((operator, argument),) = rule.items()
        return _OPERATORS[operator](argument, value, there)
    if not there:
        return False
    candidates = value if isinstance(value, list) else [value]
    return any(_same(one, rule) for one in candidates)


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _exists(argument: Any, value: Any, there: bool) -> bool:
    return there is argument


def _prefix(argument: Any, value: Any, there: bool) -> bool:
    return isinstance(value, str) and value.startswith(argument)


def _suffix(argument: Any, value: Any, there: bool) -> bool:
    return isinstance(value, str) and value.endswith(argument)


def _anything_but(argument: Any, value: Any, there: bool) -> bool:
    rules = argument if isinstance(argument, list) else [argument]
    return there and not any(_rule(rule, value, there) for rule in rules)


def _ignore_case(argument: Any, value: Any, there: bool) -> bool:
    return isinstance(value, str) and value.casefold() == argument.casefold()


def _numeric(argument: Any, value: Any, there: bool) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    pairs = zip(argument[::2], argument[1::2], strict=True)
    return all(_COMPARISONS[operator](number, limit) for operator, limit in pairs)


def _are_comparisons(argument: Any) -> bool:
    """``[">", 5, "<=", 7]``"""
    return (
        isinstance(argument, list)
        and len(argument) in (2, 4)
        and all(isinstance(operator, str) and operator in _COMPARISONS for operator in argument[::2])
        and all(isinstance(limit, int | float) for limit in argument[1::2])
    )


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
_TEXT: tuple[str, Callable[[Any], bool]] = ("a text", lambda argument: isinstance(argument, str))
#: The argument of an operator, in words and as a check; other operators need a text.
_ARGUMENTS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "exists": ("true or false", lambda argument: isinstance(argument, bool)),
    "anything-but": ("values or an operator", lambda argument: argument is not None),
    "numeric": (f"one or two of {list(_COMPARISONS)}, each with a number", _are_comparisons),
}
