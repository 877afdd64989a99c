"""Refuses payloads that Lambda refuses before the function runs; MiniStack replaces invalid JSON by ``{}``.

Sources: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (InvalidRequestContentException,
RequestTooLargeException); Lambda Developer Guide, "Lambda quotas": 6 MB for a synchronous invocation, 1 MB for an
asynchronous one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from emulation.emulator import seams

SYNCHRONOUS_BYTES, ASYNCHRONOUS_BYTES = 6 * 1024 * 1024, 1024 * 1024
_INVOCATION = re.compile(r"/2015-03-31/functions/[^/]+/invocations/?|/2021-11-15/functions/[^/]+/response-streaming-.*")


def refuse_wrong_payloads() -> None:
    service = seams.module("services.lambda_svc")
    handle = service.handle_request

    async def handle_valid(method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Any) -> Any:
        if method == "POST" and body and _INVOCATION.fullmatch(path):
            refused = problem(headers.get("x-amz-invocation-type") or "RequestResponse", body)
            if refused:
                return service.error_response_json(*refused)
        return await handle(method, path, headers, body, query_params)

    service.handle_request = handle_valid


def problem(kind: str, payload: bytes) -> tuple[str, str, int] | None:
    """Error code, message and status for an invalid payload of an invocation of this type."""
    most = ASYNCHRONOUS_BYTES if kind == "Event" else SYNCHRONOUS_BYTES
    if len(payload) > most:
        text = f"{len(payload)} byte payload is too large for the {kind} invocation type (limit {most} bytes)"
        return "RequestTooLargeException", text, 413
    try:
        json.loads(payload)
    except ValueError as error:
        return "InvalidRequestContentException", f"Could not parse request body into json: {error}", 400
    return None
