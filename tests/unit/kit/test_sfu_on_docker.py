"""`make up TARGET=compose SFU=yes`: what the containers are given. No container is started."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kit import sfu
from kit.deploy.context import target_settings
from kit.settings import Settings, checkout_root
from kit.targets import compose


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    for name in ("TURN", "SFU", "ASYNCSNS_SFU_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return Settings(port_offset=7)


def test_no_media_server_runs_by_default(settings: Settings) -> None:
    plain = compose.environment(settings, {})
    assert (plain["SFU"], "SFU_SECRET" in plain, "COMPOSE_PROFILES" in plain) == ("no", False, False)
    assert "sfu_url" not in (target_settings("compose", settings, {}) or {})


def test_janus_and_its_front_are_a_profile_and_share_the_secret_of_this_machine(settings: Settings) -> None:
    asked = compose.environment(settings, {"SFU": "yes", "TURN": "yes"})
    assert (asked["COMPOSE_PROFILES"], asked["PORT_SFU"]) == ("turn,sfu", "8093")
    assert asked["SFU_SECRET"] == sfu.secret(settings)
    services = yaml.safe_load((checkout_root() / "compose.yaml").read_text("utf-8"))["services"]
    janus, front = services["janus"], services["sfu"]
    assert janus["profiles"] == front["profiles"] == ["sfu"]
    given = "${SFU_SECRET:-}"
    assert janus["environment"]["ASYNCSNS_SFU_SECRET"] == front["environment"]["EMULATION_SFU_SECRET"] == given
    assert services["deploy"]["environment"]["ASYNCSNS_SFU_SECRET"] == given
    # Nothing but the front reaches Janus: it publishes no port, and its socket is in a volume of these two.
    assert "ports" not in janus
    assert all(port.startswith("127.0.0.1:") for port in front["ports"])
    socket = [name for name, row in services.items() if janus["volumes"][0] in row.get("volumes", ())]
    assert socket == ["janus", "sfu"]
    folder = Path(front["environment"]["EMULATION_SFU_SOCKET"]).parent
    assert janus["volumes"] == [f"janus-socket:{folder}"]


def test_in_a_container_the_media_secret_comes_from_the_host(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASYNCSNS_SFU_SECRET", "of the host")
    assert sfu.secret(settings) == "of the host"
    assert not sfu.secret_file(settings).exists()


def test_the_app_on_docker_gets_the_addresses_of_the_media_server(settings: Settings) -> None:
    told = target_settings("compose", settings, {"SFU": "yes"}) or {}
    assert (told["sfu_url"], told["sfu_callback_url"]) == ("http://localhost:8093", "http://127.0.0.1:8093")
