"""Queries on exact values. Keywords score by BM25, numbers 1.0 (times boost).

Source: opensearch.org, Query DSL, term-level queries.
"""

from __future__ import annotations

import re
from typing import Any

import tantivy

from emulation.search.builder import QueryBuilder, boosted, single
from emulation.search.errors import IllegalArgument, ParsingError, Unsupported, require_keys
from emulation.search.mapping import Field

#: OpenSearch's index.max_terms_count.
_MAX_TERMS = 65_536


def term(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    path, options = _options(body, "term", {"case_insensitive", "_name"})
    value, field = options.get("value"), builder.mapping.field(path)
    if field is None:
        return ids(builder, {"values": [value]}) if path == "_id" else tantivy.Query.empty_query()
    return boosted(exact(builder, field, value), options.get("boost"))


def exact(builder: QueryBuilder, field: Field, value: Any) -> tantivy.Query:
    """A single value: numbers score 1, keywords and text by BM25."""
    (wanted,) = _indexed(field, [value])
    query = tantivy.Query.term_query(builder.schema, builder.column(field), wanted)
    if field.numeric:
        return tantivy.Query.const_score_query(query, 1.0)
    if field.kind == "text":
        builder.highlights.term(field.path, str(wanted))
    return query


def terms(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    body = dict(body)
    boost = body.pop("boost", None)
    path, values = single(body, "terms")
    _require_list(path, values)
    field = builder.mapping.field(path)
    if field is None:
        return ids(builder, {"values": values}) if path == "_id" else tantivy.Query.empty_query()
    wanted = _indexed(field, values)
    if not wanted:
        return tantivy.Query.empty_query()
    query = tantivy.Query.term_set_query(builder.schema, builder.column(field), wanted)
    return tantivy.Query.const_score_query(query, float(boost or 1))


def _require_list(path: str, values: Any) -> None:
    if isinstance(values, dict):
        raise Unsupported("terms lookup")
    if not isinstance(values, list):
        raise ParsingError(f"[terms] query requires an array of terms for [{path}]")
    if len(values) > _MAX_TERMS:
        raise IllegalArgument(
            f"The number of terms [{len(values)}] used in the Terms Query request has exceeded the allowed "
            f"maximum of [{_MAX_TERMS}]."
        )


def _indexed(field: Field, values: list[Any]) -> list[Any]:
    """Values as they are in the index."""
    try:
        return [str(value) if field.kind == "text" else field.term(value) for value in values]
    except ValueError as error:
        raise ParsingError(f"failed to create query: {error}", "query_shard_exception") from error


def prefix(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    path, options = _options(body, "prefix", {"rewrite", "case_insensitive", "_name"})
    field = builder.mapping.field(path)
    if field is None:
        return tantivy.Query.empty_query()
    if field.numeric:
        raise ParsingError(
            f"Can only use prefix queries on keyword, text and wildcard fields - not on [{path}] which is of "
            f"type [{field.kind}]",
            "query_shard_exception",
        )
    value = str(options.get("value", ""))
    value = field.normalizer.normalize(value) if field.normalizer and value else value
    return tantivy.Query.const_score_query(prefix_terms(builder, field, value), float(options.get("boost", 1)))


def prefix_terms(builder: QueryBuilder, field: Field, beginning: str) -> tantivy.Query:
    """Documents with a term that starts with ``beginning``."""
    pattern = "".join(f"\\{char}" if re.match(r"[^\w\s]", char) and ord(char) < 128 else char for char in beginning)
    return tantivy.Query.regex_query(builder.schema, builder.column(field), pattern + "(.|\\n)*")


def range_of(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    path, options = single(body, "range")
    known = {"format", "time_zone", "relation", "_name"}
    require_keys(options, {"gt", "gte", "lt", "lte", "boost"}, "range", known)
    field = builder.mapping.field(path)
    if field is None:
        return tantivy.Query.empty_query()
    if not field.numeric:
        raise Unsupported(f"range on [{field.kind}] field [{path}]")
    low, high = _bound(field, options, "gt"), _bound(field, options, "lt")
    if low is None and high is None:
        return exists(builder, {"field": path})
    query = tantivy.Query.range_query(
        builder.schema, builder.column(field), tantivy.FieldType.Integer, low, high, True, True
    )
    return tantivy.Query.const_score_query(query, float(options.get("boost", 1)))


def exists(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    require_keys(body, {"field", "boost"}, "exists", {"_name"})
    query = tantivy.Query.term_query(builder.schema, "_fields", str(body.get("field")))
    return tantivy.Query.const_score_query(query, float(body.get("boost", 1)))


def ids(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    require_keys(body, {"values", "boost"}, "ids", {"_name"})
    values = [str(value) for value in body.get("values", [])]
    if not values:
        return tantivy.Query.empty_query()
    query = tantivy.Query.term_set_query(builder.schema, "_id", values)
    return tantivy.Query.const_score_query(query, float(body.get("boost", 1)))


def _options(body: dict[str, Any], kind: str, known: set[str]) -> tuple[str, dict[str, Any]]:
    """The field, and what is asked of it: ``{"field": value}`` is short for ``{"field": {"value": value}}``."""
    path, options = single(body, kind)
    if not isinstance(options, dict):
        options = {"value": options}
    require_keys(options, {"value", "boost"}, kind, known)
    return path, options


def _bound(field: Field, options: dict[str, Any], side: str) -> int | None:
    for key in (side, f"{side}e"):
        if options.get(key) is None:
            continue
        try:
            value = field.term(options[key])
        except ValueError as error:
            raise ParsingError(str(error), "parse_exception") from error
        assert isinstance(value, int)
        if key == side:
            value += 1 if side == "gt" else -1
        return value
    return None
