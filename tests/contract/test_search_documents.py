"""Documents, versions and bulk. Source: opensearch.org, Index document (``version_type``), Bulk API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, NotFoundError, RequestError

from services.search.mappings import INDICES
from tests.contract.search_fixtures import Posts


def doc(**fields: Any) -> dict[str, Any]:
    return {"id": "p", "text": "x", "visibility": "public", **fields}


def bulk(posts: Posts, *lines: dict[str, Any]) -> list[tuple[str, int, str | None]]:
    """(action, status, error type) of each item."""
    answer = posts.client.bulk(body=list(lines), index=posts.name, params={"refresh": "true"})
    found = []
    for item in answer["items"]:
        ((action, result),) = item.items()
        found.append((action, result["status"], result.get("error", {}).get("type")))
    assert answer["errors"] == any(kind for _, _, kind in found)
    return found


def put(doc_id: str, version: int | None = None, version_type: str = "external", **fields: Any) -> list[dict[str, Any]]:
    meta: dict[str, Any] = {"_id": doc_id}
    if version is not None:
        meta |= {"version": version, "version_type": version_type}
    return [{"index": meta}, doc(**fields)]


def drop(doc_id: str, version: int, version_type: str = "external_gte") -> dict[str, Any]:
    return {"delete": {"_id": doc_id, "version": version, "version_type": version_type}}


def test_a_document_is_read_back_at_once(posts: Posts) -> None:
    made = posts.client.index(index=posts.name, id="a", body=doc(text="京都"))
    assert (made["result"], made["_version"], made["_index"]) == ("created", 1, posts.name)
    again = posts.client.index(index=posts.name, id="a", body=doc(text="大阪"))
    assert (again["result"], again["_version"]) == ("updated", 2)
    found = posts.client.get(index=posts.name, id="a")
    assert (found["_source"]["text"], found["_version"], found["found"]) == ("大阪", 2, True)
    assert posts.client.exists(index=posts.name, id="a")
    gone = posts.client.delete(index=posts.name, id="a")
    assert (gone["result"], gone["_version"]) == ("deleted", 3)
    assert not posts.client.exists(index=posts.name, id="a")
    with pytest.raises(NotFoundError) as missing:
        posts.client.get(index=posts.name, id="a")
    assert missing.value.info["found"] is False


def test_create_refuses_an_existing_document(posts: Posts) -> None:
    posts.client.create(index=posts.name, id="a", body=doc())
    with pytest.raises(ConflictError) as refused:
        posts.client.create(index=posts.name, id="a", body=doc())
    assert refused.value.error == "version_conflict_engine_exception"
    posts.client.delete(index=posts.name, id="a")
    posts.client.create(index=posts.name, id="a", body=doc())


def test_a_document_is_replaced_only_by_a_newer_version(posts: Posts) -> None:
    assert bulk(posts, *put("a", 5)) == [("index", 201, None)]
    conflict = "version_conflict_engine_exception"
    assert bulk(posts, *put("a", 5), *put("a", 4), *put("a", 6)) == [
        ("index", 409, conflict),
        ("index", 409, conflict),
        ("index", 200, None),
    ]
    assert bulk(posts, *put("a", 6, "external_gte"), *put("a", 5, "external_gte")) == [
        ("index", 200, None),
        ("index", 409, conflict),
    ]


def test_a_conflict_names_both_versions(posts: Posts) -> None:
    params: dict[str, Any] = {"version": 5, "version_type": "external"}
    posts.client.index(index=posts.name, id="a", body=doc(), params=params)
    with pytest.raises(ConflictError) as refused:
        posts.client.index(index=posts.name, id="a", body=doc(), params={**params, "version": 3})
    error = refused.value.info["error"]
    assert error["reason"] == ("[a]: version conflict, current version [5] is higher or equal to the one provided [3]")
    assert error["root_cause"][0]["type"] == error["type"] == "version_conflict_engine_exception"
    assert refused.value.info["status"] == 409


def test_a_delete_keeps_the_version_of_the_document(posts: Posts) -> None:
    assert bulk(posts, *put("a", 3), drop("a", 4)) == [("index", 201, None), ("delete", 200, None)]
    assert bulk(posts, *put("a", 4), *put("a", 3))[0][1] == 409
    assert bulk(posts, drop("a", 4), drop("a", 3)) == [
        ("delete", 404, None),
        ("delete", 409, "version_conflict_engine_exception"),
    ]
    assert bulk(posts, drop("never", 9)) == [("delete", 404, None)]
    assert bulk(posts, *put("never", 9))[0][1] == 409
    assert bulk(posts, *put("a", 5)) == [("index", 201, None)]


def test_an_invalid_bulk_item_does_not_fail_the_others(posts: Posts) -> None:
    lines = [
        *put("good", 1),
        *put("bad-date", 1, createdAt="yesterday"),
        *put("unknown", 1, colour="red"),
        *put("also-good", 1, createdAt="2026-01-01T00:00:00Z"),
    ]
    assert bulk(posts, *lines) == [
        ("index", 201, None),
        ("index", 400, "mapper_parsing_exception"),
        ("index", 400, "strict_dynamic_mapping_exception"),
        ("index", 201, None),
    ]
    assert set(posts.ids({"match_all": {}})) == {"good", "also-good"}


def test_the_last_of_several_changes_in_one_request_counts(posts: Posts) -> None:
    bulk(posts, *put("a", 1, text="one"), *put("a", 2, text="two"), drop("a", 3), *put("a", 4, text="four"))
    assert posts.matching("four") == {"a"}
    assert posts.matching("one") == posts.matching("two") == set()


def test_a_write_without_an_index_is_reported_per_item(posts: Posts, opensearch: OpenSearch) -> None:
    lines = [{"index": {"_index": "Not-A-Name", "_id": "a"}}, doc(), *put("b", 1)]
    answer = opensearch.bulk(body=lines, index=posts.name)
    assert [item["index"]["status"] for item in answer["items"]][1] == 201
    assert answer["items"][0]["index"]["status"] in (400, 404)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "parse_exception"),
        ('{"index": {"_id": "a"}}\n{"id": "a"}', "illegal_argument_exception"),
        ('{"fly": {"_id": "a"}}\n{"id": "a"}\n', "illegal_argument_exception"),
    ],
)
def test_a_malformed_bulk_request_is_refused_as_a_whole(posts: Posts, search_url: str, body: str, kind: str) -> None:
    headers = {"content-type": "application/x-ndjson"}
    answer = httpx.post(f"{search_url}/{posts.name}/_bulk", content=body, headers=headers, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == kind


def test_documents_written_with_wait_for_are_searchable(posts: Posts) -> None:
    for number in range(3):
        posts.client.index(index=posts.name, id=str(number), body=doc(text="すぐ"), params={"refresh": "wait_for"})
        assert posts.client.count(index=posts.name)["count"] == number + 1


def test_a_missing_index_is_named(opensearch: OpenSearch, index_name: str) -> None:
    with pytest.raises(NotFoundError) as missing:
        opensearch.search(index=index_name, body={})
    error = missing.value.info["error"]
    assert (error["type"], error["reason"]) == ("index_not_found_exception", f"no such index [{index_name}]")
    assert error["root_cause"][0]["index"] == index_name


def test_an_alias_moves_between_indices_or_not_at_all(posts: Posts, opensearch: OpenSearch) -> None:
    first, second = posts.name, f"{posts.name}-2"
    alias = f"{posts.name}-alias"
    with pytest.raises(RequestError) as exists:
        opensearch.indices.create(index=first, body={})
    assert exists.value.error == "resource_already_exists_exception"
    opensearch.indices.create(
        index=second, body={"mappings": {"dynamic": "strict", "properties": {"id": {"type": "keyword"}}}}
    )
    assert opensearch.indices.exists(index=second)
    opensearch.indices.update_aliases(body={"actions": [{"add": {"index": first, "alias": alias}}]})
    assert set(opensearch.indices.get_alias(name=alias)) == {first}
    assert opensearch.indices.exists_alias(name=alias)
    swap = [{"remove": {"index": first, "alias": alias}}, {"add": {"index": second, "alias": alias}}]
    opensearch.indices.update_aliases(body={"actions": swap})
    assert set(opensearch.indices.get_alias(name=alias)) == {second}
    opensearch.index(index=alias, id="a", body={"id": "a"}, params={"refresh": "true"})
    assert opensearch.count(index=second)["count"] == 1
    assert set(opensearch.indices.get_alias(index=second)[second]["aliases"]) == {alias}
    with pytest.raises(NotFoundError):
        bad = [{"add": {"index": first, "alias": alias}}, {"remove": {"index": "missing-index", "alias": alias}}]
        opensearch.indices.update_aliases(body={"actions": bad})
    assert set(opensearch.indices.get_alias(name=alias)) == {second}
    opensearch.indices.delete(index=second)
    with pytest.raises(NotFoundError):
        opensearch.indices.get_alias(name=alias)


def test_mappings_and_settings_are_returned_as_stored(posts: Posts) -> None:
    mapping = posts.client.indices.get_mapping(index=posts.name)[posts.name]["mappings"]
    assert mapping["dynamic"] == "strict"
    assert mapping["properties"]["tags"]["normalizer"] == "folded"
    settings = posts.client.indices.get_settings(index=posts.name)[posts.name]["settings"]["index"]
    assert settings["provided_name"] == posts.name
    assert settings["refresh_interval"] == "1s"


def test_analyze_shows_tokens_and_places(posts: Posts) -> None:
    body = {"field": "text", "text": "ﾗｰﾒﾝを食べた"}
    tokens = posts.client.indices.analyze(index=posts.name, body=body)["tokens"]
    assert [(t["token"], t["start_offset"], t["end_offset"], t["position"]) for t in tokens] == [
        ("ラーメン", 0, 4, 0),
        ("食べる", 5, 7, 2),
    ]


def test_names_are_indexed_by_every_prefix_and_reading(opensearch: OpenSearch, index_name: str) -> None:
    opensearch.indices.create(index=index_name, body=INDICES["people"].body)

    def tokens(field: str, text: str) -> list[str]:
        answer = opensearch.indices.analyze(index=index_name, body={"field": field, "text": text})
        return [token["token"] for token in answer["tokens"]]

    assert tokens("handle.prefix", "ＡＷs") == ["a", "aw", "aws"]
    assert tokens("displayName.reading", "京都") == ["キ", "キョ", "キョウ", "キョウト"]
    assert "トウキョウタワー" in tokens("displayName.reading", "東京タワー")
    assert tokens("handle", "Taro") == ["taro"]


def test_the_cluster_tells_its_distribution_and_health(opensearch: OpenSearch) -> None:
    info = opensearch.info()
    assert info["version"]["distribution"] == "opensearch"
    assert opensearch.cluster.health()["status"] in ("green", "yellow")
