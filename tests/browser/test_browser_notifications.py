"""Notifications in the UI: groups, filters, reading one and all, settings, and the timing of the permission prompt."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique


def test_the_list_groups_filters_and_is_read_on_all_screens(open_screen: OpenScreen, join: Join) -> None:
    author, first, second = join("Nao"), join("Kim"), join("Ren")
    post = author.api.post("/v1/posts", {"clientPostId": unique("c"), "text": "Tea at four?"})["id"]
    desk = open_screen().sign_in(author)
    phone = open_screen(phone=True, scheme="dark", locale="ja-JP").sign_in(author)
    for person in (first, second):
        person.api.put(f"/v1/follows/{author.user_id}")
        person.api.put(f"/v1/posts/{post}/like")
    first.api.post("/v1/posts", {"clientPostId": unique("c"), "text": "Yes please", "replyTo": post})
    bell = desk.page.locator(".rail a[href='/notifications'] .badge")
    expect(bell).to_contain_text("3")
    desk.follow_link("/notifications")
    rows = desk.page.locator(".notification")
    expect(rows).to_have_count(3)
    # Viewing the list clears the badge on all screens; new entries stay marked until the page is left
    expect(bell).to_have_count(0)
    expect(phone.page.locator("a[href='/notifications'] .badge")).to_have_count(0)
    expect(desk.page.locator(".notification.is-new")).to_have_count(3)
    expect(desk.page.locator(".notification[data-type=like]")).to_contain_text("and 1 other")
    expect(desk.page.locator(".notification[data-type=like]")).to_contain_text("Tea at four?")
    desk.check_accessibility()
    desk.picture("notifications-desktop")
    phone.follow_link("/notifications")
    phone.check_accessibility()
    phone.picture("notifications-phone-dark")
    # Filtered by kind, by the API
    desk.page.get_by_role("link", name="Mentions").click()
    expect(rows).to_have_count(1)
    # Opening one leads to the post
    desk.page.locator(".notification[data-type=reply] a").click()
    expect(desk.page).to_have_url(re.compile("/posts/"))


def test_settings_are_chosen_by_type_and_channel_and_kept(open_screen: OpenScreen, join: Join) -> None:
    person = join("Umi")
    screen = open_screen().sign_in(person).follow_link("/settings/notifications")
    page = screen.page
    expect(page.get_by_role("radio", name="Recommended")).to_be_checked()
    likes = page.get_by_label("Likes: Browser push")
    expect(likes).to_be_hidden()
    page.get_by_text("Choose for each type").click()
    expect(likes).to_have_value("following")
    likes.select_option("nobody")
    expect(page.get_by_text("You use your own settings for each type.")).to_be_visible()
    page.get_by_label("Use quiet hours").check()
    page.get_by_label("From", exact=True).fill("23:30")
    expect(page.get_by_label("Moderators’ decisions: In the app")).to_be_disabled()
    screen.check_accessibility()
    screen.picture("notification-settings-desktop")
    phone = (
        open_screen(phone=True, scheme="dark", locale="ja-JP").sign_in(person).follow_link("/settings/notifications")
    )
    phone.page.get_by_text("種類ごとに設定する").click()
    expect(phone.page.get_by_label("いいね: ブラウザーのプッシュ通知")).to_have_value("nobody")
    expect(phone.page.get_by_label("開始", exact=True)).to_have_value("23:30")
    phone.check_accessibility()
    phone.picture("notification-settings-phone-dark")
    phone.page.get_by_role("radio", name="プッシュ通知なし").check()
    expect(phone.page.locator(".toast").last).to_have_text("保存しました")
    chosen = {row["type"]: row["channels"] for row in person.api.get("/v1/notifications/settings")["types"]}
    assert {chosen["message"][channel]["audience"] for channel in ("webPush", "mobile")} == {"nobody"}
    assert chosen["message"]["inApp"]["audience"] == "everyone"


def _post(page: Page, text: str) -> None:
    composer = page.locator("#main form.composer").first
    composer.locator("textarea").fill(text)
    composer.locator("button[type=submit]").click()


def test_the_push_offer_follows_the_first_action_and_is_not_repeated(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen().sign_in(join("Leo"))
    page = screen.page
    # No permission was requested yet: headless Chromium reports "denied" by itself.
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'default' })")
    page.reload()
    offer = page.locator(".push-offer")
    expect(page.locator("#main form.composer").first).to_be_visible()
    expect(offer).to_have_count(0)
    _post(page, f"Who is coming? {unique('w')}")
    expect(offer).to_be_visible()
    screen.check_accessibility()
    screen.picture("push-offer-desktop")
    offer.get_by_role("button", name="Not now").click()
    _post(page, "Anybody?")
    expect(page.locator("article.post", has_text="Anybody?").first).to_be_visible()
    expect(offer).to_have_count(0)


def test_follow_requests_are_answered_in_the_notification_list(open_screen: OpenScreen, join: Join) -> None:
    owner, ann, bob = join("Nao"), join("Ann"), join("Bob")
    owner.api.put("/v1/me", {"handle": owner.handle, "displayName": "Nao", "locked": True})
    ann.api.put(f"/v1/follows/{owner.user_id}")
    desk = open_screen().sign_in(owner).follow_link("/notifications")
    row = desk.page.locator(".notification[data-type=follow_request]")
    expect(row.get_by_role("button", name="Accept: Ann")).to_be_visible()
    # The list was viewed: a later notification is a separate entry
    expect(desk.page.locator(".rail a[href='/notifications'] .badge")).to_have_count(0)
    wait_for(lambda: owner.api.get("/v1/notifications")["items"], until=lambda items: items[0]["seen"], what="seen")
    bob.api.put(f"/v1/follows/{owner.user_id}")
    expect(row).to_have_count(2)
    expect(row.get_by_role("button", name="Accept: Bob")).to_be_visible()
    desk.check_accessibility()
    desk.picture("follow-requests-desktop")
    phone = open_screen(phone=True, scheme="dark", locale="ja-JP").sign_in(owner).follow_link("/notifications")
    expect(phone.page.get_by_role("button", name="承認: Bob")).to_be_visible()
    phone.check_accessibility()
    phone.picture("follow-requests-phone-dark")
    row.get_by_role("button", name="Accept: Ann").click()
    row.get_by_role("button", name="Decline: Bob").click()
    # An answered request leaves the list
    expect(row).to_have_count(0)
    expect(desk.page.locator(".rail a[href='/notifications'] .badge")).to_have_count(0)
    assert [one["id"] for one in owner.api.get(f"/v1/users/{owner.user_id}/followers")["items"]] == [ann.user_id]
    # When the answers have arrived …
    wait_for(lambda: owner.api.get("/v1/follow-requests")["items"], until=lambda items: items == [], what="the answers")
    # … an answered request does not ask again, on other devices either
    expect(phone.page.locator(".notification[data-type=follow_request]")).to_have_count(0)
    phone.page.reload()
    expect(phone.page.get_by_text("フォローされました")).to_be_visible()
    expect(phone.page.get_by_role("button", name="承認: Bob")).to_have_count(0)


def test_the_first_message_shows_the_push_offer_once(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Mio"), join("Leo")
    conversation = one.api.post("/v1/conversations", {"memberId": two.user_id})["id"]
    screen = open_screen(phone=True).sign_in(one)
    page = screen.page
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'default' })")
    page.goto(f"/messages/{conversation}")
    field, offer = page.get_by_label("Message Leo"), page.locator(".push-offer")
    expect(field).to_be_visible()
    expect(offer).to_have_count(0)
    field.fill("Are you there?")
    page.keyboard.press("Enter")
    expect(offer).to_be_visible()
    # The prompt appears beside the field, not over it: typing can continue
    field.fill("Hello?")
    screen.check_accessibility()
    screen.picture("push-offer-chat-phone")
    offer.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".bubble.is-own", has_text="Hello?")).to_have_attribute("data-seq", "2")
    expect(offer).to_have_count(0)
