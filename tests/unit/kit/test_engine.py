"""The cases in which `make up TARGET=compose` refuses, each with one sentence that says what to do."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from kit import shell
from kit.compose import engine
from kit.settings import Settings
from kit.steps import StepFailed

INFO = {"ServerVersion": "24.0.7", "MemTotal": 8_000_000_000}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    monkeypatch.delenv("EMULATOR", raising=False)
    return Settings()


def docker(monkeypatch: pytest.MonkeyPatch, version: str | None = "2.40.3", info: object = None) -> None:
    """A Docker whose commands answer as the test says."""

    def capture(command: list[str]) -> str | None:
        return version if command[1] == "compose" else json.dumps(info) if info else None

    monkeypatch.setattr(engine.shutil, "which", lambda name: name)
    monkeypatch.setattr(shell, "capture", capture)


def test_a_docker_engine_that_meets_all_needs_is_accepted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    docker(monkeypatch, info=INFO)
    assert engine.preflight(settings) == "2.40.3"


def test_missing_docker_is_reported_with_its_download_page(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.shutil, "which", lambda name: None)
    with pytest.raises(StepFailed, match=r"docker is missing: install .*docs\.docker\.com"):
        engine.preflight(settings)


@pytest.mark.parametrize(
    ("version", "info", "sentence"),
    [
        (None, INFO, "`docker compose` is missing: install"),
        ("2.19.1", INFO, r"docker compose 2\.19\.1 is too old: expected 2\.20 or newer"),
        ("2.40.3", None, "the Docker engine does not answer: start it"),
        (
            "2.40.3",
            INFO | {"ServerVersion": "19.03.15"},
            r"Docker Engine 19\.03\.15 is too old: expected 20\.10 or newer",
        ),
        ("2.40.3", INFO | {"MemTotal": 2_100_000_000}, r"Docker has 2\.1 GB of memory, expected 4 GB: give it more"),
    ],
)
def test_missing_docker_features_are_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, version: str | None, info: object, sentence: str
) -> None:
    docker(monkeypatch, version, info)
    with pytest.raises(StepFailed, match=sentence):
        engine.preflight(settings)


def test_localstack_needs_more_memory(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMULATOR", "localstack")
    docker(monkeypatch, info=INFO | {"MemTotal": 4_000_000_000})
    with pytest.raises(StepFailed, match="expected 6 GB"):
        engine.preflight(settings)


def test_a_port_in_use_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        monkeypatch.setenv("PORT_EDGE", str(port))
        with pytest.raises(StepFailed, match=rf"port {port} \(edge\) is held by .*ASYNCSNS_PORT_OFFSET=100"):
            engine.require_free_ports(settings, {"PORT_EDGE": "edge"})


@pytest.mark.parametrize(
    "image", ["localstack/localstack:2026.3.0", "localstack/localstack:latest", "localstack/localstack-pro:5.0"]
)
def test_a_later_image_without_a_token_is_refused_before_anything_is_built(image: str) -> None:
    with pytest.raises(StepFailed, match=r"needs a token: set LOCALSTACK_AUTH_TOKEN .*or leave LOCALSTACK_IMAGE out"):
        engine.require_token({"LOCALSTACK_IMAGE": image})
    engine.require_token({"LOCALSTACK_IMAGE": image, "LOCALSTACK_AUTH_TOKEN": "ls-x"})


@pytest.mark.parametrize("image", ["", "localstack/localstack:4.14.0", "registry.test/own/localstack:2026.1"])
def test_images_without_a_token_and_own_images_are_accepted(image: str) -> None:
    engine.require_token({"LOCALSTACK_IMAGE": image})


def test_a_refused_token_is_distinguished_from_other_failures() -> None:
    said = engine.why_localstack_ended("localstack-1 | License activation failed!\n| Reason: the token has expired")
    assert said is not None
    assert "expired, or of a plan without this image" in said
    assert engine.why_localstack_ended("localstack-1 | ImportError: No module named x") is None


def test_a_missing_docker_socket_is_reported_with_its_setting(tmp_path: Path) -> None:
    environ = {"DOCKER_SOCKET": str(tmp_path / "docker.sock")}
    with pytest.raises(StepFailed, match="say DOCKER_SOCKET="):
        engine.require_socket(environ)
    # Functions that run as processes need no Docker.
    engine.require_socket(environ | {"LAMBDA_RUNTIME_EXECUTOR": "process"})
