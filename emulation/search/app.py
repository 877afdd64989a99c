"""The REST API, route by route; other requests are refused with OpenSearch's errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from emulation.routes import Routes
from emulation.search import cluster, definitions, documents, searching
from emulation.search.engine import Engine
from emulation.search.errors import SearchError
from emulation.search.memory import Activity, release_when_quiet
from emulation.search.requests import engine_of, json_body, only_parameters


def create_app(home: Path) -> Starlette:
    """The server.

    Args:
        home: folder for all state; made if missing.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.engine = await run_in_threadpool(Engine, home)
        app.state.requests = 0
        quiet = asyncio.create_task(release_when_quiet(app.state))
        yield
        quiet.cancel()
        await run_in_threadpool(app.state.engine.close)

    routes = [*_search_routes(), *cluster.router, *documents.router, *definitions.router]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.add_middleware(Activity)
    app.add_exception_handler(SearchError, _refuse)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _broken)
    return app


async def _refuse(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SearchError)
    return JSONResponse(error.body(), error.status)


async def _no_route(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("allow", "")
        where = f"uri [{request.url.path}] and method [{request.method}]"
        message = f"Incorrect HTTP method for {where}, allowed: [{allowed}]"
        return JSONResponse({"error": message, "status": 405}, 405, {"Allow": allowed})
    message = f"no handler found for uri [{request.url.path}] and method [{request.method}]"
    return JSONResponse({"error": message, "status": 400}, 400)


async def _broken(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse(SearchError(500, "exception", f"{type(error).__name__}: {error}").body(), 500)


def _search_routes() -> Routes:
    routes = Routes()

    async def search(request: Request, name: str) -> dict[str, Any]:
        only_parameters(request, set())
        body = await json_body(request)
        index = engine_of(request).one(name)
        return await run_in_threadpool(searching.search, index, body)

    async def count(request: Request, name: str) -> dict[str, Any]:
        only_parameters(request, set())
        body = await json_body(request)
        return await run_in_threadpool(searching.count, engine_of(request).one(name), body)

    async def refresh(request: Request, name: str) -> dict[str, Any]:
        only_parameters(request, set())
        for index in engine_of(request).resolve(name):
            await run_in_threadpool(index.segments.refresh)
        return {"_shards": {"total": 1, "successful": 1, "failed": 0}}

    routes.add("/{name}/_search", search, ["GET", "POST"])
    routes.add("/{name}/_count", count, ["GET", "POST"])
    routes.add("/{name}/_refresh", refresh, ["GET", "POST"])
    return routes
