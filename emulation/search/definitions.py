"""Routes of indices, aliases, mappings, settings and ``_analyze``."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from emulation.routes import Routes
from emulation.search.analysis import AnalysisRegistry, Analyzer
from emulation.search.errors import IllegalArgument, IndexNotFound, SearchError, Unsupported, require_keys
from emulation.search.index import Index
from emulation.search.requests import engine_of, json_body, only_parameters

router = Routes()
_TIMEOUTS = {"timeout", "master_timeout", "cluster_manager_timeout", "wait_for_active_shards"}


@router.route("/_analyze", "GET", "POST")
async def analyze(request: Request) -> dict[str, Any]:
    only_parameters(request, set())
    return await _analyze(await json_body(request), None)


@router.route("/{name}/_analyze", "GET", "POST")
async def analyze_with_index(request: Request, name: str) -> dict[str, Any]:
    only_parameters(request, set())
    return await _analyze(await json_body(request), engine_of(request).one(name))


async def _analyze(body: dict[str, Any], index: Index | None) -> dict[str, Any]:
    require_keys(body, {"analyzer", "field", "text", "normalizer"}, "analyze",
                 {"tokenizer", "filter", "char_filter", "explain", "attributes"})  # fmt: skip
    texts = body.get("text")
    texts = texts if isinstance(texts, list) else [texts]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise SearchError(400, "action_request_validation_exception", "Validation Failed: 1: text is missing;")
    analyzer = _analyzer(body, index)
    tokens = [
        {
            "token": token.text,
            "start_offset": _units(text, token.start),
            "end_offset": _units(text, token.end),
            "type": token.kind,
            "position": token.position,
        }
        for text in texts
        for token in await run_in_threadpool(analyzer.analyze, text)
    ]
    return {"tokens": tokens}


def _units(text: str, end: int) -> int:
    """OpenSearch counts UTF-16 units."""
    return len(text[:end].encode("utf-16-le")) // 2


def _analyzer(body: dict[str, Any], index: Index | None) -> Analyzer:
    registry = index.registry if index else AnalysisRegistry({})
    if "field" in body:
        field = index.mapping.field(body["field"]) if index else None
        if field is None:
            raise IllegalArgument(f"[{body['field']}] is not a field of the index")
        return field.analyzer or field.normalizer or registry.analyzer("keyword")
    if "normalizer" in body:
        return registry.normalizer(body["normalizer"])
    return registry.analyzer(body.get("analyzer", "standard"))


@router.get("/_alias")
def all_aliases(request: Request) -> dict[str, Any]:
    engine = engine_of(request)
    return {name: _aliases(request, name) for name in sorted(engine.indices)}


@router.route("/_alias/{alias}", "GET", "HEAD")
def alias(request: Request, alias: str) -> dict[str, Any]:
    only_parameters(request, set())
    names = sorted(engine_of(request).aliases.get(alias, ()))
    if not names:
        raise SearchError(404, "aliases_not_found_exception", f"alias [{alias}] missing")
    return {name: {"aliases": {alias: {}}} for name in names}


@router.post("/_aliases")
async def update_aliases(request: Request) -> dict[str, Any]:
    only_parameters(request, _TIMEOUTS)
    await engine_of(request).update_aliases(await json_body(request))
    return {"acknowledged": True}


@router.put("/{name}/_alias/{alias}")
async def put_alias(request: Request, name: str, alias: str) -> dict[str, Any]:
    only_parameters(request, _TIMEOUTS)
    require_keys(await json_body(request), set(), "alias", {"filter", "routing", "is_write_index"})
    await engine_of(request).update_aliases({"actions": [{"add": {"index": name, "alias": alias}}]})
    return {"acknowledged": True}


@router.get("/{name}/_alias")
def aliases_of_index(request: Request, name: str) -> dict[str, Any]:
    only_parameters(request, set())
    return {index.name: _aliases(request, index.name) for index in engine_of(request).resolve(name)}


@router.get("/{name}/_mapping")
def mapping(request: Request, name: str) -> dict[str, Any]:
    only_parameters(request, set())
    return {
        index.name: {"mappings": index.stored.body.get("mappings", {})} for index in engine_of(request).resolve(name)
    }


@router.put("/{name}/_mapping")
def put_mapping(request: Request, name: str) -> dict[str, Any]:
    engine_of(request).resolve(name)
    raise Unsupported("changing a mapping in place (make a new index and move the alias)")


@router.get("/{name}/_settings")
def settings(request: Request, name: str) -> dict[str, Any]:
    only_parameters(request, {"flat_settings"})
    return {index.name: {"settings": _settings(index)} for index in engine_of(request).resolve(name)}


@router.put("/{name}")
async def create_index(request: Request, name: str) -> dict[str, Any]:
    only_parameters(request, _TIMEOUTS)
    await engine_of(request).create_index(name, await json_body(request))
    return {"acknowledged": True, "shards_acknowledged": True, "index": name}


@router.delete("/{name}")
async def delete_index(request: Request, name: str) -> dict[str, Any]:
    only_parameters(request, _TIMEOUTS | {"ignore_unavailable"})
    engine = engine_of(request)
    try:
        await engine.delete_index(name)
    except IndexNotFound:
        if request.query_params.get("ignore_unavailable") != "true":
            raise
    return {"acknowledged": True}


@router.get("/{name}")
def get_index(request: Request, name: str) -> dict[str, Any]:
    only_parameters(request, set())
    return {
        index.name: {
            **_aliases(request, index.name),
            "mappings": index.stored.body.get("mappings", {}),
            "settings": _settings(index),
        }
        for index in engine_of(request).resolve(name)
    }


@router.head("/{name}")
def index_exists(request: Request, name: str) -> Response:
    engine = engine_of(request)
    try:
        engine.resolve(name)
    except IndexNotFound:
        return Response(status_code=404)
    return Response(status_code=200)


def _aliases(request: Request, name: str) -> dict[str, Any]:
    return {"aliases": {alias: {} for alias in engine_of(request).aliases_of(name)}}


def _settings(index: Index) -> dict[str, Any]:
    """As a node answers: every value is text."""
    shown: dict[str, Any] = {
        "number_of_shards": "1",
        "number_of_replicas": "0",
        **{key: value if isinstance(value, dict) else str(value) for key, value in index.settings.items()},
        "uuid": index.uuid,
        "provided_name": index.name,
        "creation_date": str(index.stored.created),
    }
    return {"index": shown}
