"""The planned reconnect, before API Gateway ends a connection after two hours: no message is lost, no flicker."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, WebSocket, expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Person

_SOCKETS = re.compile(r"/_ws/|execute-api")
#: The client schedules it after 100 to 115 minutes.
_LATER = 115 * 60 * 1000 + 1000
_WATCH_BANNER = """() => {
  window.banners = 0;
  new MutationObserver(() => { if (document.querySelector('.chat-banner')) window.banners += 1; })
    .observe(document.body, { childList: true, subtree: true });
}"""


class Sockets:
    """The page's real-time connections, and the maximum number open at once."""

    def __init__(self, page: Page) -> None:
        self.opened = self.open = self.most = 0
        page.on("websocket", self._note)

    def _note(self, socket: WebSocket) -> None:
        if not _SOCKETS.search(socket.url):
            return
        self.opened, self.open = self.opened + 1, self.open + 1
        self.most = max(self.most, self.open)
        socket.on("close", self._closed)

    def _closed(self, _: WebSocket) -> None:
        self.open -= 1


@contextmanager
def talking(person: Person, conversation: str) -> Iterator[list[str]]:
    """A person who sends continuously; the list grows by each message."""
    said: list[str] = []
    done = threading.Event()

    def talk() -> None:
        while not done.wait(0.1):
            text = f"line {len(said) + 1}"
            body = {"clientMessageId": unique("m"), "text": text}
            person.api.post(f"/v1/conversations/{conversation}/messages", body)
            said.append(text)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield said
    finally:
        done.set()
        thread.join()


def line(page: Page, number: int) -> Locator:
    """The one message with this number: "line 5" is also a prefix of "line 50", and a time follows each."""
    return page.locator(".chat-log .bubble-text", has_text=re.compile(f"^line {number}$"))


def test_a_planned_reconnect_loses_nothing_and_shows_nothing(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Ami"), join("Ben")
    one.api.put(f"/v1/follows/{two.user_id}")
    conversation = two.api.post("/v1/conversations", {"memberId": one.user_id})["id"]
    two.api.post(f"/v1/conversations/{conversation}/messages", {"clientMessageId": unique("m"), "text": "line 0"})
    screen = open_screen()
    page, sockets = screen.page, Sockets(screen.page)
    page.clock.install()
    screen.sign_in(one).follow_link(f"/messages/{conversation}")
    expect(line(page, 0)).to_be_visible()
    # The messages may arrive first, over HTTP
    _until(page, lambda: sockets.opened == 1, "a connection")
    page.evaluate(_WATCH_BANNER)
    with talking(two, conversation) as said:
        expect(line(page, 5)).to_be_visible()
        # When nearly two hours have passed
        page.clock.fast_forward(_LATER)
        # Then the new connection is open beside the old one, which closes some seconds later
        _until(page, lambda: sockets.opened == 2, "a second connection")
        _until(page, lambda: sockets.open == 1, "the first connection to be closed")
        so_far = len(said)
        expect(line(page, so_far + 5)).to_be_visible()
    assert sockets.most == 2
    expect(line(page, len(said))).to_be_visible()
    shown = page.locator(".chat-log .bubble-text").all_inner_texts()
    assert shown == ["line 0", *said]
    assert page.evaluate("window.banners") == 0


def _until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Poll while the page's events are processed."""
    wait_for(lambda: (page.evaluate("0"), holds())[1], until=bool, what=what)
