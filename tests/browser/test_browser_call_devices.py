"""Call devices: tested before a call, and muted by the system during one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.calls import answer, call, hear_each_other, is_silent, watched, window
from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import Screen


@pytest.mark.parametrize(
    ("locale", "start", "stop"),
    [("en-US", "Test the devices", "Stop the test"), ("ja-JP", "機器を確認する", "確認を終える")],
)
def test_devices_are_tried_before_a_call(
    open_screen: OpenScreen, join: Join, locale: str, start: str, stop: str
) -> None:
    screen = watched(open_screen(locale=locale, phone=locale == "ja-JP"), join("Mio"))
    screen.follow_link("/settings")
    screen.page.get_by_role("button", name=start).click()
    # Chromium's fake microphone beeps once a second
    screen.page.wait_for_function("() => document.querySelector('.device-level meter')?.value > 0.3")
    screen.page.wait_for_function("() => document.querySelector('.device-picture')?.videoWidth > 0")
    screen.check_accessibility()
    screen.page.locator(".device-check").scroll_into_view_if_needed()
    screen.picture(f"call-devices-{locale[:2]}")
    screen.page.get_by_role("button", name=stop).click()
    is_silent(screen)


def test_a_device_without_permission_shows_how_to_allow_it(open_screen: OpenScreen, join: Join) -> None:
    screen = watched(open_screen(permissions=[]), join("Mio"))
    screen.follow_link("/settings")
    screen.page.get_by_role("button", name="Test the devices").click()
    expect(screen.page.locator(".device-check [role=alert]")).to_contain_text(
        ["may not use the microphone", "may not use the camera"]
    )


#: Mutes a track as a privacy switch does (W3C mediacapture-streams, 4.3.1), which no page may do to a device.
_SYSTEM_MUTES = """(muted) => {
  for (const track of window.streams.at(-1).getTracks()) {
    Object.defineProperty(track, 'muted', { value: muted, configurable: true });
    track.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }
}"""


def test_both_see_that_the_system_has_muted_a_device(open_screen: OpenScreen, join: Join) -> None:
    mio, tom = join("Mio"), join("Tom")
    caller, callee = watched(open_screen(), mio), watched(open_screen(), tom)
    call(caller, tom, "Video call")
    answer(callee)
    hear_each_other(caller, callee)
    picture = callee.page.get_by_label("Mio’s camera")
    expect(picture).to_be_visible()
    caller.page.evaluate(_SYSTEM_MUTES, True)
    expect(window(caller)).to_contain_text("Your device has muted your microphone.")
    expect(window(caller)).to_contain_text("Your device has turned your camera off.")
    expect(window(callee)).to_contain_text("Mio’s microphone is off.")
    expect(picture).to_have_count(0)
    for screen in (caller, callee):
        screen.check_accessibility()
    caller.picture("call-muted-by-the-system")
    caller.page.evaluate(_SYSTEM_MUTES, False)
    expect(picture).to_be_visible()
    for screen, words in ((caller, "The system has"), (callee, "microphone is off")):
        expect(window(screen)).not_to_contain_text(words)
    hang_up(callee)
    is_silent(caller)


def hang_up(screen: Screen) -> None:
    screen.page.get_by_role("button", name="Hang up").click()
