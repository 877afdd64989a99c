"""Fixtures of the search contract: the embedded engine, or the node that ``ASYNCSNS_SEARCH_URL`` names.

Both must answer the same requests alike. ``embedded_only`` marks tests of the embedded engine alone: refusals of
features that only a real node has, and how it survives ``kill -9``.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearch

from services.search.mappings import INDICES
from tests.contract.search_network import Network
from tests.support.search_process import SearchProcess

REAL_NODE = os.environ.get("ASYNCSNS_SEARCH_URL")
embedded_only = pytest.mark.skipif(
    REAL_NODE is not None, reason="a promise of the embedded engine alone; this column runs a real node"
)


@pytest.fixture(scope="session")
def search_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if REAL_NODE:
        yield REAL_NODE
        return
    process = SearchProcess(tmp_path_factory.mktemp("search")).start()
    yield process.url
    process.stop()


@pytest.fixture(scope="session")
def opensearch(search_url: str) -> Iterator[OpenSearch]:
    client = OpenSearch(search_url, timeout=60)
    yield client
    client.close()


@pytest.fixture
def index_name(opensearch: OpenSearch) -> Iterator[str]:
    """An index name for one test; whatever the test creates under it is removed."""
    name = f"t-{uuid.uuid4().hex[:12]}"
    yield name
    for made in (name, f"{name}-2"):
        opensearch.indices.delete(index=made, ignore=[404])


@pytest.fixture
def posts(opensearch: OpenSearch, index_name: str) -> Posts:
    """A fresh index with the mapping of posts."""
    opensearch.indices.create(index=index_name, body=INDICES["posts"].body)
    return Posts(opensearch, index_name)


class Posts:
    """One index of posts: add some, search them."""

    def __init__(self, client: OpenSearch, name: str) -> None:
        self.client, self.name = client, name

    def add(self, *texts: str, **fields: Any) -> None:
        """Add posts ``p0, p1, …`` with these texts."""
        self.put(*({"text": text, **fields} for text in texts))

    def put(self, *documents: dict[str, Any]) -> None:
        lines: list[dict[str, Any]] = []
        for number, document in enumerate(documents):
            body = {"id": f"p{number}", "visibility": "public", "createdAt": f"2026-01-01T00:00:{number:02d}Z"}
            lines += [{"index": {"_id": f"p{number}"}}, {**body, **document}]
        answer = self.client.bulk(body=lines, index=self.name, params={"refresh": "true"})
        assert not answer["errors"], answer

    def search(self, query: dict[str, Any], **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.search(index=self.name, body={"query": query, **body})
        return answer

    def ids(self, query: dict[str, Any], **body: Any) -> list[str]:
        return [hit["_id"] for hit in self.search(query, size=100, **body)["hits"]["hits"]]

    def matching(self, words: str, **options: Any) -> set[str]:
        return set(self.ids({"match": {"text": {"query": words, "operator": "and", **options}}}))


@pytest.fixture
def network(opensearch: OpenSearch) -> Iterator[Network]:
    prefix = f"t{uuid.uuid4().hex[:10]}-"
    yield Network(opensearch, prefix)
    for alias in ("posts", "people", "tags"):
        opensearch.indices.delete(index=f"{prefix}{INDICES[alias].name}", ignore=[404])
