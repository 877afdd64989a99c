"""Two people at two screens: chat and calls."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Join, OpenScreen, unique


def test_a_message_is_seen_typed_delivered_and_read(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Umi"), join("Leo")
    two.api.put(f"/v1/follows/{one.user_id}")
    first = open_screen().sign_in(one)
    second = open_screen(phone=True, locale="ja-JP").sign_in(two)
    # When one opens a conversation from the other's profile and sends a message
    first.follow_link(f"/@{two.handle}")
    first.page.get_by_role("button", name="Message").click()
    expect(first.page).to_have_url(re.compile("/messages/"))
    text = f"Hello over there {unique('t')}"
    first.page.get_by_label("Message Leo").fill(text)
    first.page.keyboard.press("Enter")
    own = first.page.locator(".bubble.is-own", has_text=text)
    expect(own).to_have_attribute("data-seq", "1")
    # Then the other's badge counts, and the conversation shows it
    expect(second.page.locator(".bottom-bar a[href='/messages'] .badge")).to_contain_text("1")
    second.follow_link("/messages")
    second.check_accessibility()
    second.page.locator(".conversation", has_text=text).click()
    expect(second.page.locator(".bubble", has_text=text)).to_be_visible()
    # And the sender sees that it was read, and that the other is typing
    expect(own).to_contain_text("Read")
    second.page.get_by_label("Umiさんへのメッセージ").press_sequentially("はい")
    expect(first.page.get_by_text("Leo is typing …")).to_be_visible()
    second.page.get_by_role("button", name="送信").click()
    expect(first.page.locator(".bubble", has_text="はい")).to_be_visible()
    first.check_accessibility()
    second.check_accessibility()
    first.picture("chat-desktop")
    second.picture("chat-phone")


class Network:
    """A page's network, which can be cut: Chromium's own offline mode leaves open sockets alone."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._is_cut = False
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/_ws/|execute-api"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close()
            return
        socket.connect_to_server()
        self._sockets.append(socket)

    def cut(self) -> None:
        self._is_cut = True
        self._page.context.set_offline(True)
        for socket in self._sockets:
            socket.close()

    def mend(self) -> None:
        self._is_cut = False
        self._page.context.set_offline(False)


def test_messages_survive_a_lost_connection(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Ami"), join("Ben")
    two.api.put(f"/v1/follows/{one.user_id}")
    conversation = one.api.post("/v1/conversations", {"memberId": two.user_id})["id"]
    screen = open_screen()
    network = Network(screen.page)
    screen.sign_in(one).follow_link(f"/messages/{conversation}")
    page = screen.page
    expect(page.get_by_text("This is the beginning of your conversation.")).to_be_visible()
    # Given no network
    network.cut()
    expect(page.locator(".chat-banner")).to_be_visible()
    page.get_by_label("Message Ben").fill("Can you hear me?")
    page.keyboard.press("Enter")
    failed = page.locator(".bubble.is-failed")
    expect(failed).to_be_visible()
    two.api.post(f"/v1/conversations/{conversation}/messages", {"clientMessageId": unique("m"), "text": "Not yet"})
    # When the network is back, missed messages arrive, and the failed message can be sent again
    network.mend()
    expect(page.locator(".bubble", has_text="Not yet")).to_be_visible()
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator(".bubble.is-own", has_text="Can you hear me?")).to_have_attribute("data-seq", "2")


_FRAMES = """() => {
  const video = document.querySelector('.call-remote');
  return video ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
}"""


_KEEP_CAMERAS = """() => {
  window.cameras = [];
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    const got = await ask(wanted);
    window.cameras.push(...got.getVideoTracks());
    return got;
  };
}"""
_LIVE_VIDEO = "() => window.cameras.filter((one) => one.readyState === 'live').length"


def frames(page: Page) -> int:
    return int(page.evaluate(_FRAMES))


def test_a_video_call_connects_and_ends(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Mio"), join("Tom")
    caller, callee = open_screen(), open_screen(phone=True)
    caller.page.add_init_script(f"({_KEEP_CAMERAS})()")
    caller.sign_in(one)
    callee.sign_in(two)
    caller.follow_link(f"/@{two.handle}")
    caller.page.get_by_role("button", name="Video call").click()
    ringing = callee.page.get_by_role("alertdialog")
    expect(ringing).to_contain_text("Mio")
    callee.check_accessibility()
    ringing.get_by_role("button", name="Accept").click()
    for screen in (caller, callee):
        expect(screen.page.locator(".call[data-phase=connected]")).to_be_visible()
        screen.page.wait_for_function(f"() => ({_FRAMES})() > 5")
    before = frames(caller.page)
    caller.page.wait_for_function(f"() => ({_FRAMES})() > {before + 10}")
    caller.check_accessibility()
    caller.picture("call-video")
    # A camera that is off sends nothing, and the avatar replaces the video; switched on, it is visible again
    caller.page.get_by_role("button", name="Camera off").click()
    expect(callee.page.locator(".call-avatar")).to_be_visible()
    expect(callee.page.locator(".call-remote")).to_have_count(0)
    assert caller.page.evaluate(_LIVE_VIDEO) == 0
    callee.picture("call-camera-off")
    caller.page.get_by_role("button", name="Camera on").click()
    callee.page.wait_for_function(f"() => ({_FRAMES})() > 5")
    caller.page.get_by_role("button", name="Mute").click()
    expect(caller.page.get_by_role("button", name="Unmute")).to_be_visible()
    callee.page.get_by_role("button", name="Hang up").click()
    for screen in (caller, callee):
        expect(screen.page.locator(".call")).to_have_count(0)


@pytest.mark.parametrize("answer", ["Decline", "Hang up"])
def test_an_unanswered_call_is_missed(answer: str, open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Aoi"), join("Max")
    caller = open_screen().sign_in(one)
    callee = open_screen().sign_in(two)
    caller.follow_link(f"/@{two.handle}")
    caller.page.get_by_role("button", name="Voice call").click()
    expect(callee.page.get_by_role("alertdialog")).to_be_visible()
    who = callee if answer == "Decline" else caller
    who.page.get_by_role("button", name=answer).click()
    expect(callee.page.get_by_role("alertdialog")).to_have_count(0)
    expect(caller.page.locator(".call")).to_have_count(0)
    if answer == "Decline":
        caller.told("The call was declined.")
        # Both call histories list it, and one can call back from there
        caller.follow_link("/calls")
        expect(caller.page.locator(".call-row")).to_contain_text("Outgoing voice call · declined")
        caller.check_accessibility()
        caller.picture("calls")
        callee.follow_link("/calls")
        expect(callee.page.locator(".call-row")).to_contain_text("Incoming voice call · declined")
        callee.page.get_by_role("button", name="Voice call: Aoi").click()
        expect(caller.page.get_by_role("alertdialog")).to_contain_text("Max")
