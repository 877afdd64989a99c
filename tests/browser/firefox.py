"""Debian's Firefox through WebDriver BiDi, for tests that need a real browser with a configurable push service.

https://w3c.github.io/webdriver-bidi/ (the part that is used here)
"""

from __future__ import annotations

import base64
import itertools
import json
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from kit.client.api import PATIENCE_SECONDS, wait_for

_START_SECONDS = 60
_ANSWER_SECONDS = 60
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
#: Firefox stays offline: it contacts no Mozilla server, and receives pushes from the local service over plain ws.
_PREFERENCES = {
    "dom.push.testing.allowInsecureServerURL": True,
    "permissions.default.desktop-notification": 1,
    # Firefox draws notifications itself: a machine without a desktop has no service for them.
    "alerts.useSystemBackend": False,
    # Otherwise the remote agent disables pushes.
    "remote.prefs.recommended": False,
    "intl.accept_languages": "en-US",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "extensions.update.enabled": False,
}


def firefox_path() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One browser with a new profile; ``close`` ends it."""

    def __init__(self, path: str, profile: Path, preferences: Mapping[str, object]) -> None:
        preferences = {**_PREFERENCES, **preferences}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
        (profile / "user.js").write_text("\n".join(lines))
        self._log = profile / "firefox.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [path, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0",
                 # Notifications are the browser's own windows, outside any page.
                 "--remote-allow-system-access"],
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._numbers = itertools.count(1)
        self._opened = ExitStack()
        try:
            session = connect(f"{self._address()}/session", max_size=None)
            self._connection: ClientConnection = self._opened.enter_context(session)
            self.call("session.new", {"capabilities": {}})
        except BaseException:
            self._end()
            raise

    def _address(self) -> str:
        def found() -> str | None:
            if self._process.poll() is not None:
                raise AssertionError(f"Firefox ended: {self._log.read_text(errors='replace')[-2000:]}")
            match = _LISTENING.search(self._log.read_text(errors="replace"))
            return match[1] if match else None

        address: str = wait_for(found, until=bool, what="Firefox to listen", seconds=_START_SECONDS)
        return address

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Run one command and return its result; raises ``AssertionError`` with the browser's error."""
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": params}))
        end = time.monotonic() + _ANSWER_SECONDS
        while (left := end - time.monotonic()) > 0:
            answer = json.loads(self._connection.recv(timeout=left))
            if answer.get("id") != number:
                continue  # The message is an event.
            assert answer["type"] == "success", f"{method}: {answer.get('error')}: {answer.get('message')}"
            result: dict[str, Any] = answer["result"]
            return result
        raise AssertionError(f"{method}: no answer in {_ANSWER_SECONDS} s")

    def pages(self) -> list[Page]:
        """All tabs."""
        tree = self.call("browsingContext.getTree", {})["contexts"]
        return [Page(self, one["context"], one["url"]) for one in tree]

    def chrome(self) -> list[Page]:
        """The browser's own windows, including notifications."""
        tree = self.call("browsingContext.getTree", {"moz:scope": "chrome"})["contexts"]
        return [Page(self, one["context"], one["url"]) for one in tree]

    def close(self) -> None:
        """End the browser; has no effect when it has ended."""
        self._opened.close()
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Page:
    """A tab, or one of the browser's own windows."""

    def __init__(self, browser: Firefox, context: str, url: str) -> None:
        self._browser = browser
        self.context = context
        self.url = url

    def go(self, url: str) -> None:
        self._browser.call("browsingContext.navigate", {"context": self.context, "url": url, "wait": "complete"})

    def run(self, expression: str) -> Any:
        """The value of an expression as JSON; a promise is awaited."""
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        answer = self._browser.call(
            "script.evaluate",
            {"expression": wrapped, "target": {"context": self.context}, "awaitPromise": True, "userActivation": True},
        )
        assert answer["type"] == "success", f"{expression[:200]}: {answer['exceptionDetails']['text']}"
        return json.loads(answer["result"]["value"])

    def until(self, expression: str, what: str, seconds: float = PATIENCE_SECONDS) -> Any:
        """The first truthy value of an expression."""
        return wait_for(lambda: self.run(expression), until=bool, what=what, seconds=seconds)

    def fill(self, selector: str, text: str) -> None:
        """Put text into a field and send the events of typing."""
        self.until(f"!!document.querySelector({json.dumps(selector)})", selector)
        self.run(
            f"(() => {{ const field = document.querySelector({json.dumps(selector)});"
            f" const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set;"
            f" set.call(field, {json.dumps(text)}); field.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
        )

    def click(self, selector: str, text: str = "") -> None:
        """Click with the mouse on the first element that matches the selector and the text."""
        find = (
            f"[...document.querySelectorAll({json.dumps(selector)})].find((one) =>"
            f" one.textContent.includes({json.dumps(text)}) && !one.disabled)"
        )
        self.until(f"!!{find}", f"{selector} {text}")
        where = self.run(
            f"(() => {{ const one = {find}; one.scrollIntoView({{ block: 'center' }});"
            " const box = one.getBoundingClientRect();"
            " return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) }; })()"
        )
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        mouse = {"type": "pointer", "id": "mouse", "actions": [{"type": "pointerMove", **where}, *press]}
        self._browser.call("input.performActions", {"context": self.context, "actions": [mouse]})

    def picture(self, path: Path) -> None:
        data = self._browser.call("browsingContext.captureScreenshot", {"context": self.context})["data"]
        path.write_bytes(base64.b64decode(data))
