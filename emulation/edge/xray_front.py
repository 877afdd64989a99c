"""X-Ray's API for browsers with credentials of the identity pool: the emulator checks the rights, the console has the
traces.

Only read operations are passed on. Source: https://docs.aws.amazon.com/xray/latest/api/API_Operations.html
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

from emulation.aws.messages import BodyTooLargeError, Request, Response
from emulation.aws.upstream import UnreachableError, Upstream, UpstreamTimeoutError
from emulation.guard import HELPER_HEADERS

#: Path → the action that a policy names.
_ACTIONS: Final = {
    "/ServiceGraph": "xray:GetServiceGraph",
    "/TraceSummaries": "xray:GetTraceSummaries",
    "/Traces": "xray:BatchGetTraces",
}
_BODY_LIMIT = 64 * 1024
_SECONDS = 10.0
_JSON = (b"content-type", b"application/json")


class TraceReader:
    """Asks ``emulator`` whether the signature is valid and the role allowed, then ``console`` for the response."""

    def __init__(self, emulator: Upstream, console: Upstream) -> None:
        self._emulator, self._console = emulator, console

    async def answer(self, request: Request) -> Response:
        action = _ACTIONS.get(request.target)
        if action is None or request.method != "POST":
            return _refused(400, "InvalidRequestException", "Only operations that read traces are here for browsers.")
        try:
            body = await request.body(_BODY_LIMIT)
            refused = await self._refusal(request, action, body)
            if refused is not None:
                return _refused(403, "AccessDeniedException", refused)
            return await self._console.send("POST", request.target, [_JSON], body, seconds=_SECONDS)
        except BodyTooLargeError:
            return _refused(413, "InvalidRequestException", "Request Entity Too Large")
        except (UnreachableError, UpstreamTimeoutError):
            return _refused(503, "ServiceUnavailableException", "Service is unavailable")

    async def _refusal(self, request: Request, action: str, body: bytes) -> str | None:
        asked = {
            "method": request.method,
            "path": request.target,
            "query": request.query,
            "headers": {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers},
            "payload": hashlib.sha256(body).hexdigest(),
            "action": action,
        }
        headers = [_JSON, *((name.lower().encode(), value.encode()) for name, value in HELPER_HEADERS.items())]
        answer = await self._emulator.send(
            "POST", "/_asyncsns/signature", headers, json.dumps(asked).encode(), seconds=_SECONDS
        )
        if answer.status != 200:
            return f"The signature could not be checked: {answer.status}"
        found: str | None = json.loads(answer.body)["refused"]
        return found


def _refused(status: int, kind: str, text: str) -> Response:
    content = json.dumps({"message": text}).encode()
    return Response(status, [_JSON, (b"x-amzn-errortype", kind.encode())], content)
