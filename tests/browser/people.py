"""A person's actions at a screen, with the labels of the UI."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from kit.client.api import PATIENCE_SECONDS, Api, wait_for
from kit.client.endpoints import Endpoints
from kit.settings import Settings

PASSWORD = "Quiet-Harbour-7"
#: Refusals that a test provokes appear as failed loads; they are expected answers, not errors of the page.
_HARMLESS = re.compile(r"Failed to load resource|net::ERR_|WebSocket connection to")


@dataclass
class Person:
    """A person with an account and a profile; ``api`` acts for them outside the browser."""

    handle: str
    name: str
    email: str
    user_id: str
    api: Api


KEEP_SESSION = "kept => Object.entries(kept).forEach(([name, value]) => localStorage.setItem(name, value))"


def kept_session(person: Person, endpoints: Endpoints) -> dict[str, str]:
    """The session that the UI keeps in ``localStorage`` after a sign-in."""
    account = person.api.account
    assert account
    name = jwt.decode(account.access_token, options={"verify_signature": False})["username"]
    client = f"CognitoIdentityServiceProvider.{endpoints.client_id}"
    kept = {f"{client}.LastAuthUser": name, f"{client}.{name}.clockDrift": "0"}
    for token in ("access_token", "id_token", "refresh_token"):
        kept[f"{client}.{name}.{token.removesuffix('_token')}Token"] = getattr(account, token)
    return kept


def said(person: Person, text: str, **more: object) -> str:
    """Publish a post through the API; returns its id."""
    made = person.api.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text, **more})
    return str(made["id"])


#: Resolves when all animations have ended, except endless ones such as a spinner.
_STILL = """() => Promise.allSettled(
  document.getAnimations().filter(one => one.effect?.getComputedTiming().endTime < Infinity).map(one => one.finished)
).then(() => null)"""

#: Toasts disappear after some seconds, while a test may look at another screen.
_KEEP_TOASTS = """() => {
  window.toasts = [];
  const kept = (node) => !(node instanceof Element) ? []
    : node.matches('.toast') ? [node] : [...node.querySelectorAll('.toast')];
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) window.toasts.push(...kept(node).map((one) => one.textContent));
    }
  }).observe(document, { childList: true, subtree: true });
}"""


@dataclass
class Screen:
    """One browser window of one person; it collects the errors of the page's console."""

    page: Page
    endpoints: Endpoints
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.add_init_script(f"({_KEEP_TOASTS})()")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _HARMLESS.search(message.text):
            self.faults.append(message.text)

    def close(self) -> None:
        # A request that a test's route holds may still be in progress.
        if not self.page.is_closed():
            self.page.unroute_all(behavior="ignoreErrors")
        self.page.context.close()

    def open(self, path: str) -> Screen:
        self.page.goto(path)
        expect(self.page.locator("h1").first).to_be_visible()
        return self

    def sign_in(self, person: Person) -> Screen:
        """Uses the person's existing session, stored where the UI keeps it: one test of its own covers the form."""
        self.page.goto("/config.json")
        self.page.evaluate(KEEP_SESSION, kept_session(person, self.endpoints))
        self.page.goto("/")
        self._is_home()
        return self

    def _is_home(self) -> None:
        expect(self.page.locator("#main .composer, .fab").first).to_be_attached()

    def sign_in_by_form(self, person: Person) -> Screen:
        self.open("/sign-in")
        self.page.locator("input[name=email]").fill(person.email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("form button.button-primary").click()
        # The password proof (SRP) takes some seconds of arithmetic on a busy machine.
        self._is_home()
        return self

    def follow_link(self, path: str) -> Screen:
        """Go to a page as a click does: inside the running app, without a reload."""
        self.page.evaluate(
            "path => { const a = document.createElement('a'); a.href = path;"
            " document.body.append(a); a.click(); a.remove(); }",
            path,
        )
        expect(self.page).to_have_url(re.compile(re.escape(path) + "$"))
        expect(self.page.locator("h1").first).to_be_visible()
        return self

    def post(self, text: str) -> Locator:
        """Publish from the page's composer; returns the post in the timeline."""
        composer = self.page.locator("#main form.composer").first
        composer.locator("textarea").fill(text)
        composer.locator("button[type=submit]").click()
        found = self.article(text)
        expect(found).to_be_visible()
        return found

    def article(self, text: str) -> Locator:
        return self.page.locator("article.post", has_text=text).first

    def toasts(self) -> list[str]:
        """All toasts that the page has shown since it was loaded."""
        shown: list[str] = self.page.evaluate("window.toasts")
        return shown

    def told(self, words: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for a toast with these words, which may have disappeared already."""
        has_come = lambda shown: any(words in one for one in shown)  # noqa: E731 - one question
        wait_for(self.toasts, until=has_come, what=f"a toast: {words}", seconds=seconds)

    def until(self, question: str, given: object = None, what: str = "what the page was asked for") -> None:
        """Wait until ``question``, a function that may be async, returns a truthy value in the page.

        ``wait_for_function`` does not await the promise of such a function: it takes the promise itself as truthy.
        """
        wait_for(lambda: self.page.evaluate(question, given), until=bool, what=what)

    def mails_to(self, email: str) -> list[dict[str, Any]]:
        """The mails to ``email`` in the local mailbox, newest first."""
        mailbox = f"http://127.0.0.1:{Settings.load().port('console')}/api/mails"
        return [mail for mail in httpx.get(mailbox, timeout=60).json() if email in mail["to"]]

    def code_for(self, email: str, known: int = 0) -> str:
        """The newest six-digit code that Cognito mailed to ``email``, once there are more mails than ``known``."""

        def newest() -> str | None:
            mails = self.mails_to(email)
            found = re.search(r"\b\d{6}\b", f"{mails[0]['subject']} {mails[0]['body']}") if len(mails) > known else None
            return found.group() if found else None

        code = wait_for(newest, until=bool, what=f"a code for {email} in the mailbox")
        assert code is not None
        return code

    def check_accessibility(self) -> None:
        """Expect no violation of WCAG 2.2 A and AA, nor of axe's best practices, on the current screen."""
        # While a dialog slides in, axe does not see that the page below it is inert
        self.page.evaluate(_STILL)
        result: dict[str, Any] = Axe().run(self.page).response
        found = [
            f"{one['id']} ({one['impact']}): {one['help']}; {[str(node['html'])[:160] for node in one['nodes'][:3]]}"
            for one in result["violations"]
        ]
        assert not found, f"axe on {self.page.url}:\n" + "\n".join(found)

    def picture(self, name: str) -> None:
        """Save a screenshot in ``.asyncsns/screens``."""
        folder: Path = Settings.load().home / "screens"
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")
