"""Which target commands use: the one that was started last; two targets never run at once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kit import processes, targets, up
from kit.settings import Settings
from kit.steps import StepFailed
from kit.supervisor import client
from kit.targets import compose, embedded


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    monkeypatch.setenv("TARGET", "compose")
    return Settings.load()


def _docker(monkeypatch: pytest.MonkeyPatch, fails_at: str) -> None:
    """A fake Docker that fails at one Compose command."""

    def run(self: Any, settings: Settings, *arguments: str) -> None:
        if arguments[0] == fails_at:
            raise ValueError(f"{fails_at} failed")

    monkeypatch.setattr(compose.Target, "_preflight", lambda *_: None)
    monkeypatch.setattr(compose.Target, "_call", lambda *_, **__: SimpleNamespace(stdout="deploy\nedge\n"))
    monkeypatch.setattr(compose.Target, "_compose", run)


@pytest.mark.parametrize(("fails_at", "remembered"), [("build", "embedded"), ("up", "compose")])
def test_docker_is_remembered_once_its_containers_are_started(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, fails_at: str, remembered: str
) -> None:
    settings.remember(target="embedded")
    _docker(monkeypatch, fails_at)
    with pytest.raises(StepFailed, match=f"{fails_at} failed"):
        up._up()
    assert settings.remembered()["target"] == remembered


def test_the_embedded_target_is_remembered_before_its_first_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.remember(target="compose")
    monkeypatch.setattr(processes, "launches", lambda settings: [])
    at_start: list[str] = []
    monkeypatch.setattr(client, "ensure", lambda settings: at_start.append(settings.remembered()["target"]))
    embedded._start(settings, "embedded")
    assert at_start == ["embedded"]


def test_docker_is_refused_while_the_embedded_network_runs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.remember(target="compose")  # an earlier version stored the target too early
    monkeypatch.setattr(client, "is_running", lambda settings: True)
    with pytest.raises(
        StepFailed, match=r"TARGET=embedded runs.*`make down TARGET=embedded`.*`make up TARGET=compose`"
    ):
        up._up()


@pytest.mark.parametrize("remembered", ["compose", "embedded"])
def test_embedded_is_refused_while_containers_run_that_were_started_here(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, remembered: str
) -> None:
    settings.remember(target=remembered)
    monkeypatch.setattr(compose.shutil, "which", lambda name: name)
    monkeypatch.setattr(compose.Target, "_call", lambda *_, **__: SimpleNamespace(stdout="1f2e\n"))
    if remembered == "embedded":
        targets.require_alone("embedded", settings)
    else:
        with pytest.raises(StepFailed, match="TARGET=compose runs"):
            targets.require_alone("embedded", settings)


def test_the_docker_summary_names_only_services_of_docker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = SimpleNamespace(name="console", url="http://127.0.0.1:1")
    monkeypatch.setattr(processes, "read_launches", lambda settings: [left])
    _docker(monkeypatch, "nothing")
    monkeypatch.setattr(compose.Target, "_call", lambda *_, **__: SimpleNamespace(returncode=0, stdout="{}"))
    compose.Target().up(settings)
    told = capsys.readouterr().out
    assert left.url not in told
    for name in ("console", "emulator", "search"):
        assert settings.public_url(name) in told
