"""Refuses filters of queries that name a key attribute: conditions on keys belong in the key condition.

MiniStack allows filters on keys. Source: "Filter expressions for the Query operation": "A filter expression cannot
contain partition key or sort key attributes", of the table or of the index that is queried.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.FilterExpression.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulation.emulator import seams

_WORDS = frozenset(("AND", "OR", "NOT", "BETWEEN", "IN"))
Token = tuple[str, str]


def refuse_keys() -> None:
    """Refuse such a query, unless MiniStack finds another error in it."""
    dynamodb = seams.module("services.dynamodb")
    query = dynamodb._query

    def query_without_keys(data: dict[str, Any]) -> Any:
        refusal = _refusal(dynamodb, data)
        answer = query(data)
        if refusal is None or answer[0] != 200:
            return answer
        return dynamodb.error_response_json("ValidationException", refusal, 400)

    dynamodb._query = query_without_keys


def _refusal(dynamodb: Any, data: Mapping[str, Any]) -> str | None:
    expression, legacy = data.get("FilterExpression"), data.get("QueryFilter")
    if not expression and not legacy:
        return None
    keys = keys_of(dynamodb, data)
    if expression and isinstance(expression, str):
        try:
            tokens = dynamodb._tokenize(expression.strip())
        except ValueError:
            return None
        named = set(attributes(tokens, data.get("ExpressionAttributeNames") or {}))
        parameter = "Filter Expression"
    else:
        named, parameter = set(legacy or {}), "QueryFilter"
    found = [key for key in keys if key in named]
    if not found:
        return None
    return f"{parameter} can only contain non-primary key attributes: Primary key attribute: {found[0]}"


def keys_of(dynamodb: Any, data: Mapping[str, Any]) -> list[str]:
    """Key attributes of the queried index, or of the table."""
    table = dynamodb._tables.get(dynamodb._normalize_table_name(data.get("TableName")))
    if table is None:
        return []
    index = dynamodb._index_def(table, data["IndexName"]) if data.get("IndexName") else None
    if index is not None:
        return [key["AttributeName"] for key in index["KeySchema"]]
    return [key for key in (table.get("pk_name"), table.get("sk_name")) if key]


def attributes(tokens: list[Token], names: Mapping[str, str]) -> Iterator[str]:
    """Top-level attributes that an expression names; ``a`` of ``a.b[1]``."""
    before = ""
    for number, (kind, text) in enumerate(tokens):
        after = tokens[number + 1][0] if number + 1 < len(tokens) else ""
        if kind == "NAME_REF" and before != "DOT" and text in names:
            yield names[text]
        elif kind == "IDENT" and before != "DOT" and after != "LPAREN" and text.upper() not in _WORDS:
            yield text
        before = kind
