"""The Compose target on a real Docker engine: one `docker compose up` builds, starts and deploys; then use, restart."""

from __future__ import annotations

import json
import re
import uuid

import httpx
import pytest

from kit.client import Endpoints, Socket
from kit.client.api import wait_for
from tests.compose.network import Network, absent
from tests.support.people import Town

_OFFSET = 3_000
_LONG_LIVED = {"emulator", "search", "search-guard", "console", "pump", "push", "edge", "janus", "sfu"}
#: The network that the fixture ``network`` starts.
NETWORK = (_OFFSET, "ministack")
#: Headers from the distribution's policies and from S3.
_OF_PAGES = (
    "cache-control", "content-security-policy", "strict-transport-security", "x-content-type-options",
    "x-frame-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy",
)  # fmt: skip
_ABSENT = absent("1")
pytestmark = [
    pytest.mark.skipif(_ABSENT is not None, reason=str(_ABSENT)),
    # The build of the images is included.
    pytest.mark.timeout(1_200),
]


def test_every_service_is_up_and_nothing_listens_beyond_loopback(network: Network) -> None:
    def up() -> list[dict[str, object]]:
        return [json.loads(line) for line in network.compose("ps", "--format", "json").stdout.splitlines()]

    # The one-shot containers wait for all others except the pump and the media server.
    containers = wait_for(up, until=lambda found: not _ill(found), what="healthy services", seconds=60)
    assert {container["Service"] for container in containers} == _LONG_LIVED
    published = [one for container in containers for one in container["Publishers"] or [] if one["PublishedPort"]]
    assert published
    assert {one["URL"] for one in published} == {"127.0.0.1"}


def _ill(containers: list[dict[str, object]]) -> list[object]:
    """Names of those that are not healthy. ``janus`` has no check of its own: the health of ``sfu`` is Janus's too."""
    return [
        one["Service"]
        for one in containers
        if (one["State"] != "running" if one["Service"] == "janus" else one["Health"] != "healthy")
    ]


def test_the_last_one_shot_container_prints_the_address(network: Network) -> None:
    assert f"http://localhost:{8080 + _OFFSET}" in network.compose("logs", "ready").stdout


def test_the_ui_and_its_addresses_are_served(endpoints: Endpoints) -> None:
    page = httpx.get(endpoints.base_url, timeout=60)
    assert page.status_code == 200
    assert "<title>" in page.text
    config = httpx.get(f"{endpoints.base_url}/config.json", timeout=60).json()
    assert config["target"] == "compose"
    assert f":{8081 + _OFFSET}/" in config["realtimeUrl"]


def test_a_post_is_found_in_real_opensearch_and_a_message_arrives(endpoints: Endpoints) -> None:
    town = Town(endpoints)
    try:
        hana, kenta = town.person("hana"), town.person("kenta")
        word = f"compose{uuid.uuid4().hex[:8]}"
        hana.post(f"京都でラーメンを食べた {word}")
        found = wait_for(
            lambda: kenta.api.get("/v1/search", q=f"食べる {word}"),
            until=lambda page: page["items"],
            what="the post in OpenSearch",
            seconds=60,
        )
        assert "食べた" in found["items"][0]["post"]["text"]
        name = httpx.get(str(endpoints.document["searchUrl"]), timeout=60).json()["version"]
        assert name.get("distribution") == "opensearch"
        conversation = hana.api.post("/v1/conversations", {"memberId": kenta.id})["id"]
        with Socket(endpoints, hana.api) as sender, Socket(endpoints, kenta.api) as receiver:
            client_id = uuid.uuid4().hex
            sender.send("chat.send", {"conversationId": conversation, "clientMessageId": client_id, "text": "おはよう"})
            receiver.wait("chat.message", lambda data: data["message"]["clientMessageId"] == client_id, seconds=30)
    finally:
        town.close()


def test_the_ui_can_have_a_server_of_its_own(network: Network, endpoints: Endpoints) -> None:
    """With the files and headers that CloudFront serves; the edge serves the API."""
    started = network.compose("--profile", "ui", "up", "-d", "ui")
    assert started.returncode == 0, started.stderr
    own = f"http://localhost:{8087 + _OFFSET}"
    wait_for(lambda: _status(f"{own}/"), until=lambda status: status == 200, what="the UI's own server", seconds=120)
    page = httpx.get(f"{own}/", timeout=60).text
    paths = ["/", "/settings", "/config.json", "/absent.txt", "/no/such/page", "/v1/status"]
    for path in [*paths, *re.findall(r'(?:src|href)="(/[^"]+)"', page)]:
        here, there = (httpx.get(f"{base}{path}", timeout=60) for base in (own, endpoints.base_url))
        assert (here.status_code, here.headers["content-type"]) == (there.status_code, there.headers["content-type"])
        same = [name for name in _OF_PAGES if here.headers.get(name) != there.headers.get(name)]
        assert same == [], path
        # S3's error contains the request id.
        if path not in ("/v1/status", "/absent.txt"):
            assert here.content == there.content, path
    rebound = httpx.get(f"{own}/v1/status", headers={"host": f"evil.example:{8087 + _OFFSET}"}, timeout=60)
    assert rebound.status_code == 421, "the edge judges by the host that the client named"


def _status(url: str) -> int | None:
    try:
        return httpx.get(url, timeout=60).status_code
    except httpx.TransportError:
        return None


def test_written_data_survives_a_restart_of_the_emulator(network: Network, endpoints: Endpoints) -> None:
    town = Town(endpoints)
    try:
        person = town.person("restart")
        post = person.post("still here")["id"]
        assert network.compose("restart", "emulator").returncode == 0
        read = wait_for(
            lambda: httpx.get(
                f"{endpoints.base_url}/v1/posts/{post}", headers=dict(person.api.http.headers), timeout=60
            ),
            until=lambda answer: answer.status_code == 200,
            what="the post after the restart",
            seconds=60,
        )
        assert read.json()["text"] == "still here"
    finally:
        town.close()
