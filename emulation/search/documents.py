"""Routes of documents: ``_doc``, ``_create`` and ``_bulk``.

Source: opensearch.org, Document APIs. A write answers once it is on disk.
"""

from __future__ import annotations

import json
import time
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from emulation.routes import Routes
from emulation.search.engine import Engine
from emulation.search.errors import (
    IllegalArgument,
    IndexNotFound,
    ParsingError,
    SearchError,
    Unsupported,
    require_keys,
)
from emulation.search.requests import engine_of, json_body, only_parameters, refresh_wanted
from emulation.search.writes import WriteOp, WriteResult

router = Routes()
_WRITE_PARAMETERS = {"refresh", "version", "version_type", "op_type", "timeout", "wait_for_active_shards"}
_ACTIONS = {"index", "create", "delete"}
_ITEM_KEYS = {"_index", "_id", "version", "version_type"}
_KNOWN_ITEM_KEYS = {
    "routing",
    "pipeline",
    "if_seq_no",
    "if_primary_term",
    "require_alias",
    "retry_on_conflict",
}
#: OpenSearch's http.max_content_length.
_MOST_BYTES = 100 * 1024 * 1024


@router.route("/{name}/_doc/{doc_id}", "GET", "HEAD")
def get(request: Request, name: str, doc_id: str) -> JSONResponse:
    only_parameters(request, {"realtime", "refresh"})
    engine = engine_of(request)
    index = engine.one(name)
    stored = engine.store.document(index.uuid, doc_id)
    if stored is None or stored.source is None:
        return JSONResponse({"_index": index.name, "_id": doc_id, "found": False}, 404)
    return JSONResponse(
        {
            "_index": index.name,
            "_id": doc_id,
            "_version": stored.version,
            "_seq_no": stored.seq,
            "_primary_term": 1,
            "found": True,
            "_source": json.loads(stored.source),
        }
    )


@router.route("/{name}/_doc/{doc_id}", "PUT", "POST")
async def put(request: Request, name: str, doc_id: str) -> JSONResponse:
    action = request.query_params.get("op_type", "index")
    if action not in {"index", "create"}:
        raise IllegalArgument(f"opType must be 'create' or 'index', found: [{action}]")
    return await _write_one(request, action, name, doc_id)


@router.post("/{name}/_doc")
async def post(request: Request, name: str) -> JSONResponse:
    return await _write_one(request, "index", name, None)


@router.route("/{name}/_create/{doc_id}", "PUT", "POST")
async def create(request: Request, name: str, doc_id: str) -> JSONResponse:
    return await _write_one(request, "create", name, doc_id)


@router.delete("/{name}/_doc/{doc_id}")
async def delete(request: Request, name: str, doc_id: str) -> JSONResponse:
    return await _write_one(request, "delete", name, doc_id)


async def _write_one(request: Request, action: str, name: str, doc_id: str | None) -> JSONResponse:
    only_parameters(request, _WRITE_PARAMETERS)
    engine = engine_of(request)
    version, version_type = _version(dict(request.query_params))
    source = await json_body(request) if action != "delete" else None
    op = engine.prepare(action, name, doc_id, source, version, version_type)
    (result,) = await engine.write([op], refresh_wanted(request))
    if isinstance(result, SearchError):
        raise result
    return JSONResponse(result.body, result.status)


@router.route("/_bulk", "POST", "PUT")
async def bulk(request: Request) -> JSONResponse:
    return await _bulk(request, None)


@router.route("/{name}/_bulk", "POST", "PUT")
async def bulk_into(request: Request, name: str) -> JSONResponse:
    return await _bulk(request, name)


async def _bulk(request: Request, default: str | None) -> JSONResponse:
    started = time.perf_counter()
    only_parameters(request, {"refresh", "timeout"})
    if int(request.headers.get("content-length", 0)) > _MOST_BYTES:
        raise HTTPException(413)
    items = _parse_bulk(await request.body(), default)
    engine = engine_of(request)
    ops = [_prepare(engine, item) for item in items]
    results = await engine.write(ops, refresh_wanted(request))
    answers = [_item(item, result) for item, result in zip(items, results, strict=True)]
    errors = any(isinstance(result, SearchError) for result in results)
    return JSONResponse({"took": round((time.perf_counter() - started) * 1000), "errors": errors, "items": answers})


