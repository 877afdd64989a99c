"""``python -m kit.demo.browser``: the narrated walk in Chromium, and the report of the run.

Two windows side by side, one for each person, and the speaker's desk below. It drives itself in 5, 15 or 30 minutes, or
step by step (``--steps``). ``--check`` plays it without windows and without waiting; exit code 1: a scene failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from emulation.private import keep_private
from kit.demo.browser.desk import Desk, Restarted, arrange
from kit.demo.browser.report import report
from kit.demo.browser.script import LENGTHS, SCENES, Scene, scenes_of
from kit.demo.browser.walk import Walk, browser_and_endpoints
from kit.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """0: all scenes were played; 1: one failed; 2: it can't be played here."""
    keep_private()
    parser = argparse.ArgumentParser(prog="make demo BROWSER=yes", description=__doc__)
    japanese = os.environ.get("LANG", "").startswith("ja")
    parser.add_argument("--lang", choices=("en", "ja"), default="ja" if japanese else "en")
    parser.add_argument("--minutes", type=int, choices=LENGTHS, help="5 without it; with --check every scene")
    parser.add_argument("--steps", action="store_true", help="go on by the button, not by time")
    parser.add_argument("--check", action="store_true", help="every scene, without windows, without waiting")
    parser.add_argument("--reset", action="store_true", help="only delete what the last run left")
    options = parser.parse_args(arguments)
    headless = options.check or options.reset
    found = browser_and_endpoints(headless=headless)
    if found is None:
        return 2
    path, endpoints = found
    with sync_playwright() as playwright:
        browser = _launched(playwright, path, headless=headless)
        if options.reset:
            print(f"{Walk(endpoints, browser).end_story()} people of the last run are being deleted")
            return 0
        minutes = options.minutes or 5
        scenes = list(SCENES) if options.check and not options.minutes else scenes_of(minutes)
        desk = Desk(browser, options.lang, auto=not options.steps, windowed=not options.check)
        while True:
            walk = Walk(endpoints, browser, windowed=not options.check)
            walk.heard = desk.hear
            try:
                return _played(walk, desk, scenes, 0 if options.check else minutes)
            except Restarted:
                walk.close()


def _launched(playwright: Playwright, path: str, *, headless: bool) -> Browser:
    return playwright.chromium.launch(executable_path=path, headless=headless)


def _played(walk: Walk, desk: Desk, scenes: list[Scene], minutes: int) -> int:
    """``minutes`` 0: without waiting. The report is written also where a scene failed."""
    begun, failed = time.monotonic(), 0
    if minutes:
        arrange(walk.left, walk.right, desk.page)
    try:
        walk.begin_story()
        for number, scene in enumerate(scenes, 1):
            due = time.monotonic() + (scene.lasts(minutes) if minutes else 0)
            desk.show(scene, number, len(scenes))
            print(f"{number:2}. {scene.title.text(desk.language)}", flush=True)
            with walk.scene(scene.title.en):
                scene.act(walk)
            for figure in walk.shown[-1].figures:
                print(f"    {figure.what.text(desk.language)}: {figure.value}")
            if minutes:
                desk.wait(due - time.monotonic())
    except Restarted:
        raise
    except Exception as error:
        print(f"    ✗ {type(error).__name__}: {error}"[:600], file=sys.stderr)
        if walk.shown:
            walk.keep_screens()
        failed = 1
    took = time.monotonic() - begun
    place = _write(walk.settings, walk.run, report(walk, scenes, minutes, took))
    print(f"\n{len(walk.shown)} of {len(scenes)} scenes in {took:.0f} s. Report: {place}")
    return failed


def _write(settings: Settings, run: str, text: str) -> Path:
    place = settings.home / "demo" / f"{time.strftime('%Y%m%d-%H%M%S')}-{run}.html"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")
    return place


if __name__ == "__main__":
    sys.exit(main())
