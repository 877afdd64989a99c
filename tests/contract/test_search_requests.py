"""Sorting, pages, totals, sources and aggregations. Source: opensearch.org, Search API, Aggregations."""

from __future__ import annotations

from typing import Any

import pytest
from opensearchpy.exceptions import RequestError

from tests.contract.search_fixtures import Posts

ALL = {"match_all": {}}
DAY = 86_400_000


def hits(answer: dict[str, Any]) -> list[str]:
    return [hit["_id"] for hit in answer["hits"]["hits"]]


def test_sorting_by_several_keys_with_values_in_the_answer(posts: Posts) -> None:
    posts.put(
        {"lang": "ja", "createdAt": "2026-01-01T00:00:00Z"},
        {"lang": "en", "createdAt": "2026-01-02T00:00:00Z"},
        {"lang": "en", "createdAt": "2026-01-01T00:00:00Z"},
        {"createdAt": "2026-01-03T00:00:00Z"},
    )
    answer = posts.search(ALL, sort=[{"createdAt": "desc"}, {"id": {"order": "asc"}}])
    assert hits(answer) == ["p3", "p1", "p0", "p2"]
    assert answer["hits"]["hits"][0]["sort"] == [1767398400000, "p3"]
    assert answer["hits"]["hits"][0]["_score"] is None
    assert answer["hits"]["max_score"] is None
    by_word = posts.search(ALL, sort=[{"lang": "asc"}, {"createdAt": "asc"}])
    assert hits(by_word) == ["p2", "p1", "p0", "p3"]
    assert by_word["hits"]["hits"][3]["sort"][0] is None


@pytest.mark.parametrize(
    "sort",
    [
        [{"createdAt": "desc"}, {"id": "desc"}],
        [{"createdAt": "asc"}, {"id": "desc"}],
        [{"_score": "desc"}, {"createdAt": "desc"}, {"id": "asc"}],
        [{"lang": "asc"}, {"id": "asc"}],
    ],
)
def test_search_after_walks_through_ties_without_gap_or_double(posts: Posts, sort: list[dict[str, str]]) -> None:
    langs = ["ja", "en", None]
    posts.put(
        *(
            {"text": "花" if n % 2 else "花 花", "createdAt": f"2026-01-01T00:00:0{n % 4}Z", "lang": langs[n % 3]}
            for n in range(90)
        )
    )
    query = {"match": {"text": "花"}}
    whole = hits(posts.search(query, sort=sort, size=100))
    assert len(set(whole)) == 90
    walked: list[str] = []
    after: dict[str, Any] = {}
    while page := posts.search(query, sort=sort, size=7, **after)["hits"]["hits"]:
        walked += [hit["_id"] for hit in page]
        after = {"search_after": page[-1]["sort"]}
    assert walked == whole


def test_from_and_size_select_a_page_of_ten_by_default(posts: Posts) -> None:
    posts.add(*("x" for _ in range(15)))
    by_id = [{"createdAt": "asc"}]
    assert len(hits(posts.search(ALL))) == 10
    answer = posts.search(ALL, **{"from": 12, "size": 5, "sort": by_id})
    assert hits(answer) == ["p12", "p13", "p14"]
    assert hits(posts.search(ALL, size=0)) == []


def test_totals_are_exact_bounded_or_absent(posts: Posts) -> None:
    posts.add(*("x" for _ in range(12)))
    assert posts.search(ALL)["hits"]["total"] == {"value": 12, "relation": "eq"}
    assert posts.search(ALL, track_total_hits=True)["hits"]["total"] == {"value": 12, "relation": "eq"}
    assert posts.search(ALL, track_total_hits=5)["hits"]["total"] == {"value": 5, "relation": "gte"}
    assert "total" not in posts.search(ALL, track_total_hits=False)["hits"]


def test_source_can_be_left_out_or_picked(posts: Posts) -> None:
    posts.put({"text": "x", "lang": "ja"})
    assert "_source" not in posts.search(ALL, _source=False)["hits"]["hits"][0]
    assert posts.search(ALL, _source=["lang"])["hits"]["hits"][0]["_source"] == {"lang": "ja"}
    assert posts.search(ALL, _source="text")["hits"]["hits"][0]["_source"] == {"text": "x"}


def test_terms_aggregations_count_order_and_sum_the_rest(posts: Posts) -> None:
    posts.put(
        {"tags": ["a", "B"], "authorId": "u1"},
        {"tags": ["a"], "authorId": "u1"},
        {"tags": ["b", "c"], "authorId": "u2"},
        {"tags": ["a"], "authorId": "u1"},
    )
    body = {"tags": {"terms": {"field": "tags", "size": 2}}, "all": {"cardinality": {"field": "tags"}}}
    aggs = posts.search(ALL, size=0, aggs=body)["aggregations"]
    assert aggs["all"]["value"] == 3
    assert aggs["tags"]["buckets"] == [{"key": "a", "doc_count": 3}, {"key": "b", "doc_count": 2}]
    assert aggs["tags"]["sum_other_doc_count"] == 1
    people = {"people": {"cardinality": {"field": "authorId"}}}
    order = [{"people": "desc"}, {"_count": "desc"}]
    by_people = {"tags": {"terms": {"field": "tags", "size": 3, "order": order}, "aggs": people}}
    buckets = posts.search(ALL, size=0, aggs=by_people)["aggregations"]["tags"]["buckets"]
    assert [(b["key"], b["doc_count"], b["people"]["value"]) for b in buckets] == [
        ("b", 2, 2),
        ("a", 3, 1),
        ("c", 1, 1),
    ]
    by_key = {"tags": {"terms": {"field": "tags", "order": {"_key": "desc"}, "include": ["a", "c"]}}}
    buckets = posts.search(ALL, size=0, aggs=by_key)["aggregations"]["tags"]["buckets"]
    assert [b["key"] for b in buckets] == ["c", "a"]


