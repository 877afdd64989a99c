"""The stage of the walk: two people with a window each, and the record of the run."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
from botocore.exceptions import ClientError
from playwright.sync_api import Browser, Page, Request, expect

from kit.browsers import chromium, headless_chromium
from kit.cast import Cast
from kit.client import Account, Accounts, Api, Endpoints
from kit.client.api import PATIENCE_SECONDS, Problem
from kit.settings import Settings
from kit.words import Words

_ROOT = re.compile(r"Root=(1-[0-9a-f]{8}-[0-9a-f]{24})")
_WINDOW = {"width": 900, "height": 760}


def browser_and_endpoints(*, headless: bool = False) -> tuple[str, Endpoints] | None:
    """Where Chromium and the network are; None when one is missing, and stderr says which."""
    path = headless_chromium() if headless else chromium()
    if path is None:
        print("no Chromium on PATH: on Debian and Ubuntu say apt-get install chromium", file=sys.stderr)
        return None
    try:
        return path, Endpoints.load()
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return None


@dataclass(frozen=True)
class Figure:
    """One observed fact of this run."""

    what: Words
    value: str


@dataclass
class Shown:
    """The record of one scene: both screens (JPEG), figures, and the traces that clicks began."""

    title: str
    screens: list[bytes] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    traces: dict[str, str] = field(default_factory=dict)


@dataclass
class Walk(Cast):
    """One run. ``left`` and ``right`` are the windows of Aki, who uses Japanese, and of Ben, who uses English.

    ``windowed``: pages are as large as their windows on a screen; else of a size of their own.
    """

    endpoints: Endpoints
    browser: Browser
    windowed: bool = False
    settings: Settings = field(default_factory=Settings.load)
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    heard: Callable[[Figure], None] = lambda figure: None
    shown: list[Shown] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left, self.right = self._window("ja-JP"), self._window("en-US")

    def _window(self, locale: str) -> Page:
        size: Any = {"no_viewport": True} if self.windowed else {"viewport": _WINDOW}
        context = self.browser.new_context(base_url=self.endpoints.base_url, locale=locale, **size)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        page = context.new_page()
        page.on("request", self._note_trace)
        return page

    def _note_trace(self, request: Request) -> None:
        """Traces of commands only: the page's own reads would hide them."""
        found = _ROOT.search(request.headers.get("x-amzn-trace-id", ""))
        if found and request.method != "GET" and self.shown:
            path = request.url.removeprefix(self.endpoints.base_url)
            self.shown[-1].traces[found[1]] = f"{request.method} {path}"

    # --- People -------------------------------------------------------------------------------------------------------

    @property
    def _story(self) -> Path:
        return self.settings.home / "demo" / "story.json"

    def begin_story(self) -> None:
        """Two new people, in place of those of the last run."""
        self.end_story()
        found = []
        for name in ("aki", "ben"):
            self.facts[name] = self.join(name)
            found.append({"email": f"{name}-{self.run}@example.com", "handle": f"{name}_{self.run}", "run": self.run})
            self._story.parent.mkdir(parents=True, exist_ok=True)
            self._story.write_text(json.dumps(found), "utf-8")

    def end_story(self) -> int:
        """Delete the accounts of the last run with all their data, by the public API.

        A person who can't sign in, or no longer exists, has nothing to delete: the network was reset.
        """
        if not self._story.exists():
            return 0
        gone = json.loads(self._story.read_text("utf-8"))
        for one in gone:
            with contextlib.suppress(ClientError, Problem):
                account = Accounts(self.endpoints).sign_in(one["email"], f"Demo-{one['run']}-2026!")
                with self.api(account) as api:
                    api.post("/v1/me/deletion", {"handle": f"@{one['handle']}"})
        self._story.unlink()
        return len(gone)

    def enter(self, page: Page, account: Account) -> None:
        """Signed in with the session that the person has already."""
        name = jwt.decode(account.access_token, options={"verify_signature": False})["username"]
        client = f"CognitoIdentityServiceProvider.{self.endpoints.client_id}"
        kept = {f"{client}.LastAuthUser": name, f"{client}.{name}.clockDrift": "0"}
        for token, value in asdict(account).items():
            if token.endswith("_token"):
                kept[f"{client}.{name}.{token.removesuffix('_token')}Token"] = value
        page.goto("/config.json")
        page.evaluate("kept => Object.entries(kept).forEach(([key, value]) => localStorage.setItem(key, value))", kept)
        page.goto("/")
        self.at_home(page)

    def at_home(self, page: Page) -> None:
        expect(page.locator("#main form.composer, .fab").first).to_be_attached(timeout=PATIENCE_SECONDS * 1000)

    def person(self, name: str) -> Api:
        return self.api(self.facts[name])

    # --- What is written down -----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def scene(self, title: str) -> Iterator[Shown]:
        """Figures and traces belong to it; both screens are kept at its end."""
        self.shown.append(Shown(title))
        yield self.shown[-1]
        self.keep_screens()

    def keep_screens(self) -> None:
        self.shown[-1].screens = [page.screenshot(type="jpeg", quality=60) for page in (self.left, self.right)]

    def saw(self, en: str, ja: str, value: object) -> None:
        figure = Figure(Words(en, ja), str(value))
        self.shown[-1].figures.append(figure)
        self.heard(figure)

    @contextlib.contextmanager
    def timed(self, en: str, ja: str) -> Iterator[None]:
        """A figure in milliseconds."""
        begun = time.perf_counter()
        yield
        self.saw(en, ja, f"{(time.perf_counter() - begun) * 1000:,.0f} ms")

    def sees(self, page: Page, selector: str, text: str = "") -> None:
        """Waits until a person sees it."""
        found = page.locator(selector, has_text=text) if text else page.locator(selector)
        expect(found.first).to_be_visible(timeout=PATIENCE_SECONDS * 1000)

    def spans(self, trace_id: str) -> dict[str, Any] | None:
        """A trace as the local console draws it; ``None`` where there is no console or it has not come."""
        console = self.endpoints.document.get("consoleUrl")
        if not console:
            return None
        answer = httpx.get(f"{self.settings.reach(console)}/api/traces/{trace_id}", timeout=PATIENCE_SECONDS)
        found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
        return found

    def close(self) -> None:
        for page in (self.left, self.right):
            page.context.close()


def inline(picture: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
