"""Five in a group call, through the media server of `make up SFU=yes`, checked by the media that arrive."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import Error, expect

from kit.client.endpoints import Endpoints
from tests.browser.calls import is_silent
from tests.browser.conftest import Join, OpenScreen
from tests.browser.test_browser_group_calls import _GONE_MS, Member, members

#: Open connections of a page: the one that publishes to the media server counts as one.
_STANDING = """(count) =>
  window.connections.filter(({ connectionState }) => connectionState === 'connected').length === count"""


@pytest.fixture
def five(endpoints: Endpoints, open_screen: OpenScreen, join: Join) -> list[Member]:
    if not endpoints.document.get("sfu"):
        pytest.skip("this network has no media server (make up SFU=yes, with janus installed)")
    return members(open_screen, [join(name) for name in ("Mio", "Tom", "Ami", "Ken", "Yui")])


def enter(member: Member) -> None:
    member.screen.page.locator(".room-banner").get_by_role("button", name="参加").or_(
        member.screen.page.locator(".room-banner").get_by_role("button", name="Join")
    ).click()


def leave(member: Member) -> None:
    page = member.screen.page
    page.get_by_role("button", name="通話から退出").or_(page.get_by_role("button", name="Leave the call")).first.click()


@pytest.mark.long
def test_a_call_moves_to_the_media_server_when_a_fifth_person_joins(five: list[Member]) -> None:
    one, two, *others = five
    one.press("Group video call")
    for member in (two, *others[:2]):
        enter(member)
    for member in five[:4]:
        member.screen.page.wait_for_function(_STANDING, arg=3)
    enter(others[2])
    for member in five:
        member.sees(5)
        # One to publish and one for each of the others: no media go directly between browsers
        member.screen.page.wait_for_function(_STANDING, arg=5)
    expect(one.window.locator(".room-tile.is-speaking")).to_have_count(1)
    for member, name in ((one, "desktop"), (five[-1], "phone")):
        member.screen.picture(f"group-call-five-{name}")
    # A shared screen is a separate tile
    two.press("Share screen")
    for member in five:
        member.shows(6)
    for member, name in ((one, "desktop"), (five[-1], "phone")):
        member.screen.picture(f"group-call-five-screen-{name}")
    two.press("Stop sharing")
    expect(one.window.locator(".room-tile.is-screen")).to_have_count(0)
    # One leaves and returns while the others continue
    leave(two)
    is_silent(two.screen)
    for member in (one, *others):
        member.sees(4)
    enter(two)
    for member in five:
        member.sees(5)
    # A publisher crashes: the others continue
    with contextlib.suppress(Error):
        two.screen.page.goto("chrome://crash", timeout=5_000)
    for member in (one, *others):
        expect(member.window.locator(".room-tile")).to_have_count(4, timeout=_GONE_MS)
        member.sees(4)
    for member in (one, *others):
        leave(member)
        is_silent(member.screen)
