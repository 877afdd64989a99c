"""The script of the browser demo, and its report."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kit.demo.browser.report import report
from kit.demo.browser.script import LENGTHS, SCENES, scenes_of
from kit.demo.browser.walk import Figure, Shown, Walk
from kit.drills.catalogue import DRILLS
from kit.words import Words

_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
SPANS = {"id": "1-0-0", "duration": 0.2, "spans": [{"name": "post <fn>", "start": 0.05, "duration": 0.1}]}


@pytest.mark.parametrize("minutes", LENGTHS)
def test_a_demo_lasts_the_stated_minutes(minutes: int) -> None:
    assert sum(scene.lasts(minutes) for scene in SCENES) == minutes * 60


def test_the_page_of_the_demo_lists_every_scene_with_its_seconds_and_drills() -> None:
    page = (Path(__file__).parents[3] / "docs/demo.md").read_text("utf-8")
    for scene in SCENES:
        seconds = " | ".join(f"{one} s" if one else "–" for one in scene.seconds)
        drills = ", ".join(f"`{one}`" for one in scene.drills) or "–"
        assert f"| {scene.title.en} | {seconds} | {drills} |\n" in page


@pytest.mark.parametrize("minutes", LENGTHS)
def test_every_demo_starts_with_the_domain_and_ends_with_the_whole_picture(minutes: int) -> None:
    titles = [scene.title.en for scene in scenes_of(minutes)]
    assert titles[:2] == ["The domain", "The whole picture"]
    assert titles[-1] == "The whole picture again"


def test_the_speaker_has_notes_in_both_languages_and_buttons_that_play_drills() -> None:
    for scene in SCENES:
        for words in (scene.title, scene.notes):
            assert _JAPANESE.search(words.ja), words
            assert not _JAPANESE.search(words.en.replace("食べる", "").replace("食べた", "")), words
        assert set(scene.drills) <= set(DRILLS)


def test_the_report_holds_pictures_figures_and_traces_and_fetches_nothing() -> None:
    shown = Shown("The domain", [b"left", b"right"], [Figure(Words("<b>", "値"), "7 & 8")], {"1-0-0": "POST /v1/posts"})
    walk = SimpleNamespace(
        shown=[shown],
        run="abc",
        endpoints=SimpleNamespace(base_url="http://localhost:8080"),
        spans=lambda trace_id: cast(dict[str, Any] | None, SPANS if trace_id == "1-0-0" else None),
    )
    text = report(cast(Walk, walk), list(SCENES), 5, 12.0)
    assert text.count("data:image/jpeg;base64,") == 2
    assert "&lt;b&gt;" in text and "7 &amp; 8" in text
    assert "POST /v1/posts" in text and "post &lt;fn&gt;" in text and "left:25.00%;width:50.00%" in text
    assert not re.search(r"(src|href)=\"(?!data:)|<script|url\(|@import", text)
