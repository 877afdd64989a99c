"""Documents compared with table items, on a real engine: missing, outdated and surplus ones are listed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearch

from services.common.aws import client
from services.common.dynamo import to_attributes
from services.search.derived import IndexComparison
from services.search.index import SearchIndex
from services.search.projection import actions_of_item
from tests.support.aws import Aws, aws, fresh
from tests.support.search_records import post_item, profile_item

__all__ = ["aws", "fresh"]


@pytest.fixture
def index(opensearch: OpenSearch) -> Iterator[SearchIndex]:
    prefix = f"t{uuid.uuid4().hex[:10]}-"
    yield SearchIndex(opensearch, prefix)
    for made in opensearch.cat.indices(format="json"):
        if made["index"].startswith(prefix):
            opensearch.indices.delete(index=made["index"])


def put(table: str, item: dict[str, Any]) -> None:
    client("dynamodb").put_item(TableName=table, Item=to_attributes(item))


def test_documents_that_differ_are_named_and_written(index: SearchIndex, opensearch: OpenSearch, fresh: Aws) -> None:
    ids = [uuid.uuid4().hex for _ in range(4)]
    whole, missing, outdated, gone = (post_item(one, f"text of {one}", version=3) for one in ids)
    person = profile_item(uuid.uuid4().hex, "nobody", "Nobody")
    compare = IndexComparison(index, {"posts": "POST", "profiles": "PROFILE"})
    for item in (whole, {**outdated, "version": 2}, gone):
        index.apply(actions_of_item(item))
    for item in (whole, missing, outdated, {**gone, "state": "deleted", "version": 4}):
        put("posts", item)
    put("profiles", person)

    def found() -> dict[str, tuple[str, ...]]:
        for alias in ("posts", "people"):
            for name in index.behind(alias):
                opensearch.indices.refresh(index=name)
        mine = {item["pk"] for item in (whole, missing, outdated, gone, person)}
        walked = [one for one in compare(None) if one.subject in mine]
        for one in walked:
            if one.differences:
                one.mend()
        return {one.subject: one.differences for one in walked if one.differences}

    assert found() == {
        missing["pk"]: (f"posts: {ids[1]} is missing",),
        outdated["pk"]: (f"posts: {ids[2]} has version 2, expected 3",),
        gone["pk"]: (f"posts: {ids[3]} is still found",),
        person["pk"]: (f"people: {person['id']} is missing",),
    }
    assert found() == {}
