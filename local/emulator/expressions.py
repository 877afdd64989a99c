"""Expressions of DynamoDB requests are parsed once per request text, not once per item.

MiniStack tokenizes and checks a key condition anew for every item of the partition: 11 ms for a page of a timeline with
400 entries. The four functions are pure, so what they gave for a text is what they would give again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from local.emulator import seams

_KEPT = 1_024


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
