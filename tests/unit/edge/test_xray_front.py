"""Browser traces: the emulator authorizes the request, the console answers it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulation.aws.messages import Headers, Request, Response
from emulation.edge.xray_front import TraceReader


class _Server:
    """Always gives the same answer, and records the requests."""

    def __init__(self, status: int, content: Any) -> None:
        self._answer = Response(status, [], json.dumps(content).encode())
        self.asked: list[tuple[str, str, Headers, bytes]] = []

    async def send(self, method: str, target: str, headers: Headers, body: bytes = b"", **_: Any) -> Response:
        self.asked.append((method, target, headers, body))
        return self._answer


def _request(target: str, method: str = "POST") -> Request:
    headers = [(b"authorization", b"AWS4-HMAC-SHA256 x"), (b"origin", b"http://localhost:8080"), (b"host", b"h")]
    return Request(method, target, "", headers, "127.0.0.1", "http", 80, content=b'{"StartTime": 1}')


async def test_an_authorized_caller_gets_the_answer_of_the_console() -> None:
    emulator, console = _Server(200, {"refused": None}), _Server(200, {"Services": []})
    answer = await TraceReader(emulator, console).answer(_request("/ServiceGraph"))  # type: ignore[arg-type]
    assert (answer.status, json.loads(answer.body)) == (200, {"Services": []})
    asked = json.loads(emulator.asked[0][3])
    assert asked["action"] == "xray:GetServiceGraph"
    assert asked["headers"]["authorization"] == "AWS4-HMAC-SHA256 x"
    # The console accepts pages of its own origin only, so the browser's headers are not forwarded.
    assert [name for name, _ in console.asked[0][2]] == [b"content-type"]


async def test_an_unauthorized_caller_is_refused_before_the_console() -> None:
    emulator, console = _Server(200, {"refused": "User: x is not authorized"}), _Server(200, {})
    answer = await TraceReader(emulator, console).answer(_request("/Traces"))  # type: ignore[arg-type]
    assert answer.status == 403
    assert (b"x-amzn-errortype", b"AccessDeniedException") in answer.headers
    assert not console.asked


@pytest.mark.parametrize(
    ("target", "method"), [("/TraceSegments", "POST"), ("/ServiceGraph", "GET"), ("/api/mails", "POST")]
)
async def test_nothing_but_reading_traces_is_passed_on(target: str, method: str) -> None:
    emulator, console = _Server(200, {"refused": None}), _Server(200, {})
    answer = await TraceReader(emulator, console).answer(_request(target, method))  # type: ignore[arg-type]
    assert answer.status == 400
    assert not console.asked


async def test_a_signature_that_cannot_be_checked_is_refused() -> None:
    emulator, console = _Server(500, {}), _Server(200, {})
    answer = await TraceReader(emulator, console).answer(_request("/Traces"))  # type: ignore[arg-type]
    assert answer.status == 403
    assert not console.asked
