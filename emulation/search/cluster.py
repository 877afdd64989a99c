"""Information about the engine: version, health, list of indices."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from emulation.routes import Routes
from emulation.search.errors import IllegalArgument
from emulation.search.mending import REFILL
from emulation.search.requests import engine_of, only_parameters

VERSION = "2.19.0"
_ENGINE = "embedded search engine (tantivy and MeCab), not an OpenSearch node"

router = Routes()


@router.get("/")
@router.head("/")
def info() -> dict[str, Any]:
    return {
        "name": "embedded",
        "cluster_name": "embedded",
        "version": {
            "distribution": "opensearch",
            "number": VERSION,
            "build_type": "embedded",
            "lucene_version": "none",
        },
        "tagline": _ENGINE,
    }


@router.get("/_health")
def health(request: Request) -> dict[str, Any]:
    engine = engine_of(request)
    failed = [name for name, index in engine.indices.items() if index.segments.failure]
    refill = (engine.home / REFILL).exists()
    return {
        "service": "search",
        "status": "degraded" if failed or refill else "ok",
        "engine": _ENGINE,
        "failed": failed,
        # Of a store that was damaged: `make up` or `make reindex` fills the indices again.
        "refill": refill,
    }


@router.get("/_cluster/health")
def cluster_health(request: Request) -> dict[str, Any]:
    only_parameters(request, {"wait_for_status", "timeout"})
    count = len(engine_of(request).indices)
    return {
        "cluster_name": "embedded",
        "status": "green",
        "timed_out": False,
        "number_of_nodes": 1,
        "number_of_data_nodes": 1,
        "active_primary_shards": count,
        "active_shards": count,
        "unassigned_shards": 0,
    }


@router.get("/_cat/indices")
def cat_indices(request: Request) -> list[dict[str, Any]]:
    only_parameters(request, set())
    if request.query_params.get("format") != "json":
        raise IllegalArgument("only format=json is part of the embedded search engine")
    return [
        {"health": "green", "status": "open", "index": name, "uuid": index.uuid, "pri": "1", "rep": "0",
         "docs.count": str(index.segments.searcher().num_docs)}
        for name, index in sorted(engine_of(request).indices.items())
    ]  # fmt: skip
