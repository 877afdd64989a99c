"""Maps kinds of OpenSearch queries to the modules that build them for tantivy."""

from __future__ import annotations

import tantivy

from emulation.search import compound, termquery, textquery
from emulation.search.builder import Kind, QueryBuilder
from emulation.search.mapping import Mapping
from emulation.search.segments import Segments

_KINDS: dict[str, Kind] = {
    "match_all": compound.match_all,
    "match_none": compound.match_none,
    "bool": compound.boolean,
    "constant_score": compound.constant_score,
    "dis_max": compound.dis_max,
    "term": termquery.term,
    "terms": termquery.terms,
    "prefix": termquery.prefix,
    "range": termquery.range_of,
    "exists": termquery.exists,
    "ids": termquery.ids,
    "match": textquery.match,
    "match_phrase": textquery.match_phrase,
    "match_phrase_prefix": textquery.match_phrase_prefix,
    "match_bool_prefix": textquery.match_bool_prefix,
    "multi_match": textquery.multi_match,
}


def query_builder(mapping: Mapping, segments: Segments) -> QueryBuilder:
    """For one request on one index."""
    return QueryBuilder(mapping, segments, _KINDS)


def total(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """How many documents match."""
    # tantivy's type stub forgets this attribute of a search result.
    return int(searcher.search(query, 1, count=True).count)  # type: ignore[attr-defined]
