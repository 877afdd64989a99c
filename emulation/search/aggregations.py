"""Aggregations: terms, date_histogram, filter(s), cardinality, min, max, sum, avg, value_count.

Buckets that tantivy can count in one pass are handed to it; ``filter`` and ``filters`` run one query a
bucket and may
hold the others, not the other way round. Source: opensearch.org, Aggregations.
"""

from __future__ import annotations

import re
from typing import Any

import tantivy

from emulation.search.builder import QueryBuilder
from emulation.search.errors import IllegalArgument, ParsingError, Unsupported, require_keys
from emulation.search.mapping import Field, format_date
from emulation.search.query import total

_METRICS = {"cardinality", "min", "max", "sum", "avg", "value_count"}
_KNOWN = {
    "adjacency_matrix", "auto_date_histogram", "composite", "date_range", "diversified_sampler",
    "extended_stats",
    "geo_bounds", "global", "histogram", "matrix_stats", "median_absolute_deviation", "missing", "nested",
    "percentile_ranks", "percentiles", "range", "rare_terms", "reverse_nested", "sampler", "scripted_metric",
    "significant_terms", "significant_text", "stats", "top_hits", "variable_width_histogram", "bucket_sort",
    "bucket_selector", "derivative", "moving_avg", "cumulative_sum",
}  # fmt: skip
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_CALENDAR = {"minute": "1m", "1m": "1m", "hour": "1h", "1h": "1h", "day": "1d", "1d": "1d"}
#: Terms are counted this far down before sorting, so that ties and custom orders come out as OpenSearch's.
_DEPTH = 10_000
_MOST_BUCKETS = 65_535


def run(
    searcher: tantivy.Searcher, builder: QueryBuilder, query: tantivy.Query, body: dict[str, Any]
) -> dict[str, Any]:
    """Results of all aggregations of one level, by name.

    Args:
        body: the ``aggs`` object.
    """
    native: dict[str, Any] = {}
    out: dict[str, Any] = {}
    for name, definition in body.items():
        kind, options, below = _split(name, definition)
        if kind in {"filter", "filters"}:
            out[name] = _filters(searcher, builder, query, kind, options, below)
        else:
            native[name] = _translate(builder, kind, options, below)
    if native:
        raw = searcher.aggregate(query, native)
        for name in native:
            kind, options, below = _split(name, body[name])
            out[name] = _present(builder, kind, options, below, raw[name])
    return out


def _split(name: str, definition: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    if not isinstance(definition, dict):
        raise ParsingError(f"Aggregation definition for [{name} starts with a [VALUE], expected a [START_OBJECT].")
    below: dict[str, Any] = definition.get("aggs") or definition.get("aggregations") or {}
    kinds = [key for key in definition if key not in {"aggs", "aggregations"}]
    if len(kinds) != 1:
        raise ParsingError(f"Expected exactly one aggregation type in [{name}], found {kinds}")
    kind = kinds[0]
    if kind not in _METRICS | {"terms", "date_histogram", "filter", "filters"}:
        if kind in _KNOWN or kind == "meta":
            raise Unsupported(f"aggregation [{kind}]")
        raise ParsingError(f"Unknown aggregation type [{kind}]")
    if below and kind in _METRICS:
        raise ParsingError(
            f"Aggregator [{name}] of type [{kind}] cannot accept sub-aggregations",
            "aggregation_initialization_exception",
        )
    return kind, definition[kind], below


def _filters(
    searcher: tantivy.Searcher,
    builder: QueryBuilder,
    query: tantivy.Query,
    kind: str,
    options: dict[str, Any],
    below: dict[str, Any],
) -> dict[str, Any]:
    if kind == "filter":
        return _bucket(searcher, builder, query, options, below)
    require_keys(options, {"filters"}, "filters", {"other_bucket", "other_bucket_key"})
    named = options.get("filters")
    if not isinstance(named, dict):
        raise Unsupported("anonymous filters")
    return {"buckets": {name: _bucket(searcher, builder, query, one, below) for name, one in named.items()}}


def _bucket(
    searcher: tantivy.Searcher,
    builder: QueryBuilder,
    query: tantivy.Query,
    condition: dict[str, Any],
    below: dict[str, Any],
) -> dict[str, Any]:
    both = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, builder.build(condition))])
    count = total(searcher, both)
    return {"doc_count": count, **run(searcher, builder, both, below)}


def _translate(builder: QueryBuilder, kind: str, options: dict[str, Any], below: dict[str, Any]) -> dict[str, Any]:
    """Into tantivy's aggregation request."""
    field = builder.mapping.require_values(str(options.get("field")))
    column = builder.column(field)
    if kind in _METRICS:
        require_keys(options, {"field", "precision_threshold"}, kind, {"missing", "script", "format"})
        if kind not in {"cardinality", "value_count"} and not field.numeric:
            raise IllegalArgument(
                f"Field [{field.path}] of type [{field.kind}] is not supported for aggregation [{kind}]"
            )
        return {kind: {"field": column}}
    if kind == "terms":
        translated = _translate_terms(builder, field, column, options)
    else:
        translated = _translate_histogram(field, column, options)
    if below:
        translated["aggs"] = {}
        for name, definition in below.items():
            sub_kind, sub_options, sub_below = _split(name, definition)
            if sub_kind in {"filter", "filters"}:
                raise Unsupported(f"aggregation [{sub_kind}] below [{kind}]")
            translated["aggs"][name] = _translate(builder, sub_kind, sub_options, sub_below)
    return translated


