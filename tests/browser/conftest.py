"""Chromium against the running network: its addresses are in the file of `make up`; the browser is Debian's."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from kit.browsers import chromium as find_chromium
from kit.browsers import headless_chromium
from kit.client.accounts import Accounts
from kit.client.api import PATIENCE_SECONDS, Api
from kit.client.endpoints import Endpoints
from tests.browser.people import PASSWORD, Person, Screen

_PHONE = {"width": 390, "height": 844}
_DESKTOP = {"width": 1320, "height": 900}
#: Fake camera and microphone; loopback candidates, because a test machine may have no other network. Few pictures a
#: second, because one machine encodes and decodes for all pages.
_CHROMIUM_FLAGS = ["--use-fake-device-for-media-stream=fps=5", "--allow-loopback-in-peer-connection"]
_numbers = itertools.count(1)
#: Timeout of actions and expectations: long, because machines may be busy and no test here asserts a duration.
_PATIENCE = PATIENCE_SECONDS * 1000
expect.set_options(timeout=_PATIENCE)

_RECORD = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const paint = canvas.getContext('2d');
  let turn = 0;
  const timer = setInterval(() => {
    paint.fillStyle = `hsl(${turn++ * 12} 60% 50%)`;
    paint.fillRect(0, 0, 320, 240);
  }, 40);
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  setTimeout(() => recorder.stop(), 1000);
  await stopped;
  clearInterval(timer);
  return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
}"""

OpenScreen = Callable[..., Screen]
Join = Callable[..., Person]


@pytest.fixture(scope="session")
def endpoints() -> Endpoints:
    return Endpoints.load()


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[[str | None, list[str]], Browser]]:
    """Starts the browser at this path for the whole session; skips without one."""
    with sync_playwright() as playwright:
        browsers: list[Browser] = []

        def launch_one(path: str | None, flags: list[str]) -> Browser:
            if path is None:
                pytest.skip("no chromium on PATH (Debian and Ubuntu: apt-get install chromium)")
            browsers.append(playwright.chromium.launch(executable_path=path, args=_CHROMIUM_FLAGS + flags))
            return browsers[-1]

        yield launch_one
        for browser in browsers:
            browser.close()


@pytest.fixture(scope="session")
def chromium(launch: Callable[[str | None, list[str]], Browser]) -> Browser:
    """The headless shell, if installed. It grants microphone and camera to every page."""
    return launch(headless_chromium(), ["--use-fake-ui-for-media-stream"])


@pytest.fixture(scope="session")
def whole_chromium(launch: Callable[[str | None, list[str]], Browser]) -> Browser:
    """Full Chromium, with features missing in the headless shell: denied permissions, service worker notifications."""
    return launch(find_chromium(), [])


@pytest.fixture
def open_screen(request: pytest.FixtureRequest, endpoints: Endpoints) -> Iterator[OpenScreen]:
    """Opens a separate browser window: ``open_screen(locale="ja-JP", scheme="dark", phone=True)``.

    ``permissions=[]``: one that may use neither microphone nor camera. ``browser``: another than the shared ones.
    """
    screens: list[Screen] = []

    def open_one(
        locale: str = "en-US", scheme: Any = "light", phone: bool = False, workers: Any = "block",
        permissions: Sequence[str] = ("camera", "microphone"), browser: Browser | None = None,
    ) -> Screen:  # fmt: skip
        shared = "chromium" if permissions and workers == "block" else "whole_chromium"
        context = (browser or request.getfixturevalue(shared)).new_context(
            base_url=endpoints.base_url,
            locale=locale,
            color_scheme=scheme,
            viewport=_PHONE if phone else _DESKTOP,
            has_touch=phone,
            permissions=list(permissions),
            reduced_motion="reduce",
            service_workers=workers,
        )
        context.set_default_timeout(_PATIENCE)
        screens.append(Screen(context.new_page(), endpoints))
        return screens[-1]

    yield open_one
    for screen in screens:
        screen.close()
    faults = [fault for screen in screens for fault in screen.faults]
    assert not faults, f"the console of the page reported errors: {faults}"


@pytest.fixture(scope="session")
def accounts(endpoints: Endpoints) -> Accounts:
    return Accounts(endpoints)


@pytest.fixture
def join(accounts: Accounts, endpoints: Endpoints) -> Iterator[Join]:
    """Creates a person with a profile through the public API: ``join("Mika")``."""
    apis: list[Api] = []

    def join_one(name: str = "Mika", groups: tuple[str, ...] = (), locale: str = "en") -> Person:
        handle = unique("u")
        account = accounts.join(f"{handle}@example.com", PASSWORD, groups)
        api = Api(endpoints, account)
        apis.append(api)
        api.put("/v1/me", {"handle": handle, "displayName": name, "bio": f"I am {name}.", "locale": locale})
        return Person(handle, name, account.email, account.user_id, api)

    yield join_one
    for api in apis:
        api.close()


@pytest.fixture(scope="session")
def sample_video(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Path:
    """One second of WebM (VP8), recorded by the browser from a canvas."""
    page = chromium.new_page()
    content = page.evaluate(_RECORD)
    page.close()
    path = tmp_path_factory.mktemp("video") / "clip.webm"
    path.write_bytes(bytes(content))
    return path


def unique(prefix: str) -> str:
    """A handle that no other run uses."""
    return f"{prefix}{secrets.token_hex(4)}{next(_numbers)}"
