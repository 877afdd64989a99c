"""How a start treats existing state before the supervisor runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kit import processes
from kit.settings import Settings
from kit.supervisor import client
from kit.targets import embedded

Start = Callable[[str], str | None]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    for name in ("ASYNCSNS_STATE", "TURN", "SFU"):
        monkeypatch.delenv(name, raising=False)
    return Settings()


@pytest.fixture
def start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Start:
    """A start with a fake supervisor that only records that it runs."""
    running = {"it": False}

    def ensure(_: Settings) -> bool:
        running["it"] = True
        return False

    def stop(_: Settings) -> list[str]:
        running["it"] = False
        return []

    monkeypatch.setattr(client, "is_running", lambda _: running["it"])
    monkeypatch.setattr(client, "ensure", ensure)
    monkeypatch.setattr(client, "stop", stop)

    def begin(emulator: str) -> str | None:
        monkeypatch.setenv("EMULATOR", emulator)
        return embedded._start(settings, "embedded")

    return begin


def _file(settings: Settings) -> Path:
    path = settings.state / "stamps" / "seeded"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_localstacks_state_is_removed_with_its_process(settings: Settings, start: Start) -> None:
    start("localstack")
    kept = _file(settings)
    start("localstack")
    assert kept.exists(), "it is still running"
    client.stop(settings)
    start("localstack")
    assert not kept.exists()


def test_ministacks_state_outlives_a_restart_and_localstack(
    settings: Settings, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("ministack")
    kept = _file(settings)
    client.stop(settings)
    start("localstack")
    start("ministack")
    assert kept.exists()
    rows = [row.name for row in processes.read_launches(settings) if row.name != "preload"]
    assert rows == [row.name for row in processes.EMBEDDED]


def test_addresses_of_the_other_emulator_are_forgotten(settings: Settings, start: Start) -> None:
    start("ministack")
    settings.endpoints_file.write_text("{}", "utf-8")
    start("ministack")
    assert settings.endpoints_file.exists()
    start("localstack")
    assert not settings.endpoints_file.exists()