def _translate_terms(builder: QueryBuilder, field: Field, column: str, options: dict[str, Any]) -> dict[str, Any]:
    known = {
        "exclude",
        "missing",
        "shard_size",
        "show_term_doc_count_error",
        "collect_mode",
        "script",
        "execution_hint",
    }
    require_keys(options, {"field", "size", "order", "include", "min_doc_count"}, "terms", known)
    size = int(options.get("size", 10))
    if size <= 0:
        raise IllegalArgument(f"[size] must be greater than 0. Found [{size}] in [terms]")
    if int(options.get("min_doc_count", 1)) < 1:
        raise Unsupported("terms with min_doc_count 0")
    terms: dict[str, Any] = {"field": column, "size": max(size, _DEPTH), "segment_size": max(size, _DEPTH)}
    if "include" in options:
        include = options["include"]
        if field.numeric or not isinstance(include, str | list):
            raise Unsupported(f"include on [{field.kind}]")
        terms["include"] = include
    return {"terms": terms}


def _translate_histogram(field: Field, column: str, options: dict[str, Any]) -> dict[str, Any]:
    known = {"time_zone", "offset", "order", "keyed", "missing", "script", "hard_bounds"}
    allowed = {"field", "fixed_interval", "calendar_interval", "min_doc_count", "format", "extended_bounds"}
    require_keys(options, allowed, "date_histogram", known)
    if field.kind != "date":
        raise IllegalArgument(
            f"Field [{field.path}] of type [{field.kind}] is not supported for aggregation [date_histogram]"
        )
    if options.get("format", "strict_date_optional_time") != "strict_date_optional_time":
        raise Unsupported(f"date_histogram format [{options['format']}]")
    least = int(options.get("min_doc_count", 0))
    histogram: dict[str, Any] = {"field": column, "interval": _interval(options), "min_doc_count": least}
    if "extended_bounds" in options:
        bounds = options["extended_bounds"]
        histogram["extended_bounds"] = {side: field.term(bounds[side]) for side in ("min", "max")}
    return {"histogram": histogram}


def _interval(options: dict[str, Any]) -> int:
    """Milliseconds of one bucket."""
    text = options.get("fixed_interval")
    if text is None:
        calendar = str(options.get("calendar_interval"))
        if calendar not in _CALENDAR:
            raise Unsupported(f"calendar_interval [{calendar}]")
        text = _CALENDAR[calendar]
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", str(text))
    if not match or int(match[1]) == 0:
        raise IllegalArgument(f"failed to parse setting [date_histogram.fixedInterval] with value [{text}]")
    return int(match[1]) * _UNITS[match[2]]


def _present(
    builder: QueryBuilder, kind: str, options: dict[str, Any], below: dict[str, Any], raw: dict[str, Any]
) -> dict[str, Any]:
    """From tantivy's answer to OpenSearch's."""
    if kind in {"cardinality", "value_count"}:
        return {"value": int(raw["value"] or 0)}
    if kind in _METRICS:
        return {"value": raw["value"]}
    field = builder.mapping.require_values(str(options["field"]))
    buckets = [_present_bucket(builder, field, below, bucket) for bucket in raw["buckets"]]
    if kind == "date_histogram":
        if len(buckets) > _MOST_BUCKETS:
            raise IllegalArgument(
                f"Trying to create too many buckets. Must be less than or equal to: [{_MOST_BUCKETS}]"
            )
        return {"buckets": buckets}
    least = int(options.get("min_doc_count", 1))
    buckets = _ordered([bucket for bucket in buckets if bucket["doc_count"] >= least], options.get("order"))
    size = int(options.get("size", 10))
    others = int(raw.get("sum_other_doc_count") or 0) + sum(bucket["doc_count"] for bucket in buckets[size:])
    return {"doc_count_error_upper_bound": 0, "sum_other_doc_count": others, "buckets": buckets[:size]}


def _present_bucket(builder: QueryBuilder, field: Field, below: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
    key = raw["key"]
    bucket: dict[str, Any] = {"key": int(key) if field.numeric else key, "doc_count": raw["doc_count"]}
    if field.kind == "date":
        bucket["key_as_string"] = format_date(int(key))
    elif field.kind == "boolean":
        bucket["key_as_string"] = "true" if int(key) else "false"
    for name, definition in below.items():
        kind, options, deeper = _split(name, definition)
        bucket[name] = _present(builder, kind, options, deeper, raw[name])
    return bucket


def _ordered(buckets: list[dict[str, Any]], order: Any) -> list[dict[str, Any]]:
    """Buckets by descending count, or in the requested order; equal ones by key."""
    orders = order if isinstance(order, list) else [order or {"_count": "desc"}]
    buckets = sorted(buckets, key=lambda bucket: bucket["key"])
    for one in reversed(orders):
        if not isinstance(one, dict) or len(one) != 1:
            raise ParsingError("Must specify at least one field for [order]")
        ((name, direction),) = one.items()
        if direction not in {"asc", "desc"}:
            raise ParsingError(f"Unknown order direction [{direction}]")
        buckets = sorted(buckets, key=lambda bucket: _order_value(bucket, name), reverse=direction == "desc")
    return buckets


def _order_value(bucket: dict[str, Any], name: str) -> Any:
    if name in {"_count", "_key"}:
        return bucket["doc_count" if name == "_count" else "key"]
    metric = name.removesuffix(".value")
    if metric not in bucket or "value" not in bucket[metric]:
        raise ParsingError(
            f"Invalid aggregation order path [{name}]. The provided aggregation [{metric}] either does not exist",
            "aggregation_execution_exception",
        )
    return bucket[metric]["value"] or 0
