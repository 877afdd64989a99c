"""A phone's Back closes overlays one at a time, and leaves the page only when none is open."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Person, Screen, said

pytestmark = pytest.mark.long

#: One colour, 2 by 2 pixels.
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001049444154789c63e04a0f07220608050014ba032165bda1540000000049"
    "454e44ae426082"
)


def back(page: Page) -> None:
    page.evaluate("() => history.back()")


def settled(page: Page, overlays: int = 0) -> None:
    """Wait until the history entry has this many overlays: the app has finished its history changes."""
    page.wait_for_function("count => (history.state?.overlays ?? 0) === count", arg=overlays)


def phone_of(open_screen: OpenScreen, person: Person) -> Screen:
    """Sign in on a phone and open the public timeline; home is the previous page."""
    return open_screen(phone=True).sign_in(person).follow_link("/public")


def is_on(page: Page, path: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(path) + "$"))


def leaves(page: Page, path: str) -> None:
    """Expect no leftover history entry: one Back leads to the previous page."""
    settled(page)
    back(page)
    is_on(page, path)


def write(page: Page, text: str) -> Locator:
    page.locator(".fab").click()
    dialog = page.get_by_role("dialog", name="New post")
    dialog.locator("textarea").fill(text)
    return dialog


def test_back_closes_dialogs_and_menus(open_screen: OpenScreen, join: Join) -> None:
    one, other = join("Umi"), join("Leo")
    screen = phone_of(open_screen, one)
    page = screen.page
    screen.follow_link(f"/@{other.handle}")
    more = page.get_by_role("button", name="More about Leo")
    menu = page.get_by_role("menu")
    # Back closes a menu, and the focus returns to its button
    more.click()
    expect(menu).to_be_visible()
    settled(page, 1)
    back(page)
    expect(menu).to_have_count(0)
    expect(more).to_be_focused()
    is_on(page, f"/@{other.handle}")
    # A dialog opened from a menu takes over its history entry
    more.click()
    page.get_by_role("menuitem", name="Report person").click()
    report = page.get_by_role("dialog")
    expect(report).to_be_visible()
    settled(page, 1)
    screen.check_accessibility()
    back(page)
    expect(report).to_have_count(0)
    # Forward opens nothing broken, and closing by other means leaves no extra history entry
    page.evaluate("() => history.forward()")
    settled(page)
    expect(report).to_have_count(0)
    more.click()
    page.get_by_role("menuitem", name="Report person").click()
    settled(page, 1)
    page.keyboard.press("Escape")
    expect(report).to_have_count(0)
    leaves(page, "/public")


def test_back_keeps_a_draft(open_screen: OpenScreen, join: Join) -> None:
    one = join("Umi")
    page = phone_of(open_screen, one).page
    text = f"Half a thought {unique('t')}"
    # Without text, the composer simply closes
    write(page, "")
    settled(page, 1)
    back(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    is_on(page, "/public")
    settled(page)
    # Text is kept as a draft
    write(page, text)
    settled(page, 1)
    back(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Draft saved")
    is_on(page, "/public")
    drafts = one.api.get("/v1/drafts")["items"]
    assert [draft["content"]["text"] for draft in drafts] == [text]
    leaves(page, "/")


def test_back_asks_before_discarding_an_edit(open_screen: OpenScreen, join: Join) -> None:
    one = join("Umi")
    post = said(one, "With a typpo")
    screen = open_screen(phone=True).sign_in(one).follow_link(f"/posts/{post}")
    page = screen.page
    page.get_by_role("button", name="More about this post").click()
    page.get_by_role("menuitem", name="Edit").click()
    editor = page.get_by_role("dialog", name="Edit post")
    editor.locator("textarea").fill("With a typo")
    settled(page, 1)
    back(page)
    question = page.get_by_role("dialog", name="Leave without posting?")
    expect(question).to_be_visible()
    settled(page, 2)
    screen.check_accessibility()
    # The question is on top: Back means "stay"
    back(page)
    expect(question).to_have_count(0)
    expect(editor.locator("textarea")).to_have_value("With a typo")
    settled(page, 1)
    back(page)
    question.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    is_on(page, f"/posts/{post}")
    leaves(page, "/")


def test_repeated_escape_does_not_discard_a_draft(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen().sign_in(join("Umi"))
    page = screen.page
    page.locator(".rail-post").click()
    field = page.get_by_role("dialog").first.locator("textarea")
    field.fill("Half a thought")
    for _ in range(4):
        page.keyboard.press("Escape")
    expect(field).to_be_visible()
    expect(field).to_have_value("Half a thought")
    question = page.get_by_role("dialog", name="Leave without posting?")
    if question.count() == 0:
        page.keyboard.press("Escape")
    question.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_back_closes_the_lightbox(open_screen: OpenScreen, join: Join) -> None:
    one = join("Umi")
    photo = one.api.upload("photo", "image/png", _PNG, "A green square")
    post = said(one, "Look", mediaIds=[photo])
    screen = phone_of(open_screen, one).follow_link(f"/posts/{post}")
    page = screen.page
    page.locator(".photo").click()
    lightbox = page.locator("dialog.lightbox")
    expect(lightbox).to_be_visible()
    settled(page, 1)
    screen.check_accessibility()
    back(page)
    expect(lightbox).to_have_count(0)
    is_on(page, f"/posts/{post}")
    # A reload closes it, and its history entry is removed
    page.locator(".photo").click()
    settled(page, 1)
    page.reload()
    expect(page.locator(".photo")).to_be_visible()
    expect(lightbox).to_have_count(0)
    leaves(page, "/public")


def test_back_closes_the_panels_of_a_conversation_first(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Umi"), join("Leo")
    one.api.put(f"/v1/follows/{two.user_id}")
    body = {"clientGroupId": unique("g"), "title": "Walkers", "userIds": [two.user_id]}
    group = one.api.post("/v1/conversations/groups", body)["id"]
    screen = open_screen(phone=True).sign_in(one).follow_link("/messages")
    page = screen.page
    screen.follow_link(f"/messages/{group}")
    # A dialog over the panel, the panel over the thread: Back closes one at a time
    page.get_by_role("button", name="About this conversation").click()
    panel = page.locator(".chat-panel")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    settled(page, 2)
    back(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(panel).to_be_visible()
    settled(page, 1)
    back(page)
    expect(panel).to_have_count(0)
    expect(page.locator(".chat-field textarea")).to_be_visible()
    # A link in the panel leads to its page; Back from there leads to the thread
    page.get_by_role("button", name="About this conversation").click()
    settled(page, 1)
    panel.get_by_role("link", name=re.compile("Leo")).click()
    is_on(page, f"/@{two.handle}")
    expect(page.locator(".profile-name")).to_contain_text("Leo")
    settled(page)
    back(page)
    is_on(page, f"/messages/{group}")
    expect(page.locator(".chat-field textarea")).to_be_visible()
    expect(panel).to_have_count(0)
    leaves(page, "/messages")


@pytest.mark.parametrize("phone", [True, False])
def test_the_back_button_skips_a_group_that_was_left(open_screen: OpenScreen, join: Join, phone: bool) -> None:
    one, two = join("Umi"), join("Leo")
    one.api.put(f"/v1/follows/{two.user_id}")
    body = {"clientGroupId": unique("g"), "title": "Walkers", "userIds": [two.user_id]}
    group = one.api.post("/v1/conversations/groups", body)["id"]
    screen = open_screen(phone=phone).sign_in(one).follow_link("/public")
    page = screen.page
    screen.follow_link(f"/messages/{group}")
    page.get_by_role("button", name="About this conversation").click()
    page.get_by_role("button", name="Leave group").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave group").click()
    is_on(page, "/messages")
    expect(page.get_by_role("dialog")).to_have_count(0)
    leaves(page, "/public")
