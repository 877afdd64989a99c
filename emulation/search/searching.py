"""One ``_search`` or ``_count`` request, from body to answer."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import tantivy

from emulation.search import aggregations
from emulation.search.errors import IllegalArgument, ParsingError, require_keys
from emulation.search.highlight import Highlighter
from emulation.search.index import Index
from emulation.search.query import query_builder, total
from emulation.search.sorting import Ranked, Ranking, parse_after, parse_sort

_KEYS = {
    "query", "from", "size", "sort", "search_after", "_source", "aggs", "aggregations", "highlight",
    "track_total_hits", "version",
}  # fmt: skip
_KNOWN = {
    "collapse", "docvalue_fields", "explain", "ext", "fields", "indices_boost", "min_score", "pit",
    "post_filter",
    "profile", "rescore", "script_fields", "seq_no_primary_term", "slice", "stats", "stored_fields",
    "suggest",
    "terminate_after", "timeout", "track_scores", "include_named_queries_score", "search_pipeline", "derived",
}  # fmt: skip
_TRACKED = 10_000


def search(index: Index, body: dict[str, Any]) -> dict[str, Any]:
    """Answer a search. Runs in a worker thread: it may take milliseconds. Raises SearchError."""
    started = time.perf_counter()
    require_keys(body, _KEYS, "search", _KNOWN)
    builder = query_builder(index.mapping, index.segments)
    query = builder.build(body.get("query", {"match_all": {}}))
    keys = parse_sort(builder, body.get("sort"))
    after = parse_after(keys, body.get("search_after"))
    offset, size = _window(index, body)
    highlighter = Highlighter(body["highlight"], index.mapping, builder.highlights) if "highlight" in body else None
    wanted = _source_filter(body.get("_source", True))
    searcher = index.segments.searcher()
    page: list[Ranked] = []
    if size:
        page = Ranking(searcher, builder, keys).top(query, offset + size, after)[offset:]
    shown = _Shown(index.name, wanted, highlighter, with_version=bool(body.get("version")), with_sort=bool(keys))
    hits = [shown.hit(searcher.doc(ranked.address), ranked) for ranked in page]
    answer: dict[str, Any] = {
        "timed_out": False,
        "_shards": shards(),
        "hits": _hits(searcher, query, body, hits),
    }
    definitions = body.get("aggs", body.get("aggregations"))
    if definitions:
        answer["aggregations"] = aggregations.run(searcher, builder, query, definitions)
    return {"took": round((time.perf_counter() - started) * 1000), **answer}


@dataclass(frozen=True)
class _Shown:
    """What each hit shows; ``wanted``: keys of the source, all when None, no source when empty."""

    index: str
    wanted: set[str] | None
    highlighter: Highlighter | None
    with_version: bool
    with_sort: bool

    def hit(self, document: tantivy.Document, ranked: Ranked) -> dict[str, Any]:
        source = json.loads(bytes(document.get_first("_source") or b"{}"))
        hit: dict[str, Any] = {"_index": self.index, "_id": document.get_first("_id"), "_score": ranked.score}
        if self.with_version:
            hit["_version"] = document.get_first("_version")
        if self.wanted is None:
            hit["_source"] = source
        elif self.wanted:
            hit["_source"] = {key: value for key, value in source.items() if key in self.wanted}
        if self.highlighter and (marked := self.highlighter.highlight(source)):
            hit["highlight"] = marked
        if self.with_sort:
            hit["sort"] = list(ranked.values)
        return hit


def count(index: Index, body: dict[str, Any]) -> dict[str, Any]:
    """Answer ``_count``."""
    require_keys(body, {"query"}, "count")
    builder = query_builder(index.mapping, index.segments)
    query = builder.build(body.get("query", {"match_all": {}}))
    return {"count": total(index.segments.searcher(), query), "_shards": shards()}


def shards() -> dict[str, int]:
    return {"total": 1, "successful": 1, "skipped": 0, "failed": 0}


def _hits(
    searcher: tantivy.Searcher, query: tantivy.Query, body: dict[str, Any], hits: list[dict[str, Any]]
) -> dict[str, Any]:
    scores = [hit["_score"] for hit in hits if hit["_score"] is not None]
    out: dict[str, Any] = {"max_score": scores[0] if scores and not body.get("sort") else None, "hits": hits}
    track = body.get("track_total_hits", _TRACKED)
    if track is False:
        return out
    matches = total(searcher, query)
    if track is True:
        out["total"] = {"value": matches, "relation": "eq"}
    elif isinstance(track, int) and track >= 0:
        out["total"] = {"value": min(matches, track), "relation": "gte" if matches > track else "eq"}
    else:
        raise IllegalArgument(f"[track_total_hits] parameter must be positive or equals to -1, got {track}")
    return out


def _window(index: Index, body: dict[str, Any]) -> tuple[int, int]:
    offset, size = body.get("from", 0), body.get("size", 10)
    for name, value in (("from", offset), ("size", size)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise IllegalArgument(f"[{name}] parameter cannot be negative, found [{value}]")
    if body.get("search_after") is not None and offset:
        raise ParsingError(
            "`from` parameter must be set to 0 when `search_after` is used.", "illegal_argument_exception"
        )
    if offset + size > index.result_window:
        raise IllegalArgument(
            "Result window is too large, from + size must be less than or equal to: "
            f"[{index.result_window}] but was "
            f"[{offset + size}]. See the scroll api for a more efficient way to request large data "
            "sets. This limit "
            "can be set by changing the [index.max_result_window] index level setting."
        )
    return offset, size


def _source_filter(value: Any) -> set[str] | None:
    """None: everything. Empty: no source at all."""
    if value is True:
        return None
    if value is False:
        return set()
    names = [value] if isinstance(value, str) else value
    if isinstance(names, dict):
        require_keys(names, {"includes"}, "_source", {"excludes"})
        names = names.get("includes", [])
    if not isinstance(names, list) or any(not isinstance(name, str) or "*" in name for name in names):
        raise ParsingError("[_source] expected true, false or plain field names")
    return set(names)