class _BulkItem:
    """One action of a bulk request with its source, both parsed."""

    __slots__ = ("action", "meta", "source")

    def __init__(self, action: str, meta: dict[str, Any], source: Any) -> None:
        self.action, self.meta, self.source = action, meta, source


def _parse_bulk(raw: bytes, default: str | None) -> list[_BulkItem]:
    """A malformed envelope refuses the whole request, as OpenSearch does."""
    if not raw.strip():
        raise ParsingError("request body is required", "parse_exception")
    if not raw.endswith(b"\n"):
        raise IllegalArgument("The bulk request must be terminated by a newline [\\n]")
    lines = raw.split(b"\n")[:-1]
    items: list[_BulkItem] = []
    number = 0
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        action, meta = _action(lines[number], number + 1)
        meta.setdefault("_index", default)
        if meta["_index"] is None:
            raise SearchError(400, "action_request_validation_exception", "Validation Failed: 1: index is missing;")
        source: Any = None
        if action != "delete":
            number += 1
            if number >= len(lines):
                raise IllegalArgument("The bulk request must be terminated by a newline [\\n]")
            source = _loads(lines[number])
        items.append(_BulkItem(action, meta, source))
        number += 1
    if not items:
        raise SearchError(400, "action_request_validation_exception", "Validation Failed: 1: no requests added;")
    return items


def _action(line: bytes, number: int) -> tuple[str, dict[str, Any]]:
    try:
        body = json.loads(line)
    except ValueError as error:
        raise IllegalArgument(f"Malformed action/metadata line [{number}]: {error}") from error
    if not isinstance(body, dict) or len(body) != 1:
        raise IllegalArgument(f"Malformed action/metadata line [{number}], expected START_OBJECT with one action")
    ((action, meta),) = body.items()
    if action == "update":
        raise Unsupported("the bulk action [update]")
    if action not in _ACTIONS or not isinstance(meta, dict):
        raise IllegalArgument(
            f"Malformed action/metadata line [{number}], expected field [create], [delete], [index] or "
            "[update] "
            f"but found [{action}]"
        )
    require_keys(meta, _ITEM_KEYS, f"bulk line {number}", _KNOWN_ITEM_KEYS)
    return action, meta


def _loads(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        return ValueError(str(error))


def _prepare(engine: Engine, item: _BulkItem) -> WriteOp | SearchError:
    try:
        if isinstance(item.source, ValueError):
            raise ParsingError(f"failed to parse: {item.source}", "mapper_parsing_exception")
        version, version_type = _version(item.meta)
        doc_id = item.meta.get("_id")
        return engine.prepare(
            item.action,
            item.meta["_index"],
            None if doc_id is None else str(doc_id),
            item.source,
            version,
            version_type,
        )
    except SearchError as error:
        return error


def _version(options: dict[str, Any]) -> tuple[int | None, str]:
    version_type = str(options.get("version_type", "internal"))
    if version_type not in {"internal", "external", "external_gte"}:
        raise IllegalArgument(f"No version type match [{version_type}]")
    raw = options.get("version")
    if raw is None:
        return None, version_type
    if not str(raw).isdigit():
        raise IllegalArgument(f"Failed to parse long parameter [version] with value [{raw}]")
    return int(raw), version_type


def _item(item: _BulkItem, result: WriteResult | SearchError) -> dict[str, Any]:
    if isinstance(result, SearchError):
        name = item.meta["_index"]
        if isinstance(result, IndexNotFound):
            name = result.extra["index"]
        body = {"_index": name, "_id": item.meta.get("_id"), "status": result.status, "error": result.cause()}
    else:
        body = {**result.body, "status": result.status}
    return {item.action: body}