def test_aggregations_count_only_documents_of_the_query(posts: Posts) -> None:
    posts.put({"text": "猫", "lang": "ja"}, {"text": "犬", "lang": "ja"}, {"text": "cat", "lang": "en"})
    aggs = posts.search({"match": {"text": "猫"}}, size=0, aggs={"l": {"terms": {"field": "lang"}}})["aggregations"]
    assert aggs["l"]["buckets"] == [{"key": "ja", "doc_count": 1}]


def test_a_date_histogram_includes_empty_days(posts: Posts) -> None:
    posts.put(
        {"createdAt": "2026-01-01T10:00:00Z"},
        {"createdAt": "2026-01-01T23:59:59.999Z"},
        {"createdAt": "2026-01-03T00:00:00Z"},
    )
    first = 1767225600000
    for interval in ({"fixed_interval": "1d"}, {"calendar_interval": "day"}):
        body = {"days": {"date_histogram": {"field": "createdAt", **interval}}}
        buckets = posts.search(ALL, size=0, aggs=body)["aggregations"]["days"]["buckets"]
        assert [(b["key"], b["doc_count"]) for b in buckets] == [(first, 2), (first + DAY, 0), (first + 2 * DAY, 1)]
        assert buckets[0]["key_as_string"] == "2026-01-01T00:00:00.000Z"


def test_filters_hold_other_aggregations(posts: Posts) -> None:
    posts.put({"lang": "ja", "tags": ["x"]}, {"lang": "ja", "tags": ["x", "y"]}, {"lang": "en", "tags": ["y"]})
    named = {"filters": {"ja": {"term": {"lang": "ja"}}, "en": {"term": {"lang": "en"}}}}
    body = {
        "langs": {"filters": named, "aggs": {"tags": {"terms": {"field": "tags"}}}},
        "one": {"filter": {"term": {"tags": "y"}}},
        "newest": {"max": {"field": "createdAt"}},
    }
    aggs = posts.search(ALL, size=0, aggs=body)["aggregations"]
    assert aggs["langs"]["buckets"]["ja"]["doc_count"] == 2
    assert aggs["langs"]["buckets"]["ja"]["tags"]["buckets"][0] == {"key": "x", "doc_count": 2}
    assert aggs["one"]["doc_count"] == 2
    assert aggs["newest"]["value"] == 1767225602000.0


REFUSED_BY_BOTH: list[tuple[dict[str, Any], str]] = [
    ({"query": {"no_such_query": {}}}, "parsing_exception"),
    ({"query": {"match": {"text": {"query": "x", "colour": "red"}}}}, "parsing_exception"),
    ({"query": {"bool": {"might": []}}}, "x_content_parse_exception"),
    ({"query": {"range": {"createdAt": {"gte": "yesterday"}}}}, "parse_exception"),
    ({"query": {"range": {"createdAt": {"above": 1}}}}, "parsing_exception"),
    ({"query": {"match": {}}}, "parsing_exception"),
    ({"query": []}, "parsing_exception"),
    ({"colour": "red"}, "parsing_exception"),
    ({"size": -1}, "illegal_argument_exception"),
    ({"from": 9_995, "size": 10}, "illegal_argument_exception"),
    ({"search_after": [1]}, "illegal_argument_exception"),
    ({"sort": [{"createdAt": "asc"}], "search_after": [1, 2]}, "illegal_argument_exception"),
    ({"sort": [{"noSuchField": "asc"}]}, "query_shard_exception"),
    ({"sort": [{"text": "asc"}]}, "illegal_argument_exception"),
    ({"aggs": {"x": {"no_such_aggregation": {}}}}, "parsing_exception"),
    ({"aggs": {"x": {"terms": {"field": "text"}}}}, "illegal_argument_exception"),
]


@pytest.mark.parametrize(("body", "kind"), REFUSED_BY_BOTH, ids=lambda value: str(value)[:60])
def test_an_invalid_query_body_is_refused(posts: Posts, body: dict[str, Any], kind: str) -> None:
    with pytest.raises(RequestError) as refused:
        posts.client.search(index=posts.name, body=body)
    error = refused.value.info["error"]
    assert refused.value.status_code == 400
    assert kind in {error["type"], *(cause["type"] for cause in error["root_cause"])}
