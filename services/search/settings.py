"""Settings of the indexer."""

from __future__ import annotations

from services.common.settings import FunctionSettings


class IndexerSettings(FunctionSettings):
    """``opensearch_endpoint``: URL of the search domain."""

    opensearch_endpoint: str
