"""Parses expressions of DynamoDB requests once per request text, not once per item.

MiniStack tokenizes and checks a key condition again for every item of the partition: 11 ms for a page of a timeline
with 400 entries. The four functions are pure, so their results per text can be cached. Key conditions on strings, the
only kind for tables with string keys, are then compared directly; others are interpreted as before.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from emulation.emulator import seams

_KEPT = 1_024
_KEY_CONDITION = "KeyConditionExpression"
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "EQ": operator.eq,
    "LT": operator.lt,
    "LE": operator.le,
    "GT": operator.gt,
    "GE": operator.ge,
}
Item = Mapping[str, Any]
Matches = Callable[[Item], bool]
Token = tuple[str, str]


class Compared(NamedTuple):
    """The condition on one key: whether a value fulfils it, and between which texts such values are, both included."""

    name: str
    holds: Callable[[str], bool]
    first: str = ""
    #: None: there is no last one.
    last: str | None = None


class Tokens(list[Any]):
    """Tokens of one expression; hashed by identity, so that checks of them can be remembered. Nobody changes them."""

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other


def parse_once() -> None:
    """Remember the tokens and the verdicts of the last 1,024 expressions."""
    dynamodb = seams.module("services.dynamodb")
    tokenize = dynamodb._tokenize

    @lru_cache(_KEPT)
    def tokens_of(expression: str) -> Tokens:
        return Tokens(tokenize(expression))

    dynamodb._tokenize = tokens_of
    for name in ("_check_redundant_parens", "_check_reserved_keyword_usage"):
        setattr(dynamodb, name, _remembering(getattr(dynamodb, name)))
    dynamodb._condition_syntax_error = lru_cache(_KEPT)(dynamodb._condition_syntax_error)


def _remembering(check: Callable[..., str | None]) -> Callable[..., str | None]:
    remembered = lru_cache(_KEPT)(check)

    def verdict(tokens: list[Any], *more: str) -> str | None:
        return remembered(tokens, *more) if isinstance(tokens, Tokens) else check(tokens, *more)

    return verdict


def compare_keys_directly() -> None:
    """Compile the key condition of a query once, instead of interpreting its tokens for each item of the partition."""
    dynamodb = seams.module("services.dynamodb")
    evaluate, tokenize = dynamodb._evaluate_condition, dynamodb._tokenize
    #: Of the query that was seen last: its parts, by identity, and what they were compiled to.
    last: tuple[Any, Any, Any, Matches | None] = (None, None, None, None)

    def evaluate_condition(
        expr: Any, item: Any, attr_values: Any, attr_names: Any, slot: str = "ConditionExpression"
    ) -> Any:
        nonlocal last
        if slot != _KEY_CONDITION:
            return evaluate(expr, item, attr_values, attr_names, slot)
        known = last
        if known[0] is not expr or known[1] is not attr_values or known[2] is not attr_names:
            conditions = conditions_of(tokenize(expr), attr_values, attr_names)
            known = last = (expr, attr_values, attr_names, compiled(conditions) if conditions else None)
        if known[3] is None:
            return evaluate(expr, item, attr_values, attr_names, slot)
        return known[3](item)

    dynamodb._evaluate_condition = evaluate_condition


def conditions_of(tokens: list[Token], values: Item, names: Mapping[str, str]) -> list[Compared] | None:
    """One condition per key, joined by AND, each on a text; ``None`` for anything else, right or wrong.

    Python orders texts by code point, which is the order of their UTF-8 bytes, as DynamoDB has it.
    """
    try:
        return list(_conditions(iter(tokens), values or {}, names or {}))
    except (KeyError, TypeError, StopIteration, RuntimeError):
        return None


def compiled(conditions: list[Compared]) -> Matches:
    """Whether an item fulfils all of them."""

    def matches(item: Item) -> bool:
        for name, holds, _, _ in conditions:
            value = item.get(name)
            if not value or "S" not in value or not holds(value["S"]):
                return False
        return True

    return matches


def _conditions(tokens: Iterator[Token], values: Item, names: Mapping[str, str]) -> Iterator[Compared]:
    """Raises: KeyError, TypeError, StopIteration: not of the form that ``conditions_of`` takes."""
    while True:
        kind, text = _outside_parentheses(tokens)
        if kind == "IDENT" and text.lower() == "begins_with":
            _expect(tokens, "LPAREN")
            name = _name(next(tokens), names)
            _expect(tokens, "COMMA")
            prefix = _text(next(tokens), values)
            _expect(tokens, "RPAREN")
            yield Compared(name, lambda value, prefix=prefix: value.startswith(prefix), prefix, _after(prefix))  # type: ignore[misc]
        else:
            name = _name((kind, text), names)
            kind, text = next(tokens)
            if kind == "IDENT" and text.upper() == "BETWEEN":
                low = _text(next(tokens), values)
                _expect(tokens, "IDENT", "AND")
                high = _text(next(tokens), values)
                yield Compared(name, lambda value, low=low, high=high: low <= value <= high, low, high)  # type: ignore[misc]
            else:
                compare, other = _COMPARISONS[kind], _text(next(tokens), values)
                first, last = "" if kind in ("LT", "LE") else other, None if kind in ("GT", "GE") else other
                yield Compared(name, lambda value, compare=compare, other=other: compare(value, other), first, last)  # type: ignore[misc]
        kind, text = _outside_parentheses(tokens)
        if kind == "EOF":
            return
        if kind != "IDENT" or text.upper() != "AND":
            raise KeyError(text)


def _after(prefix: str) -> str | None:
    """The first text after all that begin with ``prefix``."""
    end = prefix.rstrip(chr(sys.maxunicode))
    return end[:-1] + chr(ord(end[-1]) + 1) if end else None


def _outside_parentheses(tokens: Iterator[Token]) -> Token:
    """The next token that is no parenthesis: where all is joined by AND they change nothing."""
    return next(token for token in tokens if token[0] not in ("LPAREN", "RPAREN"))


def _expect(tokens: Iterator[Token], kind: str, text: str | None = None) -> None:
    token = next(tokens)
    if token[0] != kind or (text is not None and token[1].upper() != text):
        raise KeyError(token)


def _name(token: Token, names: Mapping[str, str]) -> str:
    kind, text = token
    if kind == "NAME_REF":
        return names[text]
    if kind != "IDENT":
        raise KeyError(text)
    return text


def _text(token: Token, values: Item) -> str:
    kind, name = token
    if kind != "VALUE_REF" or not isinstance(values[name]["S"], str):
        raise KeyError(name)
    return str(values[name]["S"])
