"""``make picture``: draws the first screen of the running network into ``docs/screen.svg`` and ``docs/screen.ja.svg``.

A seeded person is signed in in each language. The files are texts: what the browser laid out, as vectors.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from emulation.private import keep_private
from kit.client import Accounts
from kit.demo.browser.walk import Walk, browser_and_endpoints
from kit.seed.people import PASSWORD, PEOPLE
from kit.settings import checkout_root

_DRAW = Path(__file__).with_name("draw.js")
#: Those in sight; the others load when somebody scrolls to them.
_PICTURES = """() => Promise.all([...document.images]
  .filter((one) => one.getBoundingClientRect().top < innerHeight)
  .map((one) => one.decode().catch(() => {})))"""
_SIZE: ViewportSize = {"width": 1180, "height": 760}
#: Who is signed in, and for whom it is.
_WHO = {"en": "maya", "ja": "hana"}


def main() -> int:
    """0: both are written; 2: they can't be drawn here."""
    keep_private()
    found = browser_and_endpoints()
    if found is None:
        return 2
    path, endpoints = found
    emails = {person.handle: person.email for person in PEOPLE}
    with sync_playwright() as playwright:
        walk = Walk(endpoints, playwright.chromium.launch(executable_path=path))
        for page, language, name in ((walk.right, "en", "screen.svg"), (walk.left, "ja", "screen.ja.svg")):
            page.set_viewport_size(_SIZE)
            walk.enter(page, Accounts(endpoints).sign_in(emails[_WHO[language]], PASSWORD))
            target = checkout_root() / "docs" / name
            target.write_text(drawn(page), "utf-8")
            print(f"wrote docs/{name}, {target.stat().st_size:,} bytes")
    return 0


def drawn(page: Page) -> str:
    """The page as it is when its posts and pictures are there."""
    page.locator("article.post").nth(2).wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate(_PICTURES)
    return str(page.evaluate(_DRAW.read_text("utf-8")))


if __name__ == "__main__":
    sys.exit(main())
