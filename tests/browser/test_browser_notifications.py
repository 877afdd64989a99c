"""Notifications at the screen: groups, filters, reading one and all, settings, and the question at the right moment."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

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
    expect(bell).to_contain_text("3", timeout=60_000)
    desk.follow_link("/notifications")
    rows = desk.page.locator(".notification")
    expect(rows).to_have_count(3)
    expect(desk.page.locator(".notification[data-type=like]")).to_contain_text("and 1 other")
    expect(desk.page.locator(".notification[data-type=like]")).to_contain_text("Tea at four?")
    desk.check_accessibility()
    desk.picture("notifications-desktop")
    phone.follow_link("/notifications")
    phone.check_accessibility()
    phone.picture("notifications-phone-dark")
    # One kind only, by the API
    desk.page.get_by_role("link", name="Mentions").click()
    expect(rows).to_have_count(1)
    # Reading one on the desk is read on the phone; opening it leads to the post
    desk.page.locator(".notification[data-type=reply] .notification-read").click()
    expect(bell).to_contain_text("2")
    expect(phone.page.locator(".notification[data-type=reply].is-new")).to_have_count(0, timeout=30_000)
    phone.page.get_by_role("button", name="すべて既読にする").click()
    expect(bell).to_have_count(0, timeout=30_000)
    desk.page.locator(".notification[data-type=reply] a").click()
    expect(desk.page).to_have_url(re.compile("/posts/"))


def test_settings_are_chosen_by_type_and_channel_and_kept(open_screen: OpenScreen, join: Join) -> None:
    person = join("Umi")
    screen = open_screen().sign_in(person).follow_link("/settings/notifications")
    page = screen.page
    likes = page.get_by_label("Likes: Browser push")
    expect(likes).to_have_value("following", timeout=60_000)
    likes.select_option("nobody")
    page.get_by_label("Keep these hours quiet").check()
    page.get_by_label("From", exact=True).fill("23:30")
    expect(page.get_by_label("Decisions of moderators: In the app")).to_be_disabled()
    screen.check_accessibility()
    screen.picture("notification-settings-desktop")
    phone = (
        open_screen(phone=True, scheme="dark", locale="ja-JP").sign_in(person).follow_link("/settings/notifications")
    )
    expect(phone.page.get_by_label("いいね: ブラウザーのプッシュ")).to_have_value("nobody")
    expect(phone.page.get_by_label("開始", exact=True)).to_have_value("23:30")
    phone.check_accessibility()
    phone.picture("notification-settings-phone-dark")


def _post(page: Page, text: str) -> None:
    composer = page.locator("#main form.composer").first
    composer.locator("textarea").fill(text)
    composer.locator("button[type=submit]").click()


def test_the_question_about_pushes_comes_after_a_deed_and_not_again(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen().sign_in(join("Leo"))
    page = screen.page
    # The browser has not been asked yet: headless Chromium says "denied" of its own.
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'default' })")
    page.reload()
    offer = page.locator(".push-offer")
    expect(page.locator("#main form.composer").first).to_be_visible()
    expect(offer).to_have_count(0)
    _post(page, f"Who is coming? {unique('w')}")
    expect(offer).to_be_visible(timeout=60_000)
    screen.check_accessibility()
    screen.picture("push-offer-desktop")
    offer.get_by_role("button", name="Not now").click()
    _post(page, "Anybody?")
    expect(page.locator("article.post", has_text="Anybody?").first).to_be_visible(timeout=60_000)
    expect(offer).to_have_count(0)
