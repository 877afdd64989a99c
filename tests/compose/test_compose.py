"""The Compose target on a real Docker engine: build, start, deploy, use, restart."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from testcontainers.compose import DockerCompose

from kit.client import Endpoints, Socket
from kit.client.api import wait_for
from kit.settings import Settings
from kit.targets.compose import environment
from tests.support.people import Town

ROOT = Path(__file__).parents[2]
_OFFSET = 3_000
_LONG_LIVED = {"emulator", "search", "console", "pump", "push", "edge"}


def _absent() -> str | None:
    """What this suite lacks here, by name."""
    if os.environ.get("ASYNCSNS_TEST_COMPOSE") != "1":
        return "ASYNCSNS_TEST_COMPOSE=1 is not set (`make test-compose` sets it): the images take minutes to build"
    if shutil.which("docker") is None:
        return "docker is absent"
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        return "the Docker engine does not answer"
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        return "the Compose v2 plugin of docker is absent"
    return None


_ABSENT = _absent()
pytestmark = [
    pytest.mark.skipif(_ABSENT is not None, reason=str(_ABSENT)),
    # Images are built inside.
    pytest.mark.timeout(1_200),
]


@pytest.fixture(scope="module")
def compose() -> Iterator[DockerCompose]:
    """All services, healthy, on ports of their own; removed with their volumes afterwards."""
    settings = Settings(port_offset=_OFFSET)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(settings, {}).items():
            patch.setenv(name, value)
        running = DockerCompose(
            ROOT, compose_file_name="compose.yaml", build=True, wait=True, profiles=["ministack"], keep_volumes=False
        )
        with running:
            yield running
        # The volumes of the one-shots, too.
        _compose("--profile", "*", "down", "--volumes")


@pytest.fixture(scope="module")
def endpoints(compose: DockerCompose, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    """Deployed and seeded by the one-shot, as ``make up TARGET=compose`` does it."""
    done = _compose("run", "--rm", "-T", "deploy")
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    told = _compose("run", "--rm", "-T", "deploy", "python", "-m", "kit.compose.deploy", "endpoints")
    file = tmp_path_factory.mktemp("compose") / "endpoints.json"
    file.write_text(told.stdout)
    return Endpoints.load(file)


def _compose(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", "compose", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_service_is_up_and_nothing_listens_beyond_loopback(compose: DockerCompose) -> None:
    containers = [json.loads(line) for line in _compose("ps", "--format", "json").stdout.splitlines()]
    assert {container["Service"] for container in containers} == _LONG_LIVED
    assert all(container["Health"] == "healthy" for container in containers), containers
    published = [one for container in containers for one in container["Publishers"] or [] if one["PublishedPort"]]
    assert published
    assert {one["URL"] for one in published} == {"127.0.0.1"}


def test_the_ui_and_its_addresses_are_served(endpoints: Endpoints) -> None:
    page = httpx.get(endpoints.base_url, timeout=20)
    assert page.status_code == 200
    assert "<title>" in page.text
    config = httpx.get(f"{endpoints.base_url}/config.json", timeout=20).json()
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
        name = httpx.get(str(endpoints.document["searchUrl"]), timeout=20).json()["version"]
        assert name.get("distribution") == "opensearch"
        conversation = hana.api.post("/v1/conversations", {"memberId": kenta.id})["id"]
        with Socket(endpoints, hana.api) as sender, Socket(endpoints, kenta.api) as receiver:
            client_id = uuid.uuid4().hex
            sender.send("chat.send", {"conversationId": conversation, "clientMessageId": client_id, "text": "おはよう"})
            receiver.wait("chat.message", lambda data: data["message"]["clientMessageId"] == client_id, seconds=30)
    finally:
        town.close()


def test_what_was_written_survives_a_restart_of_the_emulator(endpoints: Endpoints) -> None:
    town = Town(endpoints)
    try:
        person = town.person("restart")
        post = person.post("still here")["id"]
        assert _compose("restart", "emulator").returncode == 0
        read = wait_for(
            lambda: httpx.get(
                f"{endpoints.base_url}/v1/posts/{post}", headers=dict(person.api.http.headers), timeout=20
            ),
            until=lambda answer: answer.status_code == 200,
            what="the post after the restart",
            seconds=60,
        )
        assert read.json()["text"] == "still here"
    finally:
        town.close()
