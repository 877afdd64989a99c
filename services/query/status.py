"""``GET /v1/status``: the one route without an authorizer."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.common.clock import now_text


def build_router() -> APIRouter:
    """Says that CloudFront, the gateway and the Query Lambda answer, and since when versions there are."""
    router = APIRouter(prefix="/v1", tags=["status"])

    @router.get("/status", summary="Whether the API answers")
    async def status() -> Response:
        return JSONResponse({"service": "asyncsns", "status": "ok", "at": now_text(), "versions": ["v1", "v2"]})

    return router
