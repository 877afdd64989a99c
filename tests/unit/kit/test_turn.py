"""`make up TURN=yes`: the configuration of coturn."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
import yaml

from kit import processes, turn
from kit.deploy.context import EMBEDDED, target_settings
from kit.settings import Settings, checkout_root
from kit.supervisor import health
from kit.targets import compose

_SECRET = "north-by-north-west"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    for name in ("TURN", "SFU"):
        monkeypatch.delenv(name, raising=False)
    return Settings(port_offset=7)


def test_no_turn_server_runs_by_default(settings: Settings) -> None:
    assert "turn" not in [row.name for row in processes.table_of(settings)]
    assert set(processes.EMBEDDED) <= set(processes.table_of(settings))
    assert "ice" not in (target_settings(EMBEDDED, settings) or {})


def test_the_choice_is_remembered_until_the_next_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURN", "yes")
    settings.remember(turn=turn.choice(settings))
    monkeypatch.delenv("TURN")
    assert turn.is_wanted(settings)
    assert processes.table_of(settings)[-1] is processes.TURN
    told = target_settings(EMBEDDED, settings, {"ASYNCSNS_STUN_URLS": "stun:s:3478"}) or {}
    addresses = "turn:127.0.0.1:3485?transport=udp,turn:127.0.0.1:3485?transport=tcp"
    assert told["ice"] == {"STUN_URLS": "stun:s:3478", "TURN_URLS": addresses}
    assert not turn.is_wanted(settings, {"TURN": "no"})


def test_turn_must_be_yes_or_no(settings: Settings) -> None:
    with pytest.raises(ValueError, match="TURN=maybe: expected yes or no"):
        turn.is_wanted(settings, {"TURN": "maybe"})


def test_the_turn_secret_is_created_once_and_private(settings: Settings) -> None:
    first = turn.secret(settings)
    assert len(first) == 64
    assert turn.secret(settings) == first
    file = settings.home / "keys" / "turn-secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    written = turn.write_configuration(settings, turn.configuration(first, settings.state / "turn", 1))
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_coturn_listens_on_loopback_and_relays_to_nothing_else() -> None:
    lines = turn.configuration(_SECRET, Path("/x"), 3478).splitlines()
    assert {"listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "allowed-peer-ip=127.0.0.1"} <= set(lines)
    assert {"denied-peer-ip=0.0.0.0-255.255.255.255", "use-auth-secret", "no-tcp-relay"} <= set(lines)


def test_a_port_without_stun_answers_is_down() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        assert health.check(f"stun://127.0.0.1:{silent.getsockname()[1]}", timeout=0.05).startswith("down:")


def test_in_a_container_the_turn_secret_comes_from_the_host(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASYNCSNS_TURN_SECRET", "of the host")
    assert turn.secret(settings) == "of the host"
    assert not turn.secret_file(settings).exists()


def test_on_docker_coturn_is_a_profile_with_the_files_of_this_machine(settings: Settings) -> None:
    plain = compose.environment(settings, {})
    assert ("COMPOSE_PROFILES" in plain, plain["TURN"], "TURN_USER" in plain) == (False, "no", False)
    asked = compose.environment(settings, {"TURN": "yes"})
    assert (asked["COMPOSE_PROFILES"], asked["PORT_TURN"]) == ("turn", "3485")
    told = Path(asked["TURN_CONFIG_FILE"]).read_text()
    assert f"static-auth-secret={asked['TURN_SECRET']}" in told
    # The published port is on loopback; inside its container, coturn listens on the container's network.
    assert "listening-ip=0.0.0.0" in told
    services = yaml.safe_load((checkout_root() / "compose.yaml").read_text("utf-8"))["services"]
    # The one-shot container runs as another user than the owner of this machine's files.
    assert services["deploy"]["environment"]["ASYNCSNS_TURN_SECRET"] == "${TURN_SECRET:-}"
    service = services["turn"]
    assert service["profiles"] == ["turn"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
