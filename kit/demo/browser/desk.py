"""The speaker's window: where the walk is, what to say in both languages, and buttons."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as Elapsed

from kit.demo.browser.script import Scene
from kit.demo.browser.walk import Figure
from kit.drills.catalogue import DRILLS
from kit.words import Language

_PAGE = Path(__file__).with_name("desk.html")
_WINDOW = {"width": 1200, "height": 560}


class Restarted(Exception):
    """The speaker asked for the story from its beginning."""


@dataclass
class Desk:
    """``auto``: go on by itself after the time of each scene, else wait for the button."""

    browser: Browser
    language: Language
    auto: bool
    windowed: bool = False

    def __post_init__(self) -> None:
        size: Any = {"no_viewport": True} if self.windowed else {"viewport": _WINDOW}
        self.page: Page = self.browser.new_context(**size).new_page()
        self.page.set_content(_PAGE.read_text("utf-8"))

    def show(self, scene: Scene, number: int, count: int) -> None:
        place = f"{html.escape(scene.title.text(self.language))} <small>{number} / {count}</small>"
        self._put("title", place)
        self._put("ja", html.escape(scene.notes.ja))
        self._put("en", html.escape(scene.notes.en))
        buttons = [
            f'<button data-act="drill {name}">▶ {html.escape(DRILLS[name].title.text(self.language))}</button>'
            for name in scene.drills
        ]
        self._put("drills", "".join(buttons))
        self._put("seen", "")

    def hear(self, figure: Figure) -> None:
        self._add(f"{html.escape(figure.what.text(self.language))}: <b>{html.escape(figure.value)}</b>")

    def wait(self, seconds: float) -> None:
        """Wait until the scene's time is over, or in step mode until the button is pressed.

        Raises:
            Restarted: the button for it was pressed.
        """
        while True:
            act = self._wanted(max(seconds, 0.001) if self.auto else None)
            if act is None or act == "next":
                return
            if act == "reset":
                raise Restarted
            if act == "auto":
                self.auto = True
            elif act.startswith("drill "):
                self.drill(act.removeprefix("drill "))
                # An answer takes its own time: the speaker goes on when everything was said.
                self.auto = False

    def _wanted(self, seconds: float | None) -> str | None:
        """The button that was pressed; ``None`` when the time is over."""
        self._put("left", f"{seconds:.0f} s" if seconds is not None else "")
        try:
            self.page.wait_for_function("window.wanted", timeout=seconds * 1000 if seconds is not None else 0)
        except Elapsed:
            return None
        act: str = self.page.evaluate("() => { const act = window.wanted; window.wanted = null; return act; }")
        return act

    def drill(self, name: str) -> bool:
        """Play one, line by line as it comes; whether all lines hold."""
        self._put("seen", "")
        command = [sys.executable, "-m", "kit.drills", name, "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout
            for text in running.stdout:
                self._add(_line(text, self.language))
        self._add(f"<b>{'✓' if running.returncode == 0 else '✗'} make drill NAME={html.escape(name)}</b>")
        return running.returncode == 0

    def _put(self, place: str, markup: str) -> None:
        self.page.evaluate("([id, html]) => { document.getElementById(id).innerHTML = html; }", [place, markup])

    def _add(self, markup: str) -> None:
        self.page.evaluate(
            "html => document.getElementById('seen').insertAdjacentHTML('beforeend', `<li>${html}</li>`)", markup
        )


def _line(text: str, language: Language) -> str:
    """A line of a drill; what is none (a sentence about why it can't be played) as it is."""
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError:
        return html.escape(text)
    mark, kind = ("✓", "") if found["holds"] else ("✗", ' class="miss"')
    return (
        f"<span{kind}>{mark} {html.escape(found[language])}: <b>{html.escape(found['observed'][language])}</b></span>"
    )


def arrange(left: Page, right: Page, desk: Page) -> None:
    """Two people above, the desk below, on the screen that the browser is on."""
    width, height = desk.evaluate("[screen.availWidth, screen.availHeight]")
    above = int(height * 0.64)
    places = (
        (left, 0, 0, width // 2, above),
        (right, width // 2, 0, width // 2, above),
        (desk, 0, above, width, height - above),
    )
    for page, x, y, wide, high in places:
        session = page.context.new_cdp_session(page)
        window = session.send("Browser.getWindowForTarget")["windowId"]
        bounds = {"left": x, "top": y, "width": wide, "height": high, "windowState": "normal"}
        session.send("Browser.setWindowBounds", {"windowId": window, "bounds": bounds})
