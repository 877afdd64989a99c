"""Ordered pages of matches: several sort keys, ties and ``search_after`` exactly as OpenSearch orders them.

tantivy orders by one key. The first key picks candidates; they are fetched further until the tie at the
page's end is
whole, and the remaining keys decide.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

import tantivy

from emulation.search.builder import QueryBuilder
from emulation.search.errors import IllegalArgument, ParsingError, Unsupported, require_keys
from emulation.search.mapping import Field

_MARGIN = 32
Key = tuple[Any, ...]


@dataclass(frozen=True)
class SortKey:
    """``field`` is None for ``_score``."""

    field: Field | None
    descending: bool


@dataclass(frozen=True)
class Ranked:
    """One match: its address in the index snapshot, its score and sort values (missing: None)."""

    address: tantivy.DocAddress
    score: float | None
    values: Key


def parse_sort(builder: QueryBuilder, body: Any) -> list[SortKey]:
    """The ``sort`` of a request; none means ``_score``."""
    keys: list[SortKey] = []
    for item in body if isinstance(body, list) else [body] if body else []:
        if isinstance(item, str):
            item = {item: {}}
        if not isinstance(item, dict) or len(item) != 1:
            raise ParsingError("malformed sort format, an entry must be a field name or an object with one field")
        ((path, options),) = item.items()
        if isinstance(options, str):
            options = {"order": options}
        require_keys(
            options,
            {"order", "missing"},
            "sort",
            {"mode", "nested", "unmapped_type", "format", "numeric_type"},
        )
        if options.get("missing", "_last") != "_last":
            raise Unsupported("sort with missing other than _last")
        order = options.get("order", "desc" if path == "_score" else "asc")
        if order not in {"asc", "desc"}:
            raise ParsingError(f"Unknown SortOrder [{order}]", "illegal_argument_exception")
        if path.startswith("_") and path != "_score":
            raise Unsupported(f"sort by [{path}]")
        keys.append(SortKey(None if path == "_score" else builder.mapping.require_values(path), order == "desc"))
    if keys and keys[0].field is None and not keys[0].descending:
        raise Unsupported("sort by rising _score")
    return keys


def parse_after(keys: list[SortKey], body: Any) -> Key | None:
    if body is None:
        return None
    if not keys:
        raise IllegalArgument("Sort must contain at least one field.")
    if not isinstance(body, list) or len(body) != len(keys):
        raise IllegalArgument(f"search_after has {len(body)} value(s) but sort has {len(keys)}.")
    values: list[Any] = []
    for key, value in zip(keys, body, strict=True):
        try:
            if value is None:
                values.append(None)
            else:
                values.append(float(value) if key.field is None else key.field.term(value))
        except (TypeError, ValueError) as error:
            raise ParsingError(
                f"Failed to parse search_after value for field: {error}", "illegal_argument_exception"
            ) from error
    return tuple(values)


def _order(keys: list[SortKey]) -> Callable[[Key, Key], int]:
    def compare(left: Key, right: Key) -> int:
        for key, a, b in zip(keys, left, right, strict=True):
            if a == b:
                continue
            if a is None or b is None:
                return 1 if a is None else -1
            return (-1 if a > b else 1) if key.descending else (-1 if a < b else 1)
        return 0

    return compare


class Ranking:
    """Fetches the first matches of one query in the order of ``keys``."""

    def __init__(self, searcher: tantivy.Searcher, builder: QueryBuilder, keys: list[SortKey]) -> None:
        self._searcher, self._builder = searcher, builder
        self._explicit = bool(keys)
        self._keys = keys or [SortKey(None, True)]
        self._compare = _order(self._keys)

    def top(self, query: tantivy.Query, count: int, after: Key | None) -> list[Ranked]:
        """The first ``count`` matches that follow ``after``."""
        first = self._keys[0]
        if first.field is None:
            return self._fetch(query, count, after, None)
        has = tantivy.Query.term_query(self._builder.schema, "_fields", first.field.path)
        has = tantivy.Query.const_score_query(has, 0.0)
        found: list[Ranked] = []
        if after is None or after[0] is not None:
            found = self._fetch(self._with(query, has, after), count, after, first.field)
        if len(found) < count:
            without = [(tantivy.Occur.Must, query), (tantivy.Occur.MustNot, has)]
            found += self._fetch(tantivy.Query.boolean_query(without), count - len(found), after, None)
        return found

    def _with(self, query: tantivy.Query, has: tantivy.Query, after: Key | None) -> tantivy.Query:
        clauses = [(tantivy.Occur.Must, query), (tantivy.Occur.Must, has)]
        field = self._keys[0].field
        if after is not None and field is not None and field.numeric:
            low, high = (None, after[0]) if self._keys[0].descending else (after[0], None)
            window = tantivy.Query.range_query(
                self._builder.schema, self._builder.column(field), tantivy.FieldType.Integer, low, high
            )
            clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(window, 0.0)))
        return tantivy.Query.boolean_query(clauses)

    def _fetch(self, query: tantivy.Query, count: int, after: Key | None, by: Field | None) -> list[Ranked]:
        limit = count + _MARGIN
        while True:
            hits = self._search(query, limit, by)
            exhausted = len(hits) < limit
            ranked = self._rank(hits, by is not None)
            if after is not None:
                ranked = [one for one in ranked if self._compare(one.values, after) > 0]
            # Matches that tie with the last one fetched may still be missing: they do not count yet.
            edge = hits[-1][0] if hits else None
            lead = 0 if by is not None or self._keys[0].field is None else None
            sure = sum(1 for one in ranked if lead is not None and one.values[lead] != edge)
            if exhausted or sure >= count:
                if self._explicit:
                    ranked.sort(key=cmp_to_key(lambda a, b: self._compare(a.values, b.values)))
                return ranked[:count]
            limit *= 4

    def _search(self, query: tantivy.Query, limit: int, by: Field | None) -> list[tuple[Any, tantivy.DocAddress]]:
        if by is None:
            return self._searcher.search(query, limit, count=False).hits
        order = tantivy.Order.Desc if self._keys[0].descending else tantivy.Order.Asc
        column = self._builder.column(by)
        return self._searcher.search(query, limit, count=False, order_by_field=column, order=order).hits

    def _rank(self, hits: list[tuple[Any, tantivy.DocAddress]], by_field: bool) -> list[Ranked]:
        addresses = [address for _, address in hits]
        columns: list[list[Any]] = []
        for number, key in enumerate(self._keys):
            if key.field is None:
                columns.append([None if by_field else score for score, _ in hits])
            elif number == 0 and by_field:
                columns.append([value for value, _ in hits])
            elif key.field.numeric:
                columns.append(self._searcher.fast_field_values(self._builder.column(key.field), addresses))
            else:
                columns.append([self._stored(address, key) for address in addresses])
        scored = self._keys[0].field is None
        return [
            Ranked(address, score if scored else None, values)
            for (score, address), values in zip(hits, zip(*columns, strict=True), strict=True)
        ]

    def _stored(self, address: tantivy.DocAddress, key: SortKey) -> Any:
        """The sort value of a keyword field: its least (rising) or greatest (falling) value."""
        assert key.field is not None
        source = json.loads(bytes(self._searcher.doc(address).get_first("_source") or b"{}"))
        value = source.get(key.field.source)
        values = [key.field.term(one) for one in (value if isinstance(value, list) else [value]) if one is not None]
        if not values:
            return None
        return max(values) if key.descending else min(values)
