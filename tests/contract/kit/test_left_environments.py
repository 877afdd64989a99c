"""The kit counts and ends what a killed emulator left for the next one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulation.emulator.environment import left_sockets
from emulation.emulator.lambdas.templates import Keeping, Template
from kit import inspect, processes
from kit.settings import Settings
from kit.supervisor import client, records


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    for name in ("ASYNCSNS_STATE", "EMULATOR", "TURN"):
        monkeypatch.delenv(name, raising=False)
    # Short enough for a socket below it, wherever pytest's own folders are.
    with tempfile.TemporaryDirectory(prefix="asyncsns-") as home:
        monkeypatch.setenv("ASYNCSNS_HOME", home)
        settings = Settings()
        settings.run.mkdir(parents=True)
        yield settings


@pytest.fixture
def template(settings: Settings, tmp_path: Path) -> Iterator[Template]:
    socket = left_sockets(settings.emulation) / "t.sock"
    template = Template({}, [], tmp_path / "log", keeping=Keeping(socket, 600))
    template.warm()
    yield template
    template.close()


def test_a_stop_ends_it(settings: Settings, template: Template) -> None:
    assert client.stop(settings) == []
    assert not template.alive


def test_its_memory_is_the_emulators(settings: Settings, template: Template) -> None:
    records.write(settings.run, "emulator", os.getpid())
    with_it = inspect.memory(settings)["emulator"]
    template.close()
    assert inspect.memory(settings)["emulator"] < with_it


def test_make_up_asks_for_it_unless_the_caller_chose(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds() -> str:
        emulator = next(one for one in processes.launches(settings) if one.name == "emulator")
        return emulator.env["EMULATION_LAMBDA_KEEP_SECONDS"]

    assert seconds() == "30"
    monkeypatch.setenv("EMULATION_LAMBDA_KEEP_SECONDS", "0")
    assert seconds() == "0"
