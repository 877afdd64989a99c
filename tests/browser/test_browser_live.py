"""Live streams through the media server of `make up SFU=yes`, checked by the media that arrive."""

from __future__ import annotations

import contextlib
import re

import httpx
import pytest
from playwright.sync_api import Error, Locator, expect

from kit.client.api import wait_for
from kit.client.endpoints import Endpoints
from tests.browser.calls import watched
from tests.browser.conftest import Join, OpenScreen
from tests.browser.outside_publisher import OutsidePublisher
from tests.browser.people import Person, Screen, said
from tests.browser.test_browser_group_calls import _ARRIVES, _KEEP, _SCREEN

pytestmark = pytest.mark.long

#: Longer than the 30 seconds that a stream waits for its host, on a busy machine.
_ENDED_MS = 180_000


@pytest.fixture(autouse=True)
def _media_server(endpoints: Endpoints) -> None:
    if not endpoints.document.get("sfu"):
        pytest.skip("this network has no media server (make up SFU=yes, with janus installed)")


def at(screen: Screen, person: Person) -> Screen:
    """Sign in, in a page that keeps its connections for statistics."""
    for script in (_KEEP, _SCREEN):
        screen.page.add_init_script(f"({script})()")
    return watched(screen, person)


def state(screen: Screen, name: str) -> Locator:
    return screen.page.locator(f".live[data-state={name}]")


def set_up(host: Screen, title: str) -> None:
    """Go from the composer to the page that asks for a title."""
    host.page.locator("#main").get_by_role("link", name="Go live").click()
    expect(host.page.get_by_role("heading", name="Go live", exact=True)).to_be_visible()
    host.page.get_by_label("Title").fill(title)


def go_live(host: Screen, title: str) -> str:
    """Start a stream from this browser; returns its path."""
    set_up(host, title)
    expect(host.page.get_by_label("Preview", exact=True).locator("video")).to_be_visible()
    host.check_accessibility()
    host.picture("live-setup-desktop")
    host.page.get_by_role("button", name="Go live").click()
    expect(host.page).to_have_url(re.compile("/live/[^/?]+$"))
    expect(state(host, "live")).to_be_visible()
    return httpx.URL(host.page.url).path


def say(screen: Screen, text: str) -> None:
    field = screen.page.locator(".live-chat textarea")
    field.fill(text)
    field.press("Enter")
    expect(screen.page.locator(".live-line", has_text=text)).to_have_count(1)


def sees_and_hears(screen: Screen) -> None:
    screen.until(_ARRIVES, 1, "pictures and sound")
    expect(screen.page.locator(".live-stage video")).to_be_visible()


def test_followers_watch_a_browser_until_its_host_is_gone(open_screen: OpenScreen, join: Join) -> None:
    host, follower, guest = join("Mio"), join("Ren", locale="ja"), join("Kai")
    follower.api.put(f"/v1/follows/{host.user_id}")
    phone = at(open_screen(phone=True, scheme="dark", locale="ja-JP"), follower)
    desk = at(open_screen(), host)
    said(host, "The dough rests")
    path = go_live(desk, "Baking bread")
    # The follower is notified by the bell, above the feed, and on the profile
    expect(phone.page.locator(".bottom-bar a[href='/notifications'] .badge")).to_be_visible()
    card = phone.page.locator(f".live-card[href='{path}']")
    expect(card).to_contain_text("Baking bread")
    phone.check_accessibility()
    phone.picture("live-home-phone")
    phone.follow_link(f"/@{host.handle}")
    expect(phone.page.locator(".live-now")).to_have_attribute("href", path)
    # Also by the badge on each of the host's posts
    expect(phone.page.locator(".post .live-mark")).to_have_attribute("href", path)
    phone.check_accessibility()
    phone.picture("live-profile-phone")
    phone.follow_link("/notifications")
    phone.page.locator(".notification[data-type=live] a").click()
    expect(phone.page).to_have_url(re.compile(f"{path}$"))
    sees_and_hears(phone)
    expect(desk.page.get_by_test_id("viewers")).to_have_text(re.compile("1 viewer"))
    # They chat
    say(desk, "The oven is hot")
    expect(phone.page.locator(".live-line", has_text="The oven is hot")).to_be_visible()
    say(phone, "おいしそう！")
    expect(desk.page.locator(".live-line", has_text="おいしそう！")).to_be_visible()
    for screen, name in ((phone, "live-phone"), (desk, "live-host-desktop")):
        screen.check_accessibility()
        screen.picture(name)
    # Another viewer opens the link, and leaves
    visitor = at(open_screen(), guest)
    visitor.open(path)
    sees_and_hears(visitor)
    expect(desk.page.get_by_test_id("viewers")).to_have_text(re.compile("2 viewers"))
    visitor.check_accessibility()
    visitor.picture("live-desktop")
    visitor.follow_link("/public")
    expect(desk.page.get_by_test_id("viewers")).to_have_text(re.compile("1 viewer$"))
    # The camera is switched off, a shared screen replaces it
    desk.page.get_by_role("button", name="Camera off").click()
    expect(phone.page.get_by_text("映像は届いていません")).to_be_visible()
    desk.page.get_by_role("button", name="Share screen").click()
    expect(phone.page.locator(".live-stage video")).to_be_visible()
    # The host navigates in the app while the stream continues
    desk.follow_link("/public")
    desk.check_accessibility()
    desk.page.locator(".on-air").click()
    expect(state(desk, "live")).to_be_visible()
    # The host's page crashes: the viewer is informed, then the stream ends
    with contextlib.suppress(Error):
        desk.page.goto("chrome://crash", timeout=5_000)
    expect(phone.page.get_by_text("配信が中断しています")).to_be_visible(timeout=_ENDED_MS)
    expect(state(phone, "ended")).to_be_visible(timeout=_ENDED_MS)
    expect(phone.page.get_by_role("heading", name="配信は終了しました")).to_be_visible()
    phone.check_accessibility()
    phone.picture("live-ended-phone")
    phone.follow_link("/")
    expect(card).to_have_count(0)
    # The phone's composer starts the person's own broadcast; the draft text is kept
    phone.page.locator(".fab").click()
    phone.page.get_by_role("dialog").locator("textarea").fill("書きかけ")
    phone.picture("composer-live-phone")
    phone.page.get_by_role("dialog").get_by_role("link", name="ライブ配信").click()
    expect(phone.page).to_have_url(re.compile("/live$"))
    expect(phone.page.get_by_role("dialog")).to_have_count(0)
    phone.check_accessibility()
    phone.picture("live-setup-phone")
    wait_for(lambda: follower.api.get("/v1/drafts")["items"], until=bool, what="the draft")


