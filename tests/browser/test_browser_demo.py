"""The demo in the browser: every scene, its report, its restart; and the presenter's view."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from kit.demo.browser.desk import Desk, Restarted, arrange
from kit.demo.browser.script import SCENES, scenes_of

ROOT = Path(__file__).parents[2]


def demo(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kit.demo.browser", "--lang", "en", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_short_walk_is_played_and_reported() -> None:
    done = demo("--check", "--minutes", "5")
    count = len(scenes_of(5))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{count} of {count} scenes" in done.stdout
    text = _report(done.stdout)
    assert text.count("data:image/jpeg;base64,") == 2 * count
    assert "POST /v1/posts" in text, "the trace of Aki's post is missing"


@pytest.mark.long
def test_every_scene_is_played_and_reported_and_the_story_can_be_reset() -> None:
    done = demo("--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(SCENES)} of {len(SCENES)} scenes" in done.stdout
    assert "Miss from cloudfront" in _report(done.stdout)
    assert "2 people of the last run are being deleted" in demo("--reset").stdout
    assert "0 people of the last run are being deleted" in demo("--reset").stdout


def _report(printed: str) -> str:
    return Path(printed.strip().rpartition("Report: ")[2]).read_text("utf-8")


def test_the_desk_waits_for_the_speaker_advances_automatically_and_restarts(chromium: Browser) -> None:
    desk = Desk(chromium, "ja", auto=False)
    desk.show(SCENES[0], 1, len(SCENES))
    expect(desk.page.locator("h1")).to_contain_text("ドメイン")
    expect(desk.page.locator("p[lang=en]")).to_contain_text("asynchronous communication")
    desk.page.locator("[data-act=next]").click()
    desk.wait(60)
    desk.page.locator("[data-act=auto]").click()
    desk.wait(0.1)
    assert desk.auto
    desk.page.locator("[data-act=reset]").click()
    with pytest.raises(Restarted):
        desk.wait(60)
    desk.page.context.close()


def test_a_button_runs_a_drill_and_shows_its_output(chromium: Browser) -> None:
    desk = Desk(chromium, "en", auto=True)
    desk.show(SCENES[-2], 12, len(SCENES))
    expect(desk.page.locator("[data-act='drill gateway-stops']")).to_contain_text("API Gateway stops")
    # An unknown name breaks nothing here; the output of a real command arrives the same way.
    assert not desk.drill("no-such-drill")
    expect(desk.page.locator("#seen")).to_contain_text("NAME: expected one of gateway-stops")
    desk.page.context.close()


def test_two_people_stand_side_by_side_above_the_desk(chromium: Browser) -> None:
    pages = [chromium.new_context(no_viewport=True).new_page() for _ in range(3)]
    arrange(*pages)
    bounds = []
    for page in pages:
        session = page.context.new_cdp_session(page)
        bounds.append(session.send("Browser.getWindowForTarget")["bounds"])
        page.context.close()
    left, right, desk = bounds
    assert left["left"] + left["width"] <= right["left"] + 1
    assert left["top"] == right["top"] < desk["top"]
    assert desk["width"] >= left["width"] + right["width"] - 1
