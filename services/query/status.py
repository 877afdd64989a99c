"""``GET /v1/status``: the one route without an authorizer."""

from __future__ import annotations

from fastapi import Response

from services.common.clock import now_text
from services.common.http import Router
from services.common.responses import JSONResponse
from services.query.resources import Status


def build_router() -> Router:
    """Shows that CloudFront, the gateway and the Query Lambda respond, and lists the API's versions."""
    router = Router(prefix="/v1", tags=["status"])

    @router.get("/status", summary="Whether the API answers", response_model=Status)
    async def status() -> Response:
        return JSONResponse({"service": "asyncsns", "status": "ok", "at": now_text(), "versions": ["v1", "v2"]})

    return router
