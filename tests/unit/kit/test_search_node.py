"""`make up SEARCH=node`: which processes run, what is refused, and that indices are rebuilt."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit import processes, search_node
from kit.opensearch_node import assemble
from kit.settings import Settings
from kit.supervisor import client
from kit.targets import embedded


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    for name in ("SEARCH", "EMULATOR", "ASYNCSNS_STATE", "ASYNCSNS_STRICT"):
        monkeypatch.delenv(name, raising=False)
    return Settings(port_offset=7)


@pytest.mark.parametrize("emulator", ["ministack", "localstack"])
def test_the_search_node_runs_behind_the_guard(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, emulator: str
) -> None:
    monkeypatch.setenv("EMULATOR", emulator)
    monkeypatch.setenv("SEARCH", "node")
    rows = {launch.name: launch for launch in processes.launches(settings)}
    node, doors = rows["search-node"], rows["search"]
    assert (node.url, node.health_url) == ("http://127.0.0.1:9209", "http://127.0.0.1:9209/")
    assert node.argv[1:3] == ["-m", "kit.search_node"]
    assert doors.argv[2:] == ["emulation.relay", "search", "http://127.0.0.1:9209"]
    assert (doors.url, doors.needs) == ("http://127.0.0.1:9207", ["search-node"])
    monkeypatch.setenv("SEARCH", "engine")
    assert "search-node" not in {launch.name for launch in processes.launches(settings)}


def test_the_choice_is_remembered_and_another_word_is_refused(settings: Settings) -> None:
    assert not search_node.is_wanted(settings, {})
    settings.remember(search=search_node.choice(settings, {"SEARCH": "node"}))
    assert search_node.is_wanted(settings, {})
    assert not search_node.is_wanted(settings, {"SEARCH": "engine"})
    with pytest.raises(ValueError, match="SEARCH=solr: expected engine or node"):
        search_node.choice(settings, {"SEARCH": "solr"})


def test_missing_tools_for_the_node_are_named_in_one_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assemble.shutil, "which", lambda tool: None if tool == "mvn" else f"/usr/bin/{tool}")
    assert search_node.problem(settings) == (
        "SEARCH=node needs mvn: Maven 3 (Debian: apt-get install maven); "
        "`make up SEARCH=engine` goes on with the engine of this project"
    )
    monkeypatch.setattr(assemble.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    assert search_node.problem(settings) is None
    monkeypatch.setenv("ASYNCSNS_STRICT", "yes")
    assert search_node.problem(settings) is not None, "the node takes unsigned requests"


def test_another_search_engine_is_refilled(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "is_running", lambda _: False)
    monkeypatch.setattr(client, "ensure", lambda _: False)
    refill = settings.state / "search" / "refill"
    settings.home.mkdir(exist_ok=True)
    settings.endpoints_file.write_text("{}")
    embedded._start(settings, "embedded")
    assert not refill.exists()
    monkeypatch.setenv("SEARCH", "node")
    embedded._start(settings, "embedded")
    assert refill.read_text() == "indices of the other engine"
    refill.unlink()
    embedded._start(settings, "embedded")
    assert not refill.exists(), "the same engine as before"
