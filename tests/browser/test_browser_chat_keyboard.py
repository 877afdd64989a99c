"""Chat by keyboard alone: no pointer is needed, and focus is never lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Screen

_HAS_FOCUS = "element => element === document.activeElement"
#: More tab stops than any chat page has.
_MOST_STOPS = 80


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press ``key`` until ``wanted`` has focus."""
    expect(wanted).to_be_visible()
    for _ in range(_MOST_STOPS):
        if wanted.evaluate(_HAS_FOCUS):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} cannot be reached by {key}; focus is on {focused(page)}")


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)"))


def choose(page: Page, name: str | re.Pattern[str]) -> None:
    """Choose the item of the open menu, with arrow keys."""
    item = page.get_by_role("menuitem", name=name)
    for _ in range(_MOST_STOPS):
        if item.evaluate(_HAS_FOCUS):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name} is not in the menu; focus is on {focused(page)}")


def open_menu(page: Page, bubble: Locator, key: str = "Tab") -> Locator:
    button = bubble.get_by_role("button", name="More about this message")
    tab_to(page, button, key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_be_visible()
    return button


def bubble(page: Page, text: str) -> Locator:
    return page.locator(".bubble-row", has_text=text).first


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_a_conversation_works_by_keyboard_only(open_screen: OpenScreen, join: Join, scheme: str) -> None:
    one, two = join("Umi"), join("Leo")
    two.api.put(f"/v1/follows/{one.user_id}")
    conversation = two.api.post("/v1/conversations", {"memberId": one.user_id})["id"]
    path = f"/v1/conversations/{conversation}/messages"
    for text in ("Shall we walk?", "The weather is fine"):
        two.api.post(path, {"clientMessageId": unique("m"), "text": text})
    one.api.put(f"/v1/conversations/{conversation}/request", {"accept": True})
    screen = open_screen(scheme=scheme).sign_in(one)
    page = screen.page
    # From anywhere to the conversation: its accessible name says that there are unread messages
    tab_to(page, page.locator("nav a[href='/messages']").first)
    page.keyboard.press("Enter")
    entry = page.locator(".conversation", has_text="Leo")
    expect(entry).to_be_visible()
    screen.check_accessibility()
    tab_to(page, entry)
    page.keyboard.press("Enter")
    field = page.get_by_label("Message Leo")
    # The field has focus at once; Shift+Enter adds a line, Enter sends
    expect(field).to_be_focused()
    page.keyboard.type("Yes!")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("At nine?")
    page.keyboard.press("Enter")
    own = bubble(page, "At nine?")
    expect(own.locator(".bubble")).to_have_attribute("data-seq", "3")
    expect(field).to_be_focused()
    screen.check_accessibility()
    # React: the focus returns to where the menu was
    button = open_menu(page, bubble(page, "Shall we walk?"), "Shift+Tab")
    screen.check_accessibility()
    choose(page, "React with 👍")
    expect(bubble(page, "Shall we walk?").locator(".reaction")).to_be_visible()
    expect(button).to_be_focused()
    # Escape closes a menu and nothing else
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()
    # Reply
    open_menu(page, bubble(page, "The weather is fine"))
    choose(page, "Reply")
    expect(field).to_be_focused()
    page.keyboard.type("And warm")
    page.keyboard.press("Enter")
    expect(bubble(page, "And warm").locator(".quote")).to_contain_text("The weather is fine")
    # Edit your own message
    open_menu(page, own, "Shift+Tab")
    choose(page, "Edit")
    expect(field).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("At ten?")
    page.keyboard.press("Enter")
    expect(bubble(page, "At ten?")).to_contain_text("edited")
    expect(field).to_be_focused()
    _delete_and_search(screen, field)


def _delete_and_search(screen: Screen, field: Locator) -> None:
    page = screen.page
    # Delete: the confirmation takes focus, and returns it to an element that still exists
    open_menu(page, bubble(page, "At ten?"), "Shift+Tab")
    choose(page, "Delete for everyone")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    screen.check_accessibility()
    tab_to(page, dialog.get_by_role("button", name="Delete for everyone"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("This message was deleted")).to_be_visible()
    expect(field).to_be_focused()
    # Search for an earlier message, and go there
    button = page.get_by_role("button", name="Search in this conversation")
    tab_to(page, button, "Shift+Tab")
    page.keyboard.press("Enter")
    search = page.get_by_role("searchbox", name="Words to find")
    expect(search).to_be_focused()
    page.keyboard.type("walk")
    page.keyboard.press("Enter")
    hit = page.locator(".found", has_text="walk")
    expect(hit).to_be_visible()
    screen.check_accessibility()
    tab_to(page, hit)
    page.keyboard.press("Enter")
    expect(bubble(page, "Shall we walk?")).to_have_class(re.compile("is-marked"))
    page.keyboard.press("Escape")
    expect(search).to_have_count(0)
    expect(button).to_be_focused()


def test_a_group_is_created_and_left_by_keyboard_only(open_screen: OpenScreen, join: Join) -> None:
    one, two, three = join("Umi"), join("Leo"), join("Ami")
    for other in (two, three):
        one.api.put(f"/v1/follows/{other.user_id}")
        other.api.put(f"/v1/follows/{one.user_id}")
    screen = open_screen().sign_in(one).follow_link("/messages")
    page, title = screen.page, unique("Walkers ")
    button = page.get_by_role("button", name="New conversation")
    tab_to(page, button)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    for name in ("Leo", "Ami"):
        tab_to(page, page.locator(".picker-row", has_text=name).get_by_role("checkbox"))
        page.keyboard.press("Space")
    tab_to(page, dialog.get_by_label("Group name"), "Shift+Tab")
    page.keyboard.type(title)
    screen.check_accessibility()
    tab_to(page, dialog.get_by_role("button", name="Create group"))
    page.keyboard.press("Enter")
    expect(page.locator(".chat-line")).to_contain_text("You created the group")
    expect(page.locator(".chat-field textarea")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="About this conversation"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Manage Leo")).to_be_visible()
    screen.check_accessibility()
    tab_to(page, page.get_by_role("button", name="Leave group"))
    page.keyboard.press("Enter")
    leave = page.get_by_role("dialog").get_by_role("button", name="Leave group")
    tab_to(page, leave)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/messages$"))
    expect(page.locator(".conversation", has_text=title)).to_have_count(0)
    expect(page.locator(":focus")).to_have_count(1)
