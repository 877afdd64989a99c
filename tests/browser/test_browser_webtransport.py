"""The real client over WebTransport, and its fallback to WebSocket when no session can be opened."""

from __future__ import annotations

import re
from contextlib import suppress

import httpx
import pytest
from playwright.sync_api import Route, expect

from emulation.guard import HELPER_HEADERS
from kit.client import Endpoints
from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Person, Screen

pytestmark = pytest.mark.long


@pytest.fixture
def health(endpoints: Endpoints) -> str:
    """The server's health page."""
    found = endpoints.document.get("webTransport")
    if not found:
        pytest.skip("this deployment has no WebTransport server (the embedded target has)")
    return str(found["certificateUrl"]).replace("/certificate", "/_health")


def conversation_of(one: Person, two: Person) -> str:
    """A conversation of two people who follow each other, so that no request has to be accepted."""
    one.api.put(f"/v1/follows/{two.user_id}")
    two.api.put(f"/v1/follows/{one.user_id}")
    return str(one.api.post("/v1/conversations", {"memberId": two.user_id})["id"])


def choose(screen: Screen, name: str) -> None:
    screen.follow_link("/settings")
    screen.page.get_by_text(name, exact=True).click()


def over_webtransport(screen: Screen) -> None:
    """Choose WebTransport until the client has a session: its limit of four seconds may be short for a busy machine."""
    carrier = screen.page.locator("[data-carrier=webtransport]")
    for _ in range(4):
        choose(screen, "WebTransport")
        with suppress(TimeoutError):
            wait_for(carrier.count, until=bool, what="a session", seconds=15)
            return
        choose(screen, "WebSocket")
        expect(screen.page.locator("[data-carrier=websocket]")).to_be_attached()
    raise AssertionError("the client has fallen back to the WebSocket four times")


def test_chat_and_notifications_arrive_over_webtransport(
    open_screen: OpenScreen, join: Join, endpoints: Endpoints, health: str
) -> None:
    one, two = join("Yui"), join("Kai")
    conversation = conversation_of(one, two)
    screen = open_screen().sign_in(one)
    page = screen.page
    # When she chooses it, the client reconnects with it
    over_webtransport(screen)
    expect(page.locator("[data-carrier=webtransport]")).to_have_text("Connected over WebTransport.")
    screen.check_accessibility()
    screen.picture("settings-webtransport")
    assert httpx.get(health, timeout=60).json()["sessions"] >= 1
    # Then her messages are acknowledged over it, and the other's messages arrive over it
    screen.follow_link(f"/messages/{conversation}")
    text = f"Over HTTP/3 {unique('t')}"
    page.get_by_label("Message Kai").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.is-own", has_text=text)).to_have_attribute("data-seq", "1")
    answer = f"Seen {unique('t')}"
    path = f"/v1/conversations/{conversation}/messages"
    two.api.post(path, {"clientMessageId": unique("m"), "text": answer})
    expect(page.locator(".bubble", has_text=answer)).to_be_visible()
    # And so does a notification
    join("Mei").api.put(f"/v1/follows/{one.user_id}")
    expect(page.locator("a[href='/notifications'] .badge").first).to_be_attached()
    # And the choice is remembered
    page.reload()
    screen.follow_link("/settings")
    expect(page.get_by_role("radio", name="WebTransport")).to_be_checked()
    over_webtransport(screen)


def test_the_websocket_replaces_a_webtransport_that_cannot_connect(
    open_screen: OpenScreen, join: Join, health: str
) -> None:
    one, two = join("Rin"), join("Sora")
    conversation = conversation_of(one, two)
    screen = open_screen()

    def wrong(route: Route) -> None:
        """The hash of another certificate: the browser refuses the server."""
        route.fulfill(json={"algorithm": "sha-256", "value": "A" * 43 + "="})

    screen.page.route(re.compile("/certificate$"), wrong)
    screen.sign_in(one)
    choose(screen, "WebTransport")
    expect(screen.page.locator("[data-carrier=websocket]")).to_be_attached()
    screen.follow_link(f"/messages/{conversation}")
    text = f"Still here {unique('t')}"
    two.api.post(f"/v1/conversations/{conversation}/messages", {"clientMessageId": unique("m"), "text": text})
    expect(screen.page.locator(".bubble", has_text=text)).to_be_visible()


def test_a_session_that_the_server_ends_is_reopened_without_a_gap(
    open_screen: OpenScreen, join: Join, endpoints: Endpoints, health: str
) -> None:
    one, two = join("Nao"), join("Emi")
    conversation = conversation_of(one, two)
    screen = open_screen().sign_in(one)
    over_webtransport(screen)
    screen.follow_link(f"/messages/{conversation}")
    expect(screen.page.get_by_text("This is the beginning of your conversation.")).to_be_visible()
    base = health.removesuffix("/_health")

    def texts() -> list[str]:
        return [text for text in screen.page.locator(".bubble").all_inner_texts() if "number" in text]

    devices = httpx.get(f"{base}/sessions", headers=HELPER_HEADERS, timeout=60).json()
    for number in range(6):
        if number == 3:
            for device in devices:
                if device["userId"] == one.user_id:
                    one_of_hers = f"{base}/sessions/{device['device']}"
                    assert httpx.delete(one_of_hers, headers=HELPER_HEADERS, timeout=60).status_code == 204
        path = f"/v1/conversations/{conversation}/messages"
        two.api.post(path, {"clientMessageId": unique("m"), "text": f"number {number}"})
    seen = wait_for(texts, until=lambda found: len(found) >= 6, what="all six messages")
    assert [re.findall(r"number (\d)", text) for text in seen] == [[str(number)] for number in range(6)]
