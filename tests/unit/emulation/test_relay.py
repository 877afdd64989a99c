"""In Compose, OpenSearch is reachable through the guard only."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from aiohttp import web

from emulation.aws.upstream import Upstream
from emulation.doors import doors
from emulation.guard import Guard
from emulation.relay import Relay, main
from emulation.settings import Settings
from kit.settings import checkout_root

COMPOSE: dict[str, Any] = yaml.safe_load((checkout_root() / "compose.yaml").read_text("utf-8"))["services"]
#: The overrides for LocalStack.
LOCALSTACK: dict[str, Any] = yaml.safe_load((checkout_root() / "compose.localstack.yaml").read_text("utf-8"))[
    "services"
]


async def _echo(request: web.Request) -> web.Response:
    body = (await request.read()).decode()
    said = {"method": request.method, "target": request.raw_path, "body": body, "host": request.headers["host"]}
    return web.json_response(said, status=201, headers={"x-own": "1", "date": "Sun, 06 Nov 1994 08:49:37 GMT"})


def relayed(ask: Callable[[httpx.AsyncClient], Any], *, answers: bool = True, name: str = "search") -> Any:
    """The result of ``ask`` at the guarded relay, in front of a server that echoes the request."""

    async def run() -> Any:
        runner = web.AppRunner(web.Application())
        runner.app.router.add_route("*", "/{path:.*}", _echo)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1] if answers else 9
        async with Upstream(f"http://127.0.0.1:{port}") as upstream:
            app: Any = Guard(Relay(name, upstream), doors(Settings({}), name))
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:9200") as client:
                found = await ask(client)
        await runner.cleanup()
        return found

    return asyncio.run(run())


def test_requests_pass_as_they_are() -> None:
    answer = relayed(lambda client: client.post("/a%2Fb/_search?q=1&r", content=b'{"x":1}'))
    said = answer.json()
    assert (answer.status_code, answer.headers["x-own"]) == (201, "1")
    assert (said["method"], said["target"], said["body"]) == ("POST", "/a%2Fb/_search?q=1&r", '{"x":1}')
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "date" not in answer.headers, "the server that relays sends one: an SDK could not read two"


def test_localstack_gets_the_host_that_links_are_signed_for() -> None:
    hosts = [relayed(lambda client: client.get("/"), name=name).json()["host"] for name in ("emulator", "search")]
    assert hosts[0] == "localhost:9200"
    assert hosts[1].startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.test:9200"}, 421), ({"origin": "http://evil.test"}, 403), ({"origin": "null"}, 403),
        ({"origin": "http://localhost:8080"}, 403), ({"sec-fetch-site": "same-site"}, 403),
    ],
)  # fmt: skip
def test_requests_of_foreign_pages_are_refused(headers: dict[str, str], status: int) -> None:
    assert relayed(lambda client: client.post("/_bulk", headers=headers)).status_code == status


def test_an_unreachable_server_is_named_in_a_503() -> None:
    answer = relayed(lambda client: client.get("/"), answers=False)
    assert (answer.status_code, answer.json()["message"]) == (503, "nothing answers at http://127.0.0.1:9")
    assert relayed(lambda client: client.get("/_health"), answers=False).json() == {"service": "search", "status": "ok"}


def test_other_arguments_are_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["other", "http://localhost"]) == 2
    assert "expected one of edge" in capsys.readouterr().err


def test_the_engine_of_compose_listens_only_in_its_container() -> None:
    engine, guard = COMPOSE["search"], COMPOSE["search-guard"]
    assert (engine["environment"]["network.host"], engine["environment"]["http.port"]) == ("127.0.0.1", "9201")
    assert guard["network_mode"] == "service:search"
    assert guard["command"] == ["python", "-m", "emulation.relay", "search", "http://127.0.0.1:9201"]


def test_published_compose_ports_are_guarded_and_on_loopback() -> None:
    """On request only: coturn (not HTTP, asks for credentials) and nginx (public static files)."""
    published = {name: service["ports"] for name, service in COMPOSE.items() if service.get("ports")}
    assert published.keys() - {"turn", "ui"} == {"emulator", "search", "console", "push", "edge", "sfu"}
    ports = [port for name, of_service in published.items() for port in of_service if name != "turn"]
    assert [port for port in ports if not re.fullmatch(r"127\.0\.0\.1:\$\{PORT_[A-Z_]+:-\d+\}:\d+", port)] == []


def test_only_its_guard_publishes_localstack_and_only_it_mounts_docker() -> None:
    assert {name for name, service in LOCALSTACK.items() if service.get("ports")} == set()
    assert LOCALSTACK["emulator"]["command"] == [
        "python",
        "-m",
        "emulation.relay",
        "emulator",
        "http://localstack:4566",
    ]
    mounting = {
        name
        for services in (COMPOSE, LOCALSTACK)
        for name, service in services.items()
        if "docker.sock" in json.dumps(service.get("volumes", []))
    }
    assert mounting == {"localstack"}


def test_the_stand_in_image_listens_as_the_official_one_is_configured_to() -> None:
    entrypoint = Path(checkout_root(), "tests/compose/standins/opensearch-entrypoint").read_text("utf-8")
    assert "9201" in entrypoint
    assert "socat" not in entrypoint
    assert json.dumps(COMPOSE["search"]["healthcheck"]).count("127.0.0.1:9201") == 1
