"""OpenSearch's query language into tantivy queries.

Leaf queries on text live in ``textquery.py``. What is not handled here is refused. Scores follow OpenSearch:
BM25 for
text and keyword terms, 1.0 (times boost) for the rest, 0 for filters.
Source: opensearch.org, Query DSL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import tantivy

from emulation.search import textquery
from emulation.search.errors import IllegalArgument, ParsingError, Unsupported, require_keys
from emulation.search.mapping import Field, Mapping
from emulation.search.segments import Segments
from emulation.search.textquery import HighlightTerms, boosted

_KNOWN_QUERIES = {
    "boosting", "combined_fields", "common", "distance_feature", "function_score", "fuzzy",
    "geo_bounding_box",
    "geo_distance", "has_child", "has_parent", "hybrid", "intervals", "knn", "more_like_this", "nested",
    "neural",
    "parent_id", "percolate", "query_string", "rank_feature", "regexp", "script", "script_score",
    "simple_query_string", "span_term", "span_near", "terms_set", "wildcard", "wrapper",
}  # fmt: skip
#: OpenSearch's indices.query.bool.max_clause_count and index.max_terms_count.
_MAX_CLAUSES = 1_024
_MAX_TERMS = 65_536


class QueryBuilder:
    """Builds one request's queries and remembers which terms to highlight.

    Args:
        mapping: the fields of the index.
        segments: gives the schema and the column of each field.
    """

    def __init__(self, mapping: Mapping, segments: Segments) -> None:
        self.mapping = mapping
        self.segments = segments
        self.schema = segments.schema
        self.highlights = HighlightTerms()
        self._kinds: dict[str, Callable[[Any], tantivy.Query]] = {
            "match_all": self._match_all,
            "match_none": self._match_none,
            "bool": self._bool,
            "constant_score": self._constant_score,
            "dis_max": self._dis_max,
            "term": self._term,
            "terms": self._terms,
            "prefix": self._prefix,
            "range": self._range,
            "exists": self._exists,
            "ids": self._ids,
            "match": lambda body: textquery.match(self, body),
            "match_phrase": lambda body: textquery.match_phrase(self, body),
            "match_phrase_prefix": lambda body: textquery.match_phrase_prefix(self, body),
            "match_bool_prefix": lambda body: textquery.match_bool_prefix(self, body),
            "multi_match": lambda body: textquery.multi_match(self, body),
        }

    def build(self, body: Any) -> tantivy.Query:
        """One query object, ``{"term": {...}}``. Raises SearchError."""
        if not isinstance(body, dict) or len(body) != 1:
            raise ParsingError("query malformed, must start with start_object and have exactly one query name")
        ((kind, inner),) = body.items()
        handler = self._kinds.get(kind)
        if handler is None:
            if kind in _KNOWN_QUERIES:
                raise Unsupported(f"query [{kind}]")
            raise ParsingError(f"unknown query [{kind}]")
        if not isinstance(inner, dict):
            raise ParsingError(f"[{kind}] query malformed, no start_object after query name")
        return handler(inner)

    def column(self, field: Field) -> str:
        return self.segments.column(field)

    def _match_all(self, body: dict[str, Any]) -> tantivy.Query:
        require_keys(body, {"boost"}, "match_all")
        return tantivy.Query.const_score_query(tantivy.Query.all_query(), float(body.get("boost", 1)))

    def _match_none(self, body: dict[str, Any]) -> tantivy.Query:
        require_keys(body, set(), "match_none")
        return tantivy.Query.empty_query()

    def _bool(self, body: dict[str, Any]) -> tantivy.Query:
        kinds = {"must", "should", "filter", "must_not"}
        require_keys(
            body,
            kinds | {"boost", "minimum_should_match"},
            "bool",
            {"_name", "adjust_pure_negative"},
            "x_content_parse_exception",
        )
        clauses: list[tuple[tantivy.Occur, tantivy.Query]] = []
        counts: dict[str, int] = {}
        for kind in ("must", "filter", "should", "must_not"):
            parts = body.get(kind, [])
            parts = parts if isinstance(parts, list) else [parts]
            counts[kind] = len(parts)
            build = self._unmarked if kind == "must_not" else self.build
            clauses += [_clause(kind, build(part)) for part in parts]
        if len(clauses) > _MAX_CLAUSES:
            raise ParsingError(f"maxClauseCount is set to {_MAX_CLAUSES}", "too_many_clauses")
        if not clauses:
            return self._match_all({})
        positive = counts["must"] + counts["filter"]
        if counts["should"]:
            wanted = minimum_should_match(body.get("minimum_should_match"), counts["should"], 0 if positive else 1)
        else:
            wanted = 0
        if not positive and (wanted == 0):
            # Only negative (or wholly optional) clauses: everything else matches, with what optional ones
            # score.
            everything = tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)
            clauses.append((tantivy.Occur.Must, everything))
        query = tantivy.Query.boolean_query(clauses, wanted or None)
        return boosted(query, body.get("boost"))

    def _unmarked(self, body: Any) -> tantivy.Query:
        """Build a query whose terms are not highlighted."""
        kept, self.highlights = self.highlights, HighlightTerms()
        try:
            return self.build(body)
        finally:
            self.highlights = kept

    def _constant_score(self, body: dict[str, Any]) -> tantivy.Query:
        require_keys(body, {"filter", "boost"}, "constant_score", {"_name"})
        if "filter" not in body:
            raise ParsingError("[constant_score] requires a 'filter' element")
        return tantivy.Query.const_score_query(self.build(body["filter"]), float(body.get("boost", 1)))

    def _dis_max(self, body: dict[str, Any]) -> tantivy.Query:
        require_keys(body, {"queries", "tie_breaker", "boost"}, "dis_max", {"_name"})
        queries = [self.build(part) for part in body.get("queries", [])]
        if not queries:
            raise ParsingError("[dis_max] requires 'queries' field with at least one clause")
        query = tantivy.Query.disjunction_max_query(queries, float(body.get("tie_breaker", 0)))
        return boosted(query, body.get("boost"))

    def _term(self, body: dict[str, Any]) -> tantivy.Query:
        path, options = single(body, "term")
        if not isinstance(options, dict):
            options = {"value": options}
        require_keys(options, {"value", "boost"}, "term", {"case_insensitive", "_name"})
        field = self.mapping.field(path)
        if field is None:
            return self._meta_term(path, options.get("value"))
        return boosted(self.term(field, options.get("value")), options.get("boost"))

    def _meta_term(self, path: str, value: Any) -> tantivy.Query:
        if path == "_id":
            return self._ids({"values": [value]})
        return tantivy.Query.empty_query()

    def term(self, field: Field, value: Any) -> tantivy.Query:
        """A single value: numbers score 1, keywords and text by BM25."""
        try:
            term = str(value) if field.kind == "text" else field.term(value)
        except ValueError as error:
            raise ParsingError(f"failed to create query: {error}", "query_shard_exception") from error
        query = tantivy.Query.term_query(self.schema, self.column(field), term)
        if field.numeric:
            return tantivy.Query.const_score_query(query, 1.0)
        if field.kind == "text":
            self.highlights.term(field.path, str(term))
        return query

    def _terms(self, body: dict[str, Any]) -> tantivy.Query:
        body = dict(body)
        boost = body.pop("boost", None)
        path, values = single(body, "terms")
        if not isinstance(values, list):
            raise (
                Unsupported("terms lookup")
                if isinstance(values, dict)
                else ParsingError(f"[terms] query requires an array of terms for [{path}]")
            )
        if len(values) > _MAX_TERMS:
            raise IllegalArgument(
                f"The number of terms [{len(values)}] used in the Terms Query request has exceeded the "
                "allowed "
                f"maximum of [{_MAX_TERMS}]."
            )
        field = self.mapping.field(path)
        if field is None:
            return self._ids({"values": values}) if path == "_id" else tantivy.Query.empty_query()
        try:
            terms = [str(value) if field.kind == "text" else field.term(value) for value in values]
        except ValueError as error:
            raise ParsingError(f"failed to create query: {error}", "query_shard_exception") from error
        if not terms:
            return tantivy.Query.empty_query()
        query = tantivy.Query.term_set_query(self.schema, self.column(field), terms)
        return tantivy.Query.const_score_query(query, float(boost or 1))

    def _prefix(self, body: dict[str, Any]) -> tantivy.Query:
        path, options = single(body, "prefix")
        if not isinstance(options, dict):
            options = {"value": options}
        require_keys(options, {"value", "boost"}, "prefix", {"rewrite", "case_insensitive", "_name"})
        field = self.mapping.field(path)
        if field is None:
            return tantivy.Query.empty_query()
        if field.numeric:
            raise ParsingError(
                f"Can only use prefix queries on keyword, text and wildcard fields - not on [{path}] "
                "which is of "
                f"type [{field.kind}]",
                "query_shard_exception",
            )
        value = str(options.get("value", ""))
        value = field.normalizer.normalize(value) if field.normalizer and value else value
        return tantivy.Query.const_score_query(self.prefix_terms(field, value), float(options.get("boost", 1)))

    def prefix_terms(self, field: Field, prefix: str) -> tantivy.Query:
        """Documents with a term that starts with ``prefix``."""
        pattern = "".join(f"\\{char}" if re.match(r"[^\w\s]", char) and ord(char) < 128 else char for char in prefix)
        return tantivy.Query.regex_query(self.schema, self.column(field), pattern + "(.|\\n)*")

    def _range(self, body: dict[str, Any]) -> tantivy.Query:
        path, options = single(body, "range")
        require_keys(
            options,
            {"gt", "gte", "lt", "lte", "boost"},
            "range",
            {"format", "time_zone", "relation", "_name"},
        )
        field = self.mapping.field(path)
        if field is None:
            return tantivy.Query.empty_query()
        if not field.numeric:
            raise Unsupported(f"range on [{field.kind}] field [{path}]")
        low, high = _bound(field, options, "gt"), _bound(field, options, "lt")
        if low is None and high is None:
            return self._exists({"field": path})
        query = tantivy.Query.range_query(
            self.schema, self.column(field), tantivy.FieldType.Integer, low, high, True, True
        )
        return tantivy.Query.const_score_query(query, float(options.get("boost", 1)))

    def _exists(self, body: dict[str, Any]) -> tantivy.Query:
        require_keys(body, {"field", "boost"}, "exists", {"_name"})
        query = tantivy.Query.term_query(self.schema, "_fields", str(body.get("field")))
        return tantivy.Query.const_score_query(query, float(body.get("boost", 1)))

    def _ids(self, body: dict[str, Any]) -> tantivy.Query:
        require_keys(body, {"values", "boost"}, "ids", {"_name"})
        values = [str(value) for value in body.get("values", [])]
        if not values:
            return tantivy.Query.empty_query()
        query = tantivy.Query.term_set_query(self.schema, "_id", values)
        return tantivy.Query.const_score_query(query, float(body.get("boost", 1)))


def total(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """How many documents match."""
    # tantivy's type stub forgets this attribute of a search result.
    return int(searcher.search(query, 1, count=True).count)  # type: ignore[attr-defined]


def single(body: dict[str, Any], kind: str) -> tuple[str, Any]:
    """The one field of a leaf query."""
    if len(body) != 1:
        raise ParsingError(f"[{kind}] query doesn't support multiple fields, found {sorted(body)}")
    ((path, options),) = body.items()
    return path, options


def _clause(kind: str, query: tantivy.Query) -> tuple[tantivy.Occur, tantivy.Query]:
    if kind == "filter":
        return tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)
    occur = {"must": tantivy.Occur.Must, "should": tantivy.Occur.Should, "must_not": tantivy.Occur.MustNot}[kind]
    return occur, query


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
