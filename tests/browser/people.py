"""What a person does at a screen, in the words of the UI."""

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
#: Refusals that a test provokes on purpose show up as failed loads; they are answers, not faults of the page.
_HARMLESS = re.compile(r"Failed to load resource|net::ERR_|WebSocket connection to")


@dataclass
class Person:
    """Somebody who has an account and a profile; ``api`` acts as them outside the browser."""

    handle: str
    name: str
    email: str
    user_id: str
    api: Api


KEEP_SESSION = "kept => Object.entries(kept).forEach(([name, value]) => localStorage.setItem(name, value))"


def kept_session(person: Person, endpoints: Endpoints) -> dict[str, str]:
    """What the UI keeps in ``localStorage`` of somebody who has signed in."""
    account = person.api.account
    assert account
    name = jwt.decode(account.access_token, options={"verify_signature": False})["username"]
    client = f"CognitoIdentityServiceProvider.{endpoints.client_id}"
    kept = {f"{client}.LastAuthUser": name, f"{client}.{name}.clockDrift": "0"}
    for token in ("access_token", "id_token", "refresh_token"):
        kept[f"{client}.{name}.{token.removesuffix('_token')}Token"] = getattr(account, token)
    return kept


def said(person: Person, text: str, **more: object) -> str:
    """The id of a new post of someone."""
    made = person.api.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text, **more})
    return str(made["id"])


#: Resolves when nothing moves but what moves without end, such as a spinner.
_STILL = """() => Promise.allSettled(
  document.getAnimations().filter(one => one.effect?.getComputedTiming().endTime < Infinity).map(one => one.finished)
).then(() => null)"""

#: Toasts go after some seconds, in which a test may look at another screen.
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
    """One browser window of one person; it collects what the page's console reports as an error."""

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
        # A request that a test's route holds may still be on its way.
        if not self.page.is_closed():
            self.page.unroute_all(behavior="ignoreErrors")
        self.page.context.close()

    def open(self, path: str) -> Screen:
        self.page.goto(path)
        expect(self.page.locator("h1").first).to_be_visible()
        return self

    def sign_in(self, person: Person) -> Screen:
        """With the session that the person has already, kept where the UI keeps it: the form is a test of its own."""
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
        # The proof of the password is some seconds of arithmetic on a busy machine.
        self._is_home()
        return self

    def follow_link(self, path: str) -> Screen:
        """Go to a page as a click does: inside the running app, nothing is loaded again."""
        self.page.evaluate(
            "path => { const a = document.createElement('a'); a.href = path;"
            " document.body.append(a); a.click(); a.remove(); }",
            path,
        )
        expect(self.page).to_have_url(re.compile(re.escape(path) + "$"))
        expect(self.page.locator("h1").first).to_be_visible()
        return self

    def post(self, text: str) -> Locator:
        """Publish from the composer of the page; returns the post as it stands in the timeline."""
        composer = self.page.locator("#main form.composer").first
        composer.locator("textarea").fill(text)
        composer.locator("button[type=submit]").click()
        found = self.article(text)
        expect(found).to_be_visible()
        return found

    def article(self, text: str) -> Locator:
        return self.page.locator("article.post", has_text=text).first

    def toasts(self) -> list[str]:
        """All that the page has shown since it was loaded."""
        shown: list[str] = self.page.evaluate("window.toasts")
        return shown

    def told(self, words: str, seconds: float = PATIENCE_SECONDS) -> None:
        """A toast has these words, or had them."""
        has_come = lambda shown: any(words in one for one in shown)  # noqa: E731 - one question
        wait_for(self.toasts, until=has_come, what=f"a toast: {words}", seconds=seconds)

    def until(self, question: str, given: object = None, what: str = "what the page was asked for") -> None:
        """The page answers ``question``, a function that may be async, with something true. ``wait_for_function`` does
        not wait for the promise of such a function: it takes the promise itself for something true."""
        wait_for(lambda: self.page.evaluate(question, given), until=bool, what=what)

    def mails_to(self, email: str) -> list[dict[str, Any]]:
        """What the local mailbox has for ``email``, the newest first."""
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
        """No violation of WCAG 2.2 A and AA, nor of axe's good practices, on what is on the screen now."""
        # While a dialog slides in, axe, which looks at what lies on top, does not find the page below it inert
        self.page.evaluate(_STILL)
        result: dict[str, Any] = Axe().run(self.page).response
        found = [
            f"{one['id']} ({one['impact']}): {one['help']}; {[str(node['html'])[:160] for node in one['nodes'][:3]]}"
            for one in result["violations"]
        ]
        assert not found, f"axe on {self.page.url}:\n" + "\n".join(found)

    def picture(self, name: str) -> None:
        """Screenshot into ``.asyncsns/screens``."""
        folder: Path = Settings.load().home / "screens"
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")
