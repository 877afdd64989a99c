"""The edge makes the sampling decision that the origin receives, also when a viewer sends a trace header.

"Customize at the edge with CloudFront Functions"; "AWS X-Ray concepts", tracing header.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path
from typing import Any

import pytest

from emulation import sampling
from emulation.aws.messages import Request, Response
from emulation.edge import functions
from emulation.edge.cache import Cache
from emulation.edge.cloudfront import CloudFrontApp
from emulation.edge.distribution import Behavior, Distribution, Origin
from emulation.edge.functions import FunctionError, FunctionRunner
from emulation.edge.tracing import Tracer
from emulation.edge.viewer import Viewer

DEPLOYED = Path(__file__).parents[2] / "infra" / "cloudfront" / "trace_header.js"
PARENT = "0123456789abcdef"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node may take seconds to start on a busy machine."""
    monkeypatch.setattr(functions, "_DEADLINE_SECONDS", 120)


def root() -> str:
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"


class Api:
    """Records the trace header that the origin received."""

    header: bytes | None = b"not asked"

    async def fetch(self, distribution: Distribution, behavior: Behavior, request: Request) -> Response:
        self.header = request.header(b"x-amzn-trace-id")
        return Response(200, [], b"{}")


async def sent_on(header: str, function: str) -> bytes | None:
    """The header that the origin receives for a viewer's header, behind this viewer-request function."""
    api, runner = Api(), FunctionRunner()
    behavior = Behavior("", Origin("o", "h"), functions={"viewer-request": function} if function else {})
    distribution = Distribution("D", "arn", "d.cloudfront.net", True, (), behavior, "", {})
    viewer = Viewer(api, Cache(), runner)  # type: ignore[arg-type]
    nobody: Any = type("Nobody", (), {"answer": lambda *_: asyncio.sleep(0), "write": lambda *_: None})()
    tracer = Tracer("127.0.0.1", 9)
    app = CloudFrontApp(viewer, lambda: {"D": distribution}, nobody, nobody, tracer)
    headers = [(b"host", b"localhost"), (b"x-amzn-trace-id", header.encode())]
    scope = {
        "type": "http", "method": "GET", "path": "/v1/me", "raw_path": b"/v1/me", "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "scheme": "http",
    }  # fmt: skip
    try:
        await app(scope, lambda: asyncio.sleep(0), lambda _: asyncio.sleep(0))  # type: ignore[arg-type]
    finally:
        tracer.close()
        await runner.close()
    return api.header


@pytest.mark.parametrize("function", [DEPLOYED.read_text("utf-8"), ""], ids=["deployed", "another app's"])
@pytest.mark.parametrize(("share", "flag"), [("0", "1"), ("1", "0")])
async def test_the_origin_gets_the_decision_of_the_edge(
    function: str, share: str, flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMULATION_TRACE_SHARE", share)
    monkeypatch.setattr(sampling, "RESERVOIR_PER_SECOND", 0)
    trace = root()
    header = await sent_on(f"Root={trace};Parent={PARENT};Sampled={flag}", function)
    assert header is not None
    assert header.startswith(f"Root={trace};Parent=".encode())
    assert header.endswith(f";Sampled={share}".encode())
    assert await sent_on("Root=x;Sampled=1", function) is None


async def test_a_trace_header_that_a_function_drops_is_not_restored() -> None:
    dropping = "function handler(e) { delete e.request.headers['x-amzn-trace-id']; return e.request; }"
    assert await sent_on(f"Root={root()};Parent={PARENT}", dropping) is None


async def test_an_endless_loop_ends_and_others_run_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = FunctionRunner()
    event: dict[str, Any] = {"request": {"uri": "/a", "headers": {}}}
    try:
        assert await runner.run("function handler(e) { return e.request; }", event) == event["request"]
        monkeypatch.setattr(functions, "_DEADLINE_SECONDS", 0.5)
        with pytest.raises(FunctionError, match="no answer within"):
            await runner.run("function handler(e) { for (;;); }", event)
        monkeypatch.setattr(functions, "_DEADLINE_SECONDS", 120)
        assert await runner.run("function handler(e) { return e.request; }", event) == event["request"]
    finally:
        await runner.close()
