"""The port offset of the last `make up` is remembered; an environment variable overrides it."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulation.settings import PORTS, SERVERS
from emulation.settings import Settings as EmulationSettings
from kit.settings import HANDED_ON, Settings, checkout_root


def test_settings_of_make_up_are_remembered_per_checkout(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path, port_offset=300)
    assert settings.remembered() == {}
    settings.remember(port_offset=300, target="embedded")
    settings.remember(target="compose")
    assert settings.remembered() == {"port_offset": "300", "target": "compose"}


def test_a_damaged_settings_file_counts_as_absent(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    settings.home.mkdir()
    settings.remembered_file.write_text("{")
    assert settings.remembered() == {}


@pytest.mark.parametrize("offset", ["-1", "x", "50001", "1.5"])
def test_an_invalid_port_offset_is_refused(monkeypatch: pytest.MonkeyPatch, offset: str) -> None:
    monkeypatch.setenv("ASYNCSNS_PORT_OFFSET", offset)
    with pytest.raises(ValueError, match="expected a whole number from 0 to 50000"):
        Settings.load()


@pytest.mark.parametrize(("seed", "emulator", "wanted"), [
    ("", "ministack", True), ("", "localstack", False), ("no", "ministack", False), ("yes", "localstack", True),
])  # fmt: skip
def test_sample_people_are_added_by_default_and_not_with_seed_no(
    monkeypatch: pytest.MonkeyPatch, seed: str, emulator: str, wanted: bool
) -> None:
    monkeypatch.setenv("SEED", seed)
    monkeypatch.setenv("EMULATOR", emulator)
    assert Settings().wants_seed is wanted


@pytest.mark.parametrize("seed", ["perhaps", "0", "NO", "yes no"])
def test_another_word_for_seed_is_refused(monkeypatch: pytest.MonkeyPatch, seed: str) -> None:
    monkeypatch.setenv("SEED", seed)
    with pytest.raises(ValueError, match=f"SEED={seed}: expected yes or no"):
        _ = Settings().wants_seed


def handed_on(monkeypatch: pytest.MonkeyPatch, **variables: str) -> EmulationSettings:
    """The servers' settings when a user has set these ``ASYNCSNS_*`` variables."""
    for name, value in variables.items():
        monkeypatch.setenv(f"ASYNCSNS_{name}", value)
    return Settings(port_offset=100).emulation


def test_servers_listen_on_the_ports_that_the_kit_expects() -> None:
    settings = Settings(port_offset=100)
    assert {name: settings.port(name) - 100 for name in SERVERS} == PORTS
    assert {name: EmulationSettings({}).port(name) for name in SERVERS} == PORTS
    assert EmulationSettings(settings.emulation_environment()).url("edge") == settings.url("edge")


def test_the_servers_read_each_variable_that_the_kit_hands_on() -> None:
    sources = "".join(path.read_text("utf-8") for path in (checkout_root() / "emulation").rglob("*.py"))
    for name in ("STATE", "LOGS", "PORT_OFFSET", "ALLOWED_HOSTS", "ALLOWED_ORIGINS", *HANDED_ON):
        kind = name.partition("URL_")
        assert f'"{name}"' in sources or f'"EMULATION_{name}"' in sources or f'f"{kind[0]}{kind[1]}{{' in sources, name


def test_environment_variables_of_the_user_reach_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = handed_on(
        monkeypatch, URL_EMULATOR="http://emulator:4566/", BIND_HOST="192.0.2.1", ALLOWED_HOSTS="Laptop.lan, other",
        ALLOWED_ORIGINS="https://tool.example", LAMBDA_EMULATOR_URL="http://host.docker.internal:4566",
        LAMBDA_CONCURRENCY="3", STATE="/var/state",
    )  # fmt: skip
    assert servers.url("emulator") == "http://emulator:4566"
    assert servers.bind_host == "192.0.2.1"
    assert servers.allowed_hosts == {"laptop.lan", "other", "host.docker.internal"}
    assert servers.allowed_origins == {"https://tool.example", "http://localhost:5273", "http://127.0.0.1:5273"}
    assert servers.environ["EMULATION_LAMBDA_CONCURRENCY"] == "3"
    assert str(servers.state) == "/var/state"


def test_the_servers_own_variables_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Compose both the servers' and the kit's variables are set."""
    monkeypatch.setenv("EMULATION_URL_SEARCH", "http://search:9200")
    monkeypatch.setenv("EMULATION_ALLOWED_HOSTS", "one")
    servers = handed_on(monkeypatch, URL_SEARCH="http://elsewhere:9200", ALLOWED_HOSTS="two")
    assert servers.url("search") == Settings().url("search") == "http://search:9200"
    assert servers.allowed_hosts == {"one", "two"}
