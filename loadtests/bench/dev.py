"""``make dev``: time from saving a file until the running network uses it, and until an open page shows it.

Runs ``make dev`` of this checkout, saves a harmless change of one line again and again, and puts the files back: a
module of the query function, which has more code than any other, and the component of the front page. A page of
Chromium is open at Vite's server all the time.
"""

from __future__ import annotations

import collections
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx
from playwright.sync_api import Page, sync_playwright

from kit.client import Endpoints
from kit.client.api import wait_for
from kit.ports import is_free
from kit.settings import VITE_PORT, Settings
from loadtests.bench.report import Figure, latency_figures

_ROUNDS = 20
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.01
_AIM = "≤ 1,000"
_READY = "save a file in services/ or frontend-static/"


@dataclass(frozen=True)
class Edit:
    """One line of a file, and how it reads after a change. ``shows``: whether that change (None: no change) is live."""

    file: Path
    line: str
    changed: str
    shows: Callable[[int | None], bool]

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """The file is as before afterwards, and live as before."""
        before = self.file.read_bytes()
        try:
            yield
        finally:
            self.file.write_bytes(before)
        _await(lambda: self.shows(None), f"{self.file.name} as it was")

    def seconds(self, original: str, number: int) -> float:
        """From saving the nth change until it is live."""
        text = original.replace(self.line, self.changed.format(number))
        begun = time.perf_counter()
        self.file.write_text(text, "utf-8")
        _await(lambda: self.shows(number), f"change {number} of {self.file.name}")
        return time.perf_counter() - begun


def run() -> list[Figure]:
    """Raises RuntimeError where `make dev` or Chromium can't be run."""
    settings = Settings.load()
    signal.signal(signal.SIGTERM, _interrupt)
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise RuntimeError("the suite dev needs Chromium on PATH")
    with (
        _dev_running(settings) as address,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path) as browser,
        httpx.Client() as http,
    ):
        page = browser.new_page()
        page.goto(address)
        page.locator(".landing").wait_for(timeout=_PATIENCE_SECONDS * 1000)
        function, component = _function(settings, http), _component(settings, page)
        return [
            *latency_figures("dev", "save until the function answers", _measured(function), _AIM),
            *latency_figures("dev", "save until the page shows it", _measured(component), _AIM),
        ]


def _measured(edit: Edit) -> list[float]:
    original = edit.file.read_text("utf-8")
    if original.count(edit.line) != 1:
        raise RuntimeError(f"{edit.file}: expected {edit.line!r} once: change loadtests/bench/dev.py with it")
    with edit.kept():
        return [edit.seconds(original, number) for number in range(_ROUNDS)]


def _function(settings: Settings, http: httpx.Client) -> Edit:
    url = f"{Endpoints.load().base_url}/v1/status"

    def shows(number: int | None) -> bool:
        wanted = "asyncsns" if number is None else f"asyncsns, change {number}"
        answer = http.get(url, timeout=_PATIENCE_SECONDS)
        return answer.status_code == 200 and answer.json()["service"] == wanted

    file = settings.root / "services" / "query" / "status.py"
    return Edit(file, '"service": "asyncsns"', '"service": "asyncsns, change {}"', shows)


def _component(settings: Settings, page: Page) -> Edit:
    def shows(number: int | None) -> bool:
        selector = ".landing:not([data-change])" if number is None else f'.landing[data-change="{number}"]'
        return page.locator(selector).count() == 1

    file = settings.root / "frontend-static" / "src" / "pages" / "landing.tsx"
    return Edit(file, '<div class="landing">', '<div class="landing" data-change="{}">', shows)


def _await(seen: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not seen():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not live after {_PATIENCE_SECONDS:.0f} s: {what}")
        time.sleep(_LOOK_SECONDS)


@contextlib.contextmanager
def _dev_running(settings: Settings) -> Iterator[str]:
    """`make dev`, ready; the address of Vite's server."""
    port = VITE_PORT + settings.port_offset
    if not is_free(port):
        raise RuntimeError(f"port {port} is taken: end `make dev` first, this suite runs its own")
    process = subprocess.Popen(
        [sys.executable, "-m", "kit.dev"], cwd=settings.root, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said: collections.deque[str] = collections.deque(maxlen=30)
    ready = threading.Event()
    reader = threading.Thread(target=_read, args=(process, said, ready), daemon=True)
    reader.start()
    try:
        ready.wait(_PATIENCE_SECONDS)
        if not any(_READY in text for text in said):
            raise RuntimeError("`make dev` is not ready:\n" + "".join(said))
        address = f"http://localhost:{port}/"
        wait_for(lambda: _status(address), until=lambda code: code == 200, what="Vite", seconds=_PATIENCE_SECONDS)
        yield address
    finally:
        process.terminate()
        process.wait()


def _read(process: subprocess.Popen[str], said: collections.deque[str], ready: threading.Event) -> None:
    assert process.stdout is not None
    for text in process.stdout:
        said.append(text)
        if _READY in text:
            ready.set()
    # It has ended; its caller looks why.
    ready.set()


def _status(address: str) -> int:
    try:
        return httpx.get(address, timeout=_PATIENCE_SECONDS).status_code
    except httpx.TransportError:
        return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The files are put back as after Ctrl-C."""
    raise KeyboardInterrupt
