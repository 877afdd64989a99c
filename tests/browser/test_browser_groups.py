"""Groups, message requests and operations on messages, in the UI."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique


def write(page: Page, text: str) -> None:
    field = page.locator(".chat-field textarea")
    field.fill(text)
    field.press("Enter")


def test_a_group_is_created_used_and_managed(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Umi"), join("Leo")
    for person, other in ((one, two), (two, one)):
        person.api.put(f"/v1/follows/{other.user_id}")
    first = open_screen().sign_in(one)
    second = open_screen(phone=True, locale="ja-JP", scheme="dark").sign_in(two)
    page, phone = first.page, second.page
    # When a person creates a group
    first.follow_link("/messages")
    page.get_by_role("button", name="New conversation").click()
    page.locator(".picker-row", has_text="Leo").get_by_role("checkbox").check()
    title = unique("Walkers ")
    first.check_accessibility()
    page.get_by_role("dialog").get_by_label("Group name").fill(title)
    page.get_by_role("button", name="Create group").click()
    expect(page.locator(".chat-line")).to_contain_text("You created the group")
    # Then the other sees it, and both see messages, replies and reactions
    second.follow_link("/messages")
    phone.locator(".conversation", has_text=title).click()
    write(page, "Who brings the map?")
    bubble = phone.locator(".bubble-row", has_text="Who brings the map?")
    expect(bubble).to_be_visible()
    bubble.get_by_role("button", name="このメッセージの操作").click()
    menu, width = phone.get_by_role("menu"), phone.evaluate("innerWidth")
    wait_for(
        menu.bounding_box,
        until=lambda box: box and box["x"] >= 0 and box["x"] + box["width"] <= width,
        what="the menu to be on the screen",
    )
    phone.get_by_role("menuitem", name="👍").click()
    expect(page.locator(".reaction")).to_be_visible()
    bubble.get_by_role("button", name="このメッセージの操作").click()
    phone.get_by_role("menuitem", name="返信").click()
    write(phone, "私が")
    expect(page.locator(".bubble-row .quote")).to_contain_text("Who brings the map?")
    # When the author edits and then deletes the message, the quote follows
    own = page.locator(".bubble-row.is-own", has_text="Who brings the map?").first
    own.hover()
    own.get_by_role("button", name="More about this message").click()
    page.get_by_role("menuitem", name="Edit").click()
    expect(page.locator(".chat-field textarea")).to_have_value("Who brings the map?")
    write(page, "Who brings the thermos?")
    expect(phone.locator(".quote")).to_contain_text("thermos")
    first.check_accessibility()
    second.check_accessibility()
    first.picture("chat-group-desktop")
    second.picture("chat-group-phone")
    own = page.locator(".bubble-row.is-own", has_text="thermos").first
    own.hover()
    own.get_by_role("button", name="More about this message").click()
    page.get_by_role("menuitem", name="Delete for everyone").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for everyone").click()
    expect(phone.locator(".quote")).to_contain_text("削除されました")
    # And the owner manages the members
    page.get_by_role("button", name="About this conversation").click()
    page.get_by_label("Manage Leo").click()
    expect(page.get_by_role("menuitemradio", name="Member")).to_be_checked()
    page.get_by_role("menuitemradio", name="Admin").click()
    expect(page.locator(".member", has_text="Leo")).to_contain_text("Admin")
    first.check_accessibility()
    page.get_by_label("Manage Leo").click()
    page.get_by_role("menuitem", name="Remove from group").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove from group").click()
    expect(phone.locator(".chat-field")).to_have_count(0)


def test_a_group_shows_who_has_read_a_message(open_screen: OpenScreen, join: Join) -> None:
    one, two, three = join("Umi"), join("Leo"), join("Ami")
    for other in (two, three):
        other.api.put(f"/v1/follows/{one.user_id}")
    body = {"clientGroupId": unique("g"), "title": "Walkers", "userIds": [two.user_id, three.user_id]}
    group = one.api.post("/v1/conversations/groups", body)["id"]
    made = {"clientMessageId": unique("m"), "text": "Who is coming?"}
    seq = one.api.post(f"/v1/conversations/{group}/messages", made)["seq"]
    two.api.put(f"/v1/conversations/{group}/read", {"seq": seq})
    for phone, locale, scheme, title, read in (
        (False, "en-US", "light", "Read receipts", "Read"),
        (True, "ja-JP", "dark", "既読の人", "既読"),
    ):
        screen = open_screen(phone=phone, locale=locale, scheme=scheme).sign_in(one).follow_link(f"/messages/{group}")
        own = screen.page.locator(".bubble.is-own", has_text="Who is coming?")
        own.locator("button.bubble-state").click()
        dialog = screen.page.get_by_role("dialog", name=title)
        expect(dialog.get_by_role("region", name=read, exact=True)).to_contain_text("Leo")
        expect(dialog).to_contain_text("Ami")
        screen.check_accessibility()
        screen.picture(f"chat-seen-by-{'phone-dark' if phone else 'desktop'}")


def test_the_message_of_a_stranger_waits_in_requests(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Mia"), join("Ken")
    conversation = two.api.post("/v1/conversations", {"memberId": one.user_id})["id"]
    text = f"Hello {unique('t')}"
    two.api.post(f"/v1/conversations/{conversation}/messages", {"clientMessageId": unique("m"), "text": text})
    screen = open_screen().sign_in(one)
    page = screen.page
    screen.follow_link("/messages")
    expect(page.locator(".chat-list")).to_contain_text("No conversations yet")
    page.get_by_role("link", name=re.compile("Requests")).click()
    page.locator(".conversation", has_text=text).click()
    expect(page.locator(".request-bar")).to_contain_text("Ken would like to write to you")
    screen.check_accessibility()
    screen.picture("chat-request")
    page.get_by_role("button", name="Accept").click()
    write(page, "Hello Ken")
    expect(page.locator(".bubble-row.is-own", has_text="Hello Ken")).to_be_visible()
    page.get_by_role("button", name="Search in this conversation").click()
    page.get_by_label("Words to find").fill(text.split()[1])
    page.keyboard.press("Enter")
    page.locator(".found").click()
    expect(page.locator(".bubble-row.is-marked")).to_contain_text(text)
