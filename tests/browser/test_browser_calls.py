"""Calls when things go wrong: pages that close, browsers that die, keys in a hurry, devices that may not be used."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from kit.client import Endpoints, Socket
from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import Person, Screen
from tests.browser.test_browser_talk import Network

#: Longer than the 20 seconds that a party has to come back, with the way there and back on a busy machine.
_AWAY = 75_000
#: Well within those 20 seconds.
_TOLD = 10_000
_KEEP_STREAMS = """() => {
  window.streams = [];
  window.sockets = [];
  window.WebSocket = new Proxy(WebSocket, {
    construct: (kind, args) => { const made = new kind(...args); window.sockets.push(made); return made; },
  });
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => { const got = await ask(wanted); window.streams.push(got); return got; };
}"""
_LIVE_TRACKS = """() => window.streams.flatMap((stream) => stream.getTracks())
  .filter((track) => track.readyState === 'live').length"""


def watched(screen: Screen, person: Person) -> Screen:
    """Signed in and connected, in a page that remembers the microphones that it opened."""
    screen.page.add_init_script(f"({_KEEP_STREAMS})()")
    screen.sign_in(person)
    screen.page.wait_for_function("() => window.sockets.some((one) => one.readyState === 1)", timeout=30_000)
    return screen


def window(screen: Screen, phase: str = "") -> Locator:
    return screen.page.locator(f"dialog.call[data-phase={phase}]" if phase else "dialog.call")


def is_silent(screen: Screen) -> None:
    """No window of a call, and no microphone or camera that is on."""
    expect(window(screen)).to_have_count(0)
    wait_for(lambda: screen.page.evaluate(_LIVE_TRACKS), until=lambda live: live == 0, what="no live microphone")


def call(screen: Screen, other: Person, label: str = "Voice call") -> None:
    screen.follow_link(f"/@{other.handle}")
    screen.page.get_by_role("button", name=label).click()


def answer(screen: Screen, label: str = "Accept") -> None:
    ringing = screen.page.get_by_role("alertdialog")
    expect(ringing).to_be_visible(timeout=40_000)
    ringing.get_by_role("button", name=label).click()


@pytest.fixture
def pair(join: Join) -> tuple[Person, Person]:
    return join("Mio"), join("Tom")


def connected(open_screen: OpenScreen, pair: tuple[Person, Person], workers: str = "block") -> tuple[Screen, Screen]:
    """Mio has called Tom, and both hear each other."""
    caller, callee = (watched(open_screen(workers=workers), person) for person in pair)
    talk(caller, callee, pair[1])
    return caller, callee


def talk(caller: Screen, callee: Screen, other: Person) -> None:
    """The caller calls, the callee (``other``) answers, and both hear each other."""
    call(caller, other)
    answer(callee)
    for screen in (caller, callee):
        expect(window(screen, "connected")).to_be_visible(timeout=40_000)


def toast(screen: Screen) -> Locator:
    return screen.page.locator(".toast")


def is_controlled(screen: Screen) -> None:
    screen.page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=40_000)


@pytest.mark.parametrize("workers", ["allow", "block"])
def test_a_reload_ends_the_call_for_the_other_and_both_can_call_again(
    open_screen: OpenScreen, pair: tuple[Person, Person], workers: str
) -> None:
    caller, callee = connected(open_screen, pair, workers)
    for attempt in range(4 if workers == "allow" else 1):
        if workers == "allow":
            is_controlled(callee)
        callee.page.reload()
        # The server's own check comes after 20 seconds: what is read before was said by the page
        expect(toast(caller)).to_contain_text("Tom left the call.", timeout=_TOLD)
        if attempt == 0:
            caller.picture("call-other-left")
        is_silent(caller)
        # And the next call rings
        expect(toast(caller)).to_have_count(0)
        talk(caller, callee, pair[1])


def test_two_closed_pages_leave_no_call_behind(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    for screen in connected(open_screen, pair):
        screen.page.close()
    caller, callee = (watched(open_screen(), person) for person in pair)
    call(caller, pair[1])
    answer(callee)
    expect(window(caller, "connected")).to_be_visible(timeout=40_000)


def test_a_caller_who_closes_the_page_stops_the_ringing(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    caller, callee = (watched(open_screen(), person) for person in pair)
    call(caller, pair[1])
    expect(callee.page.get_by_role("alertdialog")).to_be_visible(timeout=40_000)
    caller.page.close()
    expect(callee.page.get_by_role("alertdialog")).to_have_count(0)


@contextmanager
def own_browser(chromium: Browser) -> Iterator[tuple[Browser, subprocess.Popen[bytes]]]:
    """A Chromium that a test may kill, with all its processes."""
    home = tempfile.mkdtemp(prefix="asyncsns-browser-")
    flags = ["--headless=new", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={home}"]
    flags += ["--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection", "about:blank"]
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    process = subprocess.Popen(
        [str(path), *flags], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    port = Path(home, "DevToolsActivePort")
    try:
        wait_for(port.exists, until=bool, what="the port of a browser", seconds=60)
        yield chromium.browser_type.connect_over_cdp(f"http://127.0.0.1:{port.read_text().split()[0]}"), process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


def test_a_browser_that_dies_ends_the_call_for_the_other(
    open_screen: OpenScreen, pair: tuple[Person, Person], chromium: Browser, endpoints: Endpoints
) -> None:
    with own_browser(chromium) as (browser, process):
        caller = watched(open_screen(), pair[0])
        context = browser.new_context(base_url=endpoints.base_url, permissions=["microphone"], service_workers="block")
        callee = watched(Screen(context.new_page(), endpoints), pair[1])
        call(caller, pair[1])
        answer(callee)
        expect(window(caller, "connected")).to_be_visible(timeout=40_000)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        expect(toast(caller)).to_contain_text("Tom left the call.", timeout=_AWAY)
        is_silent(caller)


def test_a_call_goes_on_when_a_connection_was_made_again(
    open_screen: OpenScreen, pair: tuple[Person, Person], join: Join, endpoints: Endpoints
) -> None:
    screen = open_screen()
    network = Network(screen.page)
    caller, callee = watched(screen, pair[0]), watched(open_screen(), pair[1])
    ami, ben = join("Ami"), join("Ben")
    with Socket(endpoints, ben.api) as watch, Socket(endpoints, ami.api) as cut_later:
        call(caller, pair[1])
        answer(callee)
        for side in (caller, callee):
            expect(window(side, "connected")).to_be_visible(timeout=40_000)
        # Given another call, which ends because its caller's connection goes later than this one
        cut_later.send("call.start", {"calleeId": ben.user_id, "media": "audio"})
        network.cut()
        network.mend()
        # The routes of a page run only while Playwright is waited for.
        caller.page.wait_for_function("() => window.sockets.length > 1 && window.sockets.at(-1).readyState === 1")
        cut_later.close()
        assert watch.wait("call.ended", seconds=75)["data"]["call"]["reason"] == "caller_left"
    # When that has ended, then this one has not
    for side in (caller, callee):
        expect(window(side, "connected")).to_be_visible()
    callee.page.get_by_role("button", name="Hang up").click()
    is_silent(caller)


@pytest.mark.parametrize("knows_closedby", [True, False])
def test_escape_leaves_no_live_microphone(
    open_screen: OpenScreen, pair: tuple[Person, Person], knows_closedby: bool
) -> None:
    caller, callee = connected(open_screen, pair)
    if not knows_closedby:
        window(caller).evaluate("dialog => dialog.removeAttribute('closedby')")
    for _ in range(4):
        caller.page.keyboard.press("Escape")
        expect(window(caller)).to_be_visible()
    assert window(caller).evaluate("dialog => dialog.open && dialog.matches(':modal')")
    caller.picture("call-audio")
    caller.page.get_by_role("button", name="Hang up").click()
    for screen in (caller, callee):
        is_silent(screen)


def test_other_pages_keep_the_window_and_signing_out_hangs_up(
    open_screen: OpenScreen, pair: tuple[Person, Person]
) -> None:
    caller, callee = connected(open_screen, pair)
    caller.page.go_back()
    expect(window(caller, "connected")).to_be_visible()
    # A page without the shell, from where people with a session are led away
    caller.page.evaluate(
        "() => { history.pushState(null, '', '/sign-in'); dispatchEvent(new PopStateEvent('popstate')); }"
    )
    expect(caller.page).not_to_have_url(re.compile("/sign-in"))
    expect(window(caller, "connected")).to_be_visible()
    caller.follow_link("/settings")
    caller.page.get_by_text("Sign out", exact=True).evaluate("button => button.click()")
    expect(caller.page).to_have_url(re.compile("/$|/sign-in"))
    for screen in (caller, callee):
        is_silent(screen)


@pytest.mark.parametrize(("locale", "label", "words"), [
    ("en-US", "Accept", "may not use the microphone"), ("ja-JP", "応答", "マイクの使用が許可されていません"),
])  # fmt: skip
def test_a_device_without_a_microphone_declines_for_nobody(
    open_screen: OpenScreen, pair: tuple[Person, Person], locale: str, label: str, words: str
) -> None:
    caller, phone = watched(open_screen(), pair[0]), watched(open_screen(), pair[1])
    deaf = watched(open_screen(permissions=[], locale=locale, phone=locale == "ja-JP"), pair[1])
    call(caller, pair[1])
    answer(deaf, label)
    ringing = deaf.page.get_by_role("alertdialog")
    expect(ringing.get_by_role("alert")).to_contain_text(words)
    deaf.check_accessibility()
    deaf.picture(f"call-refused-microphone-{locale[:2]}")
    expect(window(caller, "calling")).to_be_visible()
    answer(phone)
    for screen in (caller, phone):
        expect(window(screen, "connected")).to_be_visible(timeout=40_000)
    expect(ringing).to_have_count(0)


def test_without_a_microphone_nobody_is_rung(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    deaf = watched(open_screen(permissions=[]), pair[0])
    call(deaf, pair[1])
    expect(toast(deaf)).to_contain_text("may not use the microphone")
    expect(window(deaf)).to_have_count(0)
    # A person who is in no call can be rung
    assert pair[1].api.post("/v1/calls", {"calleeId": pair[0].user_id, "media": "audio"})["state"] == "ringing"


def test_a_block_ends_the_call_for_both(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    caller, callee = connected(open_screen, pair)
    pair[1].api.put(f"/v1/blocks/{pair[0].user_id}")
    for screen in (caller, callee):
        expect(toast(screen)).to_have_text(re.compile("The call has ended."), timeout=30_000)
        is_silent(screen)


@pytest.mark.parametrize(("locale", "label", "action"), [
    ("en-US", "Voice call", "End that call and call again"), ("ja-JP", "音声通話", "その通話を終えてかけ直す"),
])  # fmt: skip
def test_a_call_that_is_still_on_can_be_ended_from_here(
    open_screen: OpenScreen, pair: tuple[Person, Person], join: Join, endpoints: Endpoints,
    locale: str, label: str, action: str,
) -> None:  # fmt: skip
    elsewhere = join("Ivo")
    with Socket(endpoints, pair[0].api) as tablet, Socket(endpoints, elsewhere.api) as third:
        here = {"callId": tablet.send("call.start", {"calleeId": elsewhere.user_id, "media": "audio"})["call"]["id"]}
        third.send("call.accept", here)
        caller = watched(open_screen(locale=locale, phone=locale == "ja-JP"), pair[0])
        callee = watched(open_screen(), pair[1])
        call(caller, pair[1], label)
        offer = caller.page.get_by_role("dialog")
        expect(offer.get_by_role("button", name=action)).to_be_visible()
        caller.check_accessibility()
        caller.picture(f"call-still-on-{locale[:2]}")
        offer.get_by_role("button", name=action).click()
        answer(callee)
        expect(window(caller, "connected")).to_be_visible(timeout=40_000)
        assert third.wait("call.ended")["data"]["call"]["id"] == here["callId"]
