"""Features that only a real OpenSearch has are refused with OpenSearch's messages, never approximated."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.contract.search_fixtures import Posts, embedded_only

pytestmark = embedded_only

SEARCHES: list[dict[str, Any]] = [
    {"query": {"query_string": {"query": "x"}}},
    {"query": {"function_score": {"query": {"match_all": {}}}}},
    {"query": {"wildcard": {"tags": "a*"}}},
    {"query": {"match": {"text": {"query": "x", "analyzer": "standard"}}}},
    {"query": {"multi_match": {"query": "x", "fields": ["text"], "type": "cross_fields"}}},
    {"query": {"multi_match": {"query": "x", "fields": ["te*"]}}},
    {"query": {"range": {"id": {"gte": "a"}}}},
    {"query": {"terms": {"tags": {"index": "x", "id": "1", "path": "y"}}}},
    {"suggest": {"s": {"text": "x", "term": {"field": "text"}}}},
    {"script_fields": {}},
    {"collapse": {"field": "authorId"}},
    {"sort": [{"createdAt": {"order": "asc", "missing": "_first"}}]},
    {"sort": ["_doc"]},
    {"aggs": {"x": {"percentiles": {"field": "createdAt"}}}},
    {"aggs": {"x": {"terms": {"field": "tags", "min_doc_count": 0}}}},
    {"aggs": {"x": {"date_histogram": {"field": "createdAt", "calendar_interval": "month"}}}},
    {"aggs": {"x": {"terms": {"field": "tags"}, "aggs": {"y": {"filter": {"match_all": {}}}}}}},
    {"highlight": {"fields": {"text": {}}}},
    {"highlight": {"number_of_fragments": 0, "type": "plain", "fields": {"text": {}}}},
]


@pytest.mark.parametrize("body", SEARCHES, ids=lambda body: str(body)[:60])
def test_unsupported_searches_are_refused(posts: Posts, search_url: str, body: dict[str, Any]) -> None:
    answer = httpx.post(f"{search_url}/{posts.name}/_search", json=body, timeout=60)
    assert answer.status_code == 501, answer.text
    error = answer.json()["error"]
    assert error["type"] == "unsupported_operation_exception"
    assert "embedded search engine" in error["reason"]


MAPPINGS: list[dict[str, Any]] = [
    {},
    {"dynamic": "true"},
    {"dynamic": "strict", "properties": {"a": {"properties": {}}}},
    {"dynamic": "strict", "properties": {"a": {"type": "keyword", "copy_to": "b"}}},
    {"dynamic": "strict", "properties": {"a": {"type": "date", "format": "yyyy"}}},
]


@pytest.mark.parametrize("mappings", MAPPINGS, ids=str)
def test_unsupported_mappings_create_no_index(search_url: str, index_name: str, mappings: dict[str, Any]) -> None:
    answer = httpx.put(f"{search_url}/{index_name}", json={"mappings": mappings}, timeout=60)
    assert answer.status_code == 501, answer.text
    assert httpx.head(f"{search_url}/{index_name}", timeout=60).status_code == 404


@pytest.mark.parametrize(
    ("analysis", "status"),
    [
        ({"analyzer": {"a": {"type": "custom", "tokenizer": "icu_tokenizer"}}}, 501),
        ({"analyzer": {"a": {"type": "english"}}}, 501),
        (
            {
                "tokenizer": {"t": {"type": "kuromoji_tokenizer", "mode": "normal"}},
                "analyzer": {"a": {"tokenizer": "t"}},
            },
            501,
        ),
        ({"analyzer": {"a": {"tokenizer": "standard", "filter": ["synonym"]}}}, 501),
        ({"analyzer": {"a": {"type": "custom"}}}, 400),
        ({"analysers": {}}, 400),
    ],
)
def test_unsupported_analysis_is_refused(
    search_url: str, index_name: str, analysis: dict[str, Any], status: int
) -> None:
    body = {"settings": {"analysis": analysis}, "mappings": {"dynamic": "strict"}}
    assert httpx.put(f"{search_url}/{index_name}", json=body, timeout=60).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/{index}/_update/a", 400),
        ("POST", "/_reindex", 405),
        ("GET", "/_nodes/stats", 400),
        ("PATCH", "/{index}/_search", 405),
        ("POST", "/{index}/_delete_by_query", 400),
        ("GET", "/*/_search", 501),
        ("GET", "/{index}/_search?scroll=1m", 400),
        ("PUT", "/{index}/_mapping", 501),
        ("PUT", "/Bad,Name", 400),
    ],
)
def test_unsupported_routes_and_parameters_are_refused(
    posts: Posts, search_url: str, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, search_url + path.format(index=posts.name), timeout=60)
    assert answer.status_code == status, answer.text
    assert "error" in answer.json()


def test_broken_json_is_refused(posts: Posts, search_url: str) -> None:
    answer = httpx.post(f"{search_url}/{posts.name}/_search", content=b'{"query": ', timeout=60)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "json_parse_exception")


def test_bulk_updates_and_unknown_item_keys_are_refused(posts: Posts, search_url: str) -> None:
    for line in ('{"update": {"_id": "a"}}\n{"doc": {}}\n', '{"index": {"_id": "a", "if_seq_no": 1}}\n{}\n'):
        answer = httpx.post(f"{search_url}/{posts.name}/_bulk", content=line, timeout=60)
        assert answer.status_code == 501, answer.text


def test_the_embedded_engine_identifies_itself(search_url: str) -> None:
    answer = httpx.get(search_url, timeout=60).json()
    assert "not an OpenSearch node" in answer["tagline"]
    assert answer["version"]["build_type"] == "embedded"
