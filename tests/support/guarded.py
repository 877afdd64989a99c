"""The answers of a local server's guard, without a server."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from hypothesis import strategies as st

from emulation.guard import Doors, Guard
from emulation.settings import SERVERS, Settings

HOST = "127.0.0.1:8080"
UI = "http://localhost:8080"
PASSED, MISDIRECTED, FORBIDDEN = None, 421, 403
LISTENERS = [*SERVERS]
#: Characters of host names, and characters that may mislead a parser.
SPELLINGS = st.text(st.sampled_from("localhost127.:[]@/\\#?,%evi x\xe9\0"), max_size=24)
#: Besides the edge's pages, one page may send requests: that of a development server.
SETTINGS = Settings({"EMULATION_ALLOWED_ORIGINS": "http://localhost:5173"})


class Application:
    """Counts requests, and records the headers of the last."""

    def __init__(self) -> None:
        self.asked = 0
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        self.headers = list(scope.get("headers", []))


def at_once(steps: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits. An event loop for each of thousands of requests would take most of the time."""
    try:
        steps.send(None)
    except StopIteration:
        return
    steps.close()
    raise AssertionError("the guard waits for something other than the application")


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def ask(
    keep: Doors, headers: Mapping[str, str], kind: str = "http", method: str = "GET", path: str = "/", query: str = ""
) -> tuple[int | None, dict[str, str], str]:
    """Status, headers and body of the guard's own answer; None when it passed the request on."""
    application, sent = Application(), []
    scope: dict[str, Any] = {"type": kind, "path": path, "query_string": query.encode(), "headers": raw(headers)}
    if kind == "http":
        scope["method"] = method

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    at_once(Guard(application, keep)(scope, receive, send))
    assert application.asked == (0 if sent else 1)
    if not sent:
        return None, {}, ""
    prefix = "http.response" if kind == "http" else "websocket.http.response"
    assert [message["type"] for message in sent] == [f"{prefix}.start", f"{prefix}.body"]
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, sent[1]["body"].decode()
