"""Calls during failures: closed pages, crashed browsers, quick key presses, denied devices."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kit.browsers import chromium as chromium_path
from kit.client import Endpoints, Socket
from kit.client.api import wait_for
from tests.browser.calls import (
    LIVE_TRACKS,
    answer,
    call,
    connected,
    hear_each_other,
    heard,
    is_silent,
    resume,
    talk,
    watched,
    window,
)
from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import Person, Screen
from tests.browser.test_browser_talk import Network

#: Longer than the 20 seconds in which a party can return, plus delays of a busy machine.
_AWAY = 75.0


@pytest.fixture
def pair(join: Join) -> tuple[Person, Person]:
    return join("Mio"), join("Tom")


def test_a_call_survives_reloads_and_moves_between_devices(
    open_screen: OpenScreen, pair: tuple[Person, Person]
) -> None:
    caller = watched(open_screen(workers="allow"), pair[0])
    call(caller, pair[1])
    expect(window(caller, "calling")).to_be_visible()
    caller.page.reload()
    resume(caller, "Rejoin")
    expect(window(caller, "calling")).to_be_visible()
    # The callee opens the app while the call rings
    phone = watched(open_screen(workers="allow"), pair[1])
    answer(phone)
    hear_each_other(caller, phone)
    for side in (phone, caller):
        side.page.reload()
        if side is phone:
            expect(side.page.get_by_role("region", name="Your call with Mio is still in progress")).to_be_visible()
            side.check_accessibility()
            side.picture("call-rejoin")
        resume(side, "Rejoin")
        hear_each_other(caller, phone)
    desk = watched(open_screen(), pair[1])
    resume(desk, "Continue here")
    hear_each_other(caller, desk)
    phone.told("The call continues in another")
    is_silent(phone)
    desk.page.get_by_role("button", name="Hang up").click()
    is_silent(caller)


def test_closed_pages_rejoin_their_call_by_calling_again(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    for screen in connected(open_screen, pair):
        screen.page.close()
    caller, callee = (watched(open_screen(), person) for person in pair)
    call(caller, pair[1])
    resume(callee, "Rejoin")
    hear_each_other(caller, callee)


def test_simultaneous_calls_of_two_people_become_one_call(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    screens = [watched(open_screen(), person) for person in pair]
    for screen, other in zip(screens, reversed(pair), strict=True):
        screen.follow_link(f"/@{other.handle}")
    click_at_once(screens, "button[aria-label='Voice call']")
    hear_each_other(*screens)
    for screen in screens:
        expect(screen.page.locator(".toast")).to_have_count(0)


_CLICK_LATER = "([selector, at]) => void setTimeout(() => document.querySelector(selector)?.click(), at - Date.now())"


def click_at_once(screens: Sequence[Screen], selector: str) -> None:
    """All screens click at the same time; a late screen skips it if the first click has removed the button there."""
    for screen in screens:
        expect(screen.page.locator(selector)).to_be_visible()
    at = time.time() * 1000 + 2_000
    for screen in screens:
        screen.page.evaluate(_CLICK_LATER, [selector, at])


def test_one_of_two_simultaneous_answers_wins_and_all_others_stop_ringing(
    open_screen: OpenScreen, pair: tuple[Person, Person], endpoints: Endpoints
) -> None:
    caller, phone = watched(open_screen(), pair[0]), watched(open_screen(phone=True), pair[1])
    desk = open_screen()
    tab = watched(Screen(desk.page.context.new_page(), endpoints), pair[1])
    watched(desk, pair[1])
    call(caller, pair[1])
    expect(tab.page.get_by_role("alertdialog")).to_be_visible()
    click_at_once((phone, desk), ".incoming .is-accept")
    expect(window(caller, "connected")).to_be_visible()
    wait_for(
        lambda: [screen.page.locator(".call").count() for screen in (phone, desk)],
        until=lambda windows: sum(windows) == 1,
        what="one window of the call",
    )
    winner, loser = (phone, desk) if phone.page.locator(".call").count() else (desk, phone)
    expect(window(winner, "connected")).to_be_visible()
    for screen in (loser, tab):
        expect(screen.page.get_by_role("alertdialog")).to_have_count(0)
        screen.told("another")
        is_silent(screen)
        assert len(screen.toasts()) == 1
    winner.page.get_by_role("button", name="Hang up").click()
    is_silent(caller)


@contextmanager
def own_browser(chromium: Browser) -> Iterator[tuple[Browser, subprocess.Popen[bytes]]]:
    """A Chromium that a test may kill, with all its processes."""
    home = tempfile.mkdtemp(prefix="asyncsns-browser-")
    flags = ["--headless=new", "--no-sandbox", "--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={home}"]
    flags += ["--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection", "about:blank"]
    path = chromium_path()
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


@pytest.mark.long
def test_a_browser_that_dies_ends_the_call_for_the_other(
    open_screen: OpenScreen, pair: tuple[Person, Person], chromium: Browser, endpoints: Endpoints
) -> None:
    with own_browser(chromium) as (browser, process):
        caller = watched(open_screen(), pair[0])
        context = browser.new_context(base_url=endpoints.base_url, permissions=["microphone"], service_workers="block")
        callee = watched(Screen(context.new_page(), endpoints), pair[1])
        call(caller, pair[1])
        answer(callee)
        expect(window(caller, "connected")).to_be_visible()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        caller.told("Tom left the call.", _AWAY)
        is_silent(caller)


def ended(watch: Socket, page: Page) -> dict[str, Any]:
    """The end of the call as ``watch`` receives it; meanwhile the routed socket of ``page`` keeps working."""
    deadline = time.monotonic() + 75
    while time.monotonic() < deadline:
        page.wait_for_timeout(250)
        with contextlib.suppress(TimeoutError):
            return watch.wait("call.ended", seconds=0.01)
    return watch.wait("call.ended", seconds=0.01)


@pytest.mark.long
def test_a_call_continues_after_the_socket_reconnects(
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
            expect(window(side, "connected")).to_be_visible()
        # Given another call, which ends because its caller disconnects later than this one
        cut_later.send("call.start", {"calleeId": ben.user_id, "media": "audio"})
        network.cut()
        network.mend()
        # Playwright runs a page's routes only while the test waits in Playwright.
        caller.page.wait_for_function("() => window.sockets.length > 1 && window.sockets.at(-1).readyState === 1")
        cut_later.close()
        assert ended(watch, caller.page)["data"]["call"]["reason"] == "caller_left"
    # When that call has ended, this one has not
    for side in (caller, callee):
        expect(window(side, "connected")).to_be_visible()
    callee.page.get_by_role("button", name="Hang up").click()
    is_silent(caller)


#: The bar gets its position in the page's next frame.
_IS_ABOVE_THE_BOTTOM_BAR = """() => {
  const [bar, below] = ['.call', '.bottom-bar'].map((one) => document.querySelector(one).getBoundingClientRect());
  return bar.height > 0 && below.height > 0 && bar.bottom <= below.top + 1;
}"""


def test_a_user_reads_writes_and_navigates_during_a_call(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    phone, callee = watched(open_screen(phone=True), pair[0]), watched(open_screen(), pair[1])
    talk(phone, callee, pair[1])
    phone.check_accessibility()
    phone.picture("call-audio-phone")
    # Escape turns the window into a bar, and does nothing more, however often; the microphone button remains
    for _ in range(4):
        callee.page.keyboard.press("Escape")
    expect(callee.page.locator(".call.is-bar")).to_be_visible()
    assert callee.page.evaluate(LIVE_TRACKS) == 1
    callee.page.locator("#main form.composer textarea").click()
    callee.post("Written during a call")
    callee.check_accessibility()
    callee.picture("call-bar")
    # Another page turns it into a bar too, also on a phone, where it does not cover the page
    phone.follow_link("/search")
    expect(phone.page.locator(".call.is-bar")).to_be_visible()
    expect(phone.page.locator("[data-call-news]")).to_contain_text("Call with Tom")
    phone.page.wait_for_function(_IS_ABOVE_THE_BOTTOM_BAR)
    phone.picture("call-bar-phone")
    # Muting is announced; a dialog, which makes all else inert, contains the call
    phone.page.get_by_role("button", name="Mute").click()
    expect(phone.page.locator("[data-call-news]")).to_contain_text("You are muted.")
    # A page without the shell, which redirects signed-in people
    callee.page.evaluate(
        "() => { history.pushState(null, '', '/sign-in'); dispatchEvent(new PopStateEvent('popstate')); }"
    )
    expect(callee.page).not_to_have_url(re.compile("/sign-in"))
    expect(window(callee, "connected")).to_be_visible()
    # Signing out in another tab signs out this one too
    tab = Screen(callee.page.context.new_page(), callee.endpoints).open("/settings")
    tab.page.get_by_text("Sign out", exact=True).evaluate("button => button.click()")
    expect(callee.page).to_have_url(re.compile("/$|/sign-in"))
    for screen in (phone, callee):
        is_silent(screen)


@pytest.mark.parametrize(("locale", "label", "words"), [
    pytest.param("en-US", "Accept", "may not use the microphone", marks=pytest.mark.long),
    ("ja-JP", "応答", "マイクの使用が許可されていません"),
])  # fmt: skip
def test_a_device_without_a_microphone_does_not_decline_for_other_devices(
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
    # The call uses another device, or continues without a microphone
    if locale == "ja-JP":
        ringing.get_by_role("button", name="マイクなしで応答").click()
        phone = deaf
    else:
        answer(phone)
    for screen in (caller, phone):
        expect(window(screen, "connected")).to_be_visible()
    expect(ringing).to_have_count(0)


def test_a_user_without_a_microphone_can_call_to_listen(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    deaf, callee = watched(open_screen(permissions=[]), pair[0]), watched(open_screen(), pair[1])
    call(deaf, pair[1])
    hindered = deaf.page.get_by_role("dialog")
    expect(hindered).to_contain_text("may not use the microphone")
    deaf.check_accessibility()
    deaf.picture("call-without-microphone")
    expect(callee.page.get_by_role("alertdialog")).to_have_count(0)
    hindered.get_by_role("button", name="Call without a microphone").click()
    answer(callee)
    expect(window(deaf, "connected")).to_be_visible()
    heard(deaf)
    expect(window(deaf)).to_contain_text("you can only listen")


def test_a_block_ends_the_call_for_both(open_screen: OpenScreen, pair: tuple[Person, Person]) -> None:
    caller, callee = connected(open_screen, pair)
    pair[1].api.put(f"/v1/blocks/{pair[0].user_id}")
    for screen in (caller, callee):
        screen.told("The call has ended.")
        is_silent(screen)


@pytest.mark.parametrize(("locale", "label", "action"), [
    ("en-US", "Voice call", "End that call and call again"),
    pytest.param("ja-JP", "音声通話", "その通話を終えてかけ直す", marks=pytest.mark.long),
])  # fmt: skip
def test_a_call_on_another_device_can_be_ended_from_this_page(
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
        expect(window(caller, "connected")).to_be_visible()
        assert third.wait("call.ended")["data"]["call"]["id"] == here["callId"]