def test_moderators_end_a_stream_that_was_reported(open_screen: OpenScreen, join: Join) -> None:
    host, guest, moderator = join("Mio"), join("Kai"), join("Moderator", groups=("moderators",))
    desk, visitor = at(open_screen(), host), at(open_screen(phone=True), guest)
    path = go_live(desk, "Cheap watches")
    visitor.open(path)
    expect(state(visitor, "live")).to_be_visible()
    visitor.page.get_by_role("button", name="More about Mio").click()
    visitor.page.get_by_role("menuitem", name="Report live stream").click()
    visitor.page.get_by_label("Spam or fraud").check()
    visitor.check_accessibility()
    visitor.picture("live-report-phone")
    visitor.page.get_by_role("button", name="Report", exact=True).click()
    expect(visitor.page.get_by_text("Reported. Thank you.")).to_be_visible()
    office = open_screen().sign_in(moderator).follow_link(f"/moderation/cases/live/{path.rpartition('/')[2]}")
    expect(office.page.get_by_role("link", name="Open the live stream")).to_have_attribute("href", path)
    office.page.get_by_label("End the live stream").check()
    office.check_accessibility()
    office.picture("moderation-case-live")
    office.page.get_by_role("button", name="Decide").click()
    for screen in (visitor, desk):
        expect(state(screen, "ended")).to_be_visible(timeout=_ENDED_MS)


def test_a_program_sends_with_the_token_that_the_page_shows(open_screen: OpenScreen, join: Join) -> None:
    host, follower = join("Mio"), join("Tom")
    follower.api.put(f"/v1/follows/{host.user_id}")
    desk, viewer = (at(open_screen(), person) for person in (host, follower))
    set_up(desk, "A talk by OBS")
    desk.page.get_by_text("OBS or another program").click()
    desk.page.get_by_text("Followers", exact=True).click()
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.get_by_text("Waiting for your program to send")).to_be_visible()
    desk.check_accessibility()
    desk.picture("live-program-desktop")
    path = httpx.URL(desk.page.url).path
    url, token = (desk.page.get_by_label(label).input_value() for label in ("WHIP URL", "Bearer token"))
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.page.get_by_role("button", name="Copy the token").click()
    wait_for(
        lambda: desk.page.evaluate("navigator.clipboard.readText()"), until=lambda text: text == token, what="copy"
    )
    viewer.open(path)
    expect(state(viewer, "waiting")).to_be_visible()
    with OutsidePublisher(url, token):
        sees_and_hears(viewer)
        # The host sees the program's stream, and hears it after a click
        expect(desk.page.locator(".live-stage video")).to_be_visible()
        desk.page.get_by_role("button", name="Unmute").click()
        sees_and_hears(desk)
        for screen in (desk, viewer):
            expect(state(screen, "live")).to_be_visible()
    # The program pauses, and resumes with the same token
    expect(viewer.page.get_by_text("The stream was interrupted")).to_be_visible(timeout=_ENDED_MS)
    viewer.picture("live-interrupted-desktop")
    with OutsidePublisher(url, token):
        sees_and_hears(viewer)
        expect(viewer.page.get_by_text("The stream was interrupted")).to_have_count(0)
        desk.page.get_by_role("button", name="End stream").click()
        desk.page.get_by_role("dialog").get_by_role("button", name="End stream").click()
        for screen in (desk, viewer):
            expect(state(screen, "ended")).to_be_visible()
        wait_for(lambda: _answers(url, token), until=lambda status: status == 401, what="no use of the token")
    viewer.picture("live-ended-desktop")


def _answers(url: str, token: str) -> int:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/sdp"}
    return httpx.post(url, content="v=0", headers=headers, timeout=60).status_code
