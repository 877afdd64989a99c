"""Where Chromium is on this machine."""

from __future__ import annotations

import shutil

_WITH_WINDOWS = ("chromium", "chromium-browser", "google-chrome")
#: Chromium's headless shell renders pages without the browser around them: a third of the processor time of
#: `chromium --headless` for the same page, and no browser features such as Web Push.
#: https://developer.chrome.com/blog/chrome-headless-shell
_HEADLESS_FIRST = ("chromium-headless-shell", *_WITH_WINDOWS)


def chromium() -> str | None:
    """The path of a Chromium that can open windows; ``None`` when there is none on the PATH."""
    return _first(_WITH_WINDOWS)


def headless_chromium() -> str | None:
    """The path of the cheapest Chromium that needs no window; ``None`` when there is none on the PATH."""
    return _first(_HEADLESS_FIRST)


def _first(names: tuple[str, ...]) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)
