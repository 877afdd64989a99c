"""`make up` and `make reindex` fill indices that began empty where they are, replace others, and say what they do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emulation.search.mending import REFILL
from kit import console, reindex, shell
from kit.deploy.incremental import Deployment
from kit.settings import Settings
from services.search.reindex import Progress, ReindexOutcome


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    for name in ("ASYNCSNS_STATE", "EMULATOR"):
        monkeypatch.delenv(name, raising=False)
    for name in Settings().aws_environment():
        monkeypatch.setenv(name, "")  # undone after the test
    settings = Settings()
    settings.endpoints_file.write_text(json.dumps({"tables": {"posts": "p", "profiles": "q"}}), "utf-8")
    return settings


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was called of search; the first does nothing where other indices are in the way."""
    calls: list[str] = []

    def outcome(told: Callable[[Progress], None]) -> ReindexOutcome:
        for progress in (Progress("let live changes in", waits=2), Progress("let live changes in", waits=1)):
            told(progress)
        told(Progress("fill"))
        return ReindexOutcome({"posts": ([], "posts-v1", 3)}, Progress())

    def refill(url: str, tables: list[str], *, told: Callable[[Progress], None]) -> ReindexOutcome:
        calls.append("refill")
        return outcome(told)

    def rebuild(url: str, tables: list[str], *, now: object, told: Callable[[Progress], None]) -> ReindexOutcome:
        calls.append("rebuild")
        return outcome(told)

    monkeypatch.setattr(reindex, "refill_indices", refill)
    monkeypatch.setattr(reindex, "rebuild_indices", rebuild)
    monkeypatch.setattr(reindex, "outdated_indices", lambda url: [])
    return calls


def _request(settings: Settings, reason: str) -> Path:
    file = settings.state / "search" / REFILL
    file.parent.mkdir(parents=True)
    file.write_text(reason)
    return file


@pytest.mark.parametrize(("reason", "call"), [("", "refill"), ("indices of the other engine", "rebuild")])
def test_indices_that_began_empty_are_filled_without_waiting(
    settings: Settings, done: list[str], reason: str, call: str
) -> None:
    file = _request(settings, reason)
    said: list[str] = []
    result = reindex.bring_up_to_date(settings, said.append)
    assert done == [call]
    assert said == ["let live changes in: 2 s", "fill"]
    assert result == f"{reason or 'damaged indices'} replaced, 3 documents"
    assert not file.exists()


def test_indices_in_the_way_are_replaced(settings: Settings, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _request(settings, "")
    monkeypatch.setattr(reindex, "refill_indices", lambda url, tables, told: None)
    reindex.bring_up_to_date(settings)
    assert done == ["rebuild"]


def test_make_up_shows_each_step_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def run(command: list[str], *, told: Callable[[str], None], **_: object) -> str:
        lines = ["… fill\n", "3 documents\n"]
        for line in lines:
            told(line)
        return "".join(lines)

    monkeypatch.setattr(shell, "run", run)
    monkeypatch.setattr(console, "say", said.append)
    assert Deployment(settings).renew_indices() == "3 documents"
    assert said == ["… fill"]
