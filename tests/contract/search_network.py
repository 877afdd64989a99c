"""A network of posts and profiles in front of the selected engine, for tests of the search context's guarantees."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from opensearchpy import OpenSearch

from services.search import queries
from services.search.handler import index_records
from services.search.index import SearchIndex
from services.search.model import Audience
from tests.support.search_records import record

ME = Audience("me")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Network:
    """Posts and profiles that went through the indexer, on indices for one test."""

    def __init__(self, client: OpenSearch, prefix: str) -> None:
        self.client, self.prefix = client, prefix
        self.index = SearchIndex(client, prefix)

    def stream(self, *records: dict[str, Any]) -> list[str]:
        failed = index_records(records, self.index)
        for alias in ("posts", "people", "tags"):
            self.client.indices.refresh(index=f"{self.prefix}{alias}", ignore=[404])
        return failed

    def post(self, *items: dict[str, Any]) -> None:
        assert self.stream(*(record(item) for item in items)) == []

    def find(self, q: str, audience: Audience = ME, **options: Any) -> list[str]:
        options.setdefault("sort", "time")
        return [hit.id for hit in queries.search_posts(self.index, audience, q, now=NOW, **options).items]
