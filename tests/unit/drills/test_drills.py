"""Each drill has its page; a failing drill reports the failure and restores the network."""

from __future__ import annotations

import ast
import io
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from kit.client import Endpoints
from kit.drills import runner
from kit.drills.__main__ import list_drills
from kit.drills.alone import alone
from kit.drills.catalogue import DRILLS
from kit.drills.drill import Drill
from kit.drills.scene import NotHere, Scene
from kit.settings import Settings
from kit.words import Words

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs/drills"
HEADINGS = ["What breaks", "Why it matters", "What people see", "Which metric shows it", "What fixes it"]


@pytest.mark.parametrize("drill", DRILLS.values(), ids=lambda drill: drill.name)
def test_a_drill_has_a_page_that_answers_the_five_questions(drill: Drill) -> None:
    page = (PAGES / f"{drill.name}.md").read_text()
    assert page.startswith(f"# {drill.title.en}\n"), f"docs/drills/{drill.name}.md: expected the drill's title first"
    assert f"`make drill NAME={drill.name}`" in page
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == HEADINGS


def test_every_page_is_of_a_drill_and_the_index_has_all_in_order() -> None:
    files = {path.stem for path in PAGES.glob("*.md")} - {"README"}
    assert files == set(DRILLS)
    listed = re.findall(r"^\| \[([a-z0-9-]+)\]\(\1\.md\)", (PAGES / "README.md").read_text(), re.MULTILINE)
    assert listed == list(DRILLS)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_list_names_every_drill(language: Any) -> None:
    shown = io.StringIO()
    list_drills(Console(file=shown, width=200), language)
    for drill in DRILLS.values():
        assert drill.name in shown.getvalue()
        assert drill.title.text(language) in shown.getvalue()


def test_japanese_texts_differ_from_the_english_ones() -> None:
    for drill in DRILLS.values():
        assert drill.title.ja != drill.title.en
        assert drill.story.ja != drill.story.en
        assert drill.watch.ja != drill.watch.en


@pytest.mark.parametrize("name", DRILLS)
def test_each_drill_is_played_by_its_own_module(name: str) -> None:
    module = import_module(f"kit.drills.{name.replace('-', '_')}")
    played: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "play", played.append)
        DRILLS[name].play("a scene")
    assert played == ["a scene"]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A scene on a healthy network."""
    monkeypatch.setattr(runner, "unwell", lambda scene: [])
    return Scene(Endpoints({"region": "us-east-1", "emulatorUrl": "http://127.0.0.1:1"}))


def drill(play: Any) -> Drill:
    return Drill("test", Words("a", "b"), Words("c", "d"), Words("e", "f"), play, seconds=1)


def test_a_drill_that_raises_has_failed_and_says_why(scene: Scene) -> None:
    def play(scene: Scene) -> None:
        scene.expect("one", "一", 1, 1)
        raise TimeoutError("waited for Godot")

    lines = runner.play(drill(play), scene)
    assert [line.holds for line in lines] == [True, False, True]
    assert "waited for Godot" in lines[1].observed.en


def test_a_line_that_differs_does_not_end_the_drill(scene: Scene) -> None:
    def play(scene: Scene) -> None:
        scene.expect("one", "一", 200, 503)
        scene.expect("two", "二", Words("above 0", "1以上"), 3, holds=True)

    lines = runner.play(drill(play), scene)
    assert [(line.expected.ja, line.observed.ja, line.holds) for line in lines[:2]] == [
        ("200", "503", False),
        ("1以上", "3", True),
    ]


def test_drills_refuse_aws_and_unhealthy_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotHere, match="emulators only"):
        Scene(Endpoints({"region": "us-east-1"})).kill("edge")
    monkeypatch.setattr(runner, "unwell", lambda scene: ["search: ConnectError"])
    with pytest.raises(NotHere, match="search: ConnectError"):
        runner.play(drill(lambda scene: None), Scene(Endpoints({"region": "us-east-1"})))


def test_only_one_drill_runs_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    with alone(Settings()), pytest.raises(NotHere, match="another drill is running"), alone(Settings()):
        pass
    with alone(Settings()):
        """It is free again."""


@pytest.mark.parametrize("name", DRILLS)
def test_values_that_are_sentences_are_in_both_languages(name: str) -> None:
    """Numbers, codes and names of AWS are the same in both."""
    module = ast.parse((ROOT / f"kit/drills/{name.replace('-', '_')}.py").read_text("utf-8"))
    calls = [one for one in ast.walk(module) if isinstance(one, ast.Call) and ast.unparse(one.func) == "scene.expect"]
    values = [value for call in calls for value in call.args[2:4]]
    assert [text for text in map(ast.unparse, values) if re.match(r"f?'[^']*\b[a-z]+ [a-z]", text)] == []
