"""Shared by all parts of the query language: the index's fields, dispatch by name, terms to highlight.

Other queries are refused. Source: opensearch.org, Query DSL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tantivy

from emulation.search.errors import ParsingError, Unsupported
from emulation.search.mapping import Field
from emulation.search.mapping import Mapping as Fields
from emulation.search.segments import Segments

_KNOWN_QUERIES = {
    "boosting", "combined_fields", "common", "distance_feature", "function_score", "fuzzy",
    "geo_bounding_box",
    "geo_distance", "has_child", "has_parent", "hybrid", "intervals", "knn", "more_like_this", "nested",
    "neural",
    "parent_id", "percolate", "query_string", "rank_feature", "regexp", "script", "script_score",
    "simple_query_string", "span_term", "span_near", "terms_set", "wildcard", "wrapper",
}  # fmt: skip


@dataclass
class HighlightTerms:
    """Per field: terms (or prefixes) to mark wherever they stand, and phrases to mark only as a whole."""

    terms: dict[str, set[str]] = field(default_factory=dict)
    prefixes: dict[str, set[str]] = field(default_factory=dict)
    phrases: dict[str, list[list[tuple[int, str]]]] = field(default_factory=dict)
    #: (term, most edits, characters at the beginning that must be the same)
    nearly: dict[str, set[tuple[str, int, int]]] = field(default_factory=dict)

    def term(self, path: str, text: str) -> None:
        self.terms.setdefault(path, set()).add(text)

    def near(self, path: str, text: str, distance: int, prefix_length: int) -> None:
        self.nearly.setdefault(path, set()).add((text, distance, prefix_length))

    def prefix(self, path: str, text: str) -> None:
        self.prefixes.setdefault(path, set()).add(text)

    def phrase(self, path: str, words: list[tuple[int, str]]) -> None:
        self.phrases.setdefault(path, []).append(words)


class QueryBuilder:
    """Builds one request's queries and remembers which terms to highlight.

    Args:
        mapping: the fields of the index.
        segments: gives the schema and the column of each field.
        kinds: what builds a query, by the name of its kind.
    """

    def __init__(self, mapping: Fields, segments: Segments, kinds: Mapping[str, Kind]) -> None:
        self.mapping = mapping
        self.segments = segments
        self.schema = segments.schema
        self.highlights = HighlightTerms()
        self._kinds = kinds

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
        return handler(self, inner)

    def build_unmarked(self, body: Any) -> tantivy.Query:
        """Build a query whose terms are not highlighted."""
        kept, self.highlights = self.highlights, HighlightTerms()
        try:
            return self.build(body)
        finally:
            self.highlights = kept

    def column(self, target: Field) -> str:
        return self.segments.column(target)


#: Builds the query of one kind from what stands below its name.
Kind = Callable[[QueryBuilder, dict[str, Any]], tantivy.Query]


def boosted(query: tantivy.Query, boost: Any) -> tantivy.Query:
    return query if boost is None or float(boost) == 1.0 else tantivy.Query.boost_query(query, float(boost))


def single(body: dict[str, Any], kind: str) -> tuple[str, Any]:
    """The one field of a leaf query."""
    if len(body) != 1:
        raise ParsingError(f"[{kind}] query doesn't support multiple fields, found {sorted(body)}")
    ((path, options),) = body.items()
    return path, options
