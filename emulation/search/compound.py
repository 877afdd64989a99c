"""Queries made of queries. Scores follow OpenSearch: clauses add up, filters score nothing.

Source: opensearch.org, Query DSL, compound queries.
"""

from __future__ import annotations

import re
from typing import Any

import tantivy

from emulation.search.builder import QueryBuilder, boosted
from emulation.search.errors import ParsingError, Unsupported, require_keys

#: OpenSearch's indices.query.bool.max_clause_count.
_MAX_CLAUSES = 1_024
_OCCUR = {"must": tantivy.Occur.Must, "should": tantivy.Occur.Should, "must_not": tantivy.Occur.MustNot}


def match_all(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    require_keys(body, {"boost"}, "match_all")
    return tantivy.Query.const_score_query(tantivy.Query.all_query(), float(body.get("boost", 1)))


def match_none(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    require_keys(body, set(), "match_none")
    return tantivy.Query.empty_query()


def boolean(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    allowed, known = {*_OCCUR, "filter", "boost", "minimum_should_match"}, {"_name", "adjust_pure_negative"}
    require_keys(body, allowed, "bool", known, "x_content_parse_exception")
    clauses, counts = _clauses(builder, body)
    if len(clauses) > _MAX_CLAUSES:
        raise ParsingError(f"maxClauseCount is set to {_MAX_CLAUSES}", "too_many_clauses")
    if not clauses:
        return match_all(builder, {})
    positive, wanted = counts["must"] + counts["filter"], 0
    if counts["should"]:
        wanted = minimum_should_match(body.get("minimum_should_match"), counts["should"], 0 if positive else 1)
    if not positive and not wanted:
        # Only negative (or wholly optional) clauses: everything else matches, with what optional ones score.
        everything = tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)
        clauses.append((tantivy.Occur.Must, everything))
    query = tantivy.Query.boolean_query(clauses, wanted or None)
    return boosted(query, body.get("boost"))


def _clauses(
    builder: QueryBuilder, body: dict[str, Any]
) -> tuple[list[tuple[tantivy.Occur, tantivy.Query]], dict[str, int]]:
    """The clauses of a ``bool``, and how many there are of each kind."""
    clauses: list[tuple[tantivy.Occur, tantivy.Query]] = []
    counts: dict[str, int] = {}
    for kind in ("must", "filter", "should", "must_not"):
        parts = body.get(kind, [])
        parts = parts if isinstance(parts, list) else [parts]
        counts[kind] = len(parts)
        build = builder.build_unmarked if kind == "must_not" else builder.build
        clauses += [_clause(kind, build(part)) for part in parts]
    return clauses, counts


def constant_score(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    require_keys(body, {"filter", "boost"}, "constant_score", {"_name"})
    if "filter" not in body:
        raise ParsingError("[constant_score] requires a 'filter' element")
    return tantivy.Query.const_score_query(builder.build(body["filter"]), float(body.get("boost", 1)))


def dis_max(builder: QueryBuilder, body: dict[str, Any]) -> tantivy.Query:
    require_keys(body, {"queries", "tie_breaker", "boost"}, "dis_max", {"_name"})
    queries = [builder.build(part) for part in body.get("queries", [])]
    if not queries:
        raise ParsingError("[dis_max] requires 'queries' field with at least one clause")
    query = tantivy.Query.disjunction_max_query(queries, float(body.get("tie_breaker", 0)))
    return boosted(query, body.get("boost"))


def _clause(kind: str, query: tantivy.Query) -> tuple[tantivy.Occur, tantivy.Query]:
    if kind == "filter":
        return tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)
    return _OCCUR[kind], query


def minimum_should_match(value: Any, count: int, default: int) -> int:
    """How many of ``count`` optional clauses must match: an integer or a percentage, negative counts the
    missing.
    """
    if value is None:
        return default
    match = re.fullmatch(r"(-?\d+)(%?)", str(value))
    if not match:
        raise Unsupported(f"minimum_should_match [{value}]")
    number = int(match[1])
    if match[2]:
        part = abs(number) * count // 100
        number = part if number >= 0 else count - part
    elif number < 0:
        number += count
    return max(0, min(number, count) if match[2] else number)
