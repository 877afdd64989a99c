"""Web Push end to end in a real browser: subscribed with our key, encrypted by the pusher, decrypted by Firefox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulation.guard import HELPER_HEADERS
from kit.client.api import wait_for
from kit.client.endpoints import Endpoints
from kit.client.socket import Socket
from kit.settings import Settings
from tests.browser.conftest import Join, unique
from tests.browser.firefox import Firefox, Page, firefox_path
from tests.browser.people import PASSWORD, Person
from tests.support.drills import Backstage

#: The pusher may have a cold start, and both processors may be busy.
_PUSH_SECONDS = 60
_SHOWN = """(() => {
  const of = (id) => document.getElementById(id);
  // The window is there before what stands in it.
  return { title: of('alertTitleLabel')?.value ?? '', body: of('alertTextLabel')?.textContent ?? '' };
})()"""


@pytest.fixture
def open_firefox(endpoints: Endpoints, tmp_path: Path) -> Iterator[Callable[[], Firefox]]:
    """Opens Firefox with the same profile each time: reopened, it is the same browser."""
    path = firefox_path()
    if path is None:
        pytest.skip("no firefox on PATH (Debian: apt-get install firefox-esr; Ubuntu: firefox)")
    if "pushUrl" not in endpoints.document:
        pytest.skip("this target has no push service that a browser can be pointed at")
    url = endpoints.document["pushUrl"].replace("http", "ws", 1) + "/"
    opened: list[Firefox] = []

    def open_one() -> Firefox:
        opened.append(Firefox(path, tmp_path, {"dom.push.serverURL": url}))
        return opened[-1]

    yield open_one
    for browser in opened:
        browser.close()


def sign_in(page: Page, base_url: str, person: Person) -> None:
    page.go(f"{base_url}/sign-in")
    page.fill("input[name=email]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button.button-primary")
    page.until("!!document.querySelector('#main .composer')", "the home page")


def alerts(browser: Firefox) -> list[Page]:
    return [window for window in browser.chrome() if window.url.endswith("/alert.xhtml")]


def notification(browser: Firefox) -> tuple[Page, dict[str, str]]:
    """The window in which Firefox shows a notification, and its text."""

    def shown() -> tuple[Page, dict[str, str]] | None:
        for window in alerts(browser):
            found: dict[str, str] = window.run(_SHOWN)
            if found["title"]:
                return window, found
        return None

    found: tuple[Page, dict[str, str]] = wait_for(shown, until=bool, what="a notification", seconds=_PUSH_SECONDS)
    return found


def reply(person: Person, post: str, text: str) -> str:
    made: dict[str, Any] = person.api.post(
        "/v1/posts", {"clientPostId": unique("c"), "text": text, "replyTo": post}
    )  # fmt: skip
    return str(made["id"])


def pushes(endpoints: Endpoints, subscription: str = "") -> list[dict[str, Any]]:
    """Pushes at the push service: recent ones of all browsers, newest first; or of one browser, oldest first."""
    path = f"subscriptions/{subscription}/messages" if subscription else "messages"
    url = f"{endpoints.document['pushUrl']}/{path}"
    found: list[dict[str, Any]] = httpx.get(url, headers=HELPER_HEADERS, timeout=60).json()
    return found


def test_a_push_reaches_a_browser_in_the_background_and_opens_its_subject(
    open_firefox: Callable[[], Firefox], endpoints: Endpoints, join: Join
) -> None:
    author, other = join("Nao"), join("Kim")
    post = author.api.post("/v1/posts", {"clientPostId": unique("c"), "text": "Tea at four?"})["id"]
    others = {one["subscription"] for one in pushes(endpoints)}
    browser = open_firefox()
    (page,) = browser.pages()
    sign_in(page, endpoints.base_url, author)
    page.go(f"{endpoints.base_url}/settings/notifications")
    page.click("section[aria-labelledby=push-title] button")
    page.until("document.querySelector('.device')?.textContent.includes('Firefox')", "this browser among the devices")
    folder = Settings.load().home / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    page.picture(folder / "push-firefox.png")

    # Away: no page of ours is open, only the service worker runs.
    page.go("about:blank")
    Backstage().wait_until_away(author.user_id)
    # A call rings, and stops ringing when it is declined on a phone.
    with Socket(endpoints, other.api) as caller:
        call = caller.send("call.start", {"calleeId": author.user_id, "media": "audio"})["call"]["id"]
        assert notification(browser)[1]["title"] == "Kim is calling you"
        author.api.post(f"/v1/calls/{call}/decline")
        wait_for(lambda: alerts(browser), until=lambda found: not found, what="no notification", seconds=_PUSH_SECONDS)
    answer = reply(other, post, "Yes, at the harbour")
    window, text = notification(browser)
    assert text == {"title": "Kim replied to you", "body": "Yes, at the harbour"}
    window.run("document.getElementById('alertBox').click()")
    wait_for(
        lambda: [one.url for one in browser.pages()],
        until=lambda urls: f"{endpoints.base_url}/posts/{answer}" in urls,
        what="the reply in a tab of its own",
    )
    # The pusher records it when the push service has answered.
    wait_for(
        lambda: author.api.get("/v1/push-subscriptions")["items"],
        until=lambda devices: [(one["failure"], bool(one["lastUsedAt"])) for one in devices] == [(None, True)],
        what="the push to be noted",
    )
    # Only the browser could decrypt it.
    sent = next(one for one in pushes(endpoints) if one["taken_at"] and one["subscription"] not in others)
    assert (sent["body"], sent["error"]) == (None, None)

    # Browser closed: pushes wait, and are shown when it is opened again.
    browser.close()
    Backstage().wait_until_away(author.user_id)
    known = len(pushes(endpoints, sent["subscription"]))
    reply(other, post, "Are you coming?")
    came = wait_for(
        lambda: pushes(endpoints, sent["subscription"]),
        until=lambda found: len(found) > known,
        what="the push at its service",
        seconds=_PUSH_SECONDS,
    )
    assert came[-1]["taken_at"] is None
    _, text = notification(open_firefox())
    assert text["body"] == "Are you coming?"
