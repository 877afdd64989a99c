"""The lifecycle of a post in the UI: a poll, an edit and its history, a draft on two devices, a scheduled post."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Join, OpenScreen

pytestmark = pytest.mark.long


def test_a_poll_is_made_and_voted_in(join: Join, open_screen: OpenScreen) -> None:
    mika, ren = join("Mika"), join("Ren")
    hers, his = open_screen(), open_screen(scheme="dark", phone=True)
    hers.sign_in(mika)
    page, question = hers.page, f"Which one? {uuid.uuid4().hex[:6]}"
    composer = page.get_by_role("form", name="New post").first
    composer.get_by_label("What is on your mind?").fill(question)
    composer.get_by_role("button", name="Add a poll").click()
    composer.get_by_label("Option 1").fill("Tea")
    expect(composer.get_by_role("button", name="Post", exact=True)).to_be_disabled()
    composer.get_by_label("Option 2").fill("Coffee")
    hers.check_accessibility()
    hers.picture("life-poll-editor")
    composer.get_by_role("button", name="Post", exact=True).click()
    post = page.get_by_role("article").filter(has_text=question)
    expect(post.get_by_role("group", name="Poll", exact=True)).to_contain_text("0 people voted")
    # Ren sees no results before he votes
    post_id = post.get_attribute("data-post-id")
    his.sign_in(ren).follow_link(f"/posts/{post_id}")
    ballot = his.page.get_by_role("group", name="Poll", exact=True)
    expect(ballot.get_by_role("progressbar")).to_have_count(0)
    his.check_accessibility()
    his.picture("life-poll-ballot-phone")
    ballot.get_by_label("Coffee").check()
    ballot.get_by_role("button", name="Vote").click()
    expect(ballot.get_by_role("progressbar", name="Coffee: 100%, 1 vote")).to_be_visible()
    expect(ballot).to_contain_text("1 person voted")
    his.check_accessibility()
    his.picture("life-poll-results-phone")
    # Mika's results update while she views them, and so do his when another person votes
    expect(post.get_by_role("progressbar", name="Coffee: 100%, 1 vote")).to_be_visible()
    expect(post.get_by_role("group", name="Poll", exact=True)).to_contain_text("hours left")
    join("Sora").api.put(f"/v1/posts/{post_id}/vote", {"choices": [0]})
    expect(ballot.get_by_role("progressbar", name="Coffee: 50%, 1 vote")).to_be_visible()
    expect(ballot).to_contain_text("2 people voted")
    his.page.reload()
    expect(ballot.get_by_text("your choice")).to_be_attached()


def test_an_edited_post_shows_its_former_versions(join: Join, open_screen: OpenScreen) -> None:
    mika = join("Mika")
    first, second = f"first {uuid.uuid4().hex[:6]}", f"second {uuid.uuid4().hex[:6]}"
    post = mika.api.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": first})
    screen = open_screen()
    screen.sign_in(mika).follow_link(f"/posts/{post['id']}")
    page = screen.page
    card = page.get_by_role("article").first
    card.get_by_role("button", name="More").click()
    card.get_by_role("menuitem", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog", name="Edit post")
    expect(dialog.get_by_role("button", name="Save changes")).to_be_disabled()
    dialog.get_by_label("What is on your mind?").fill(second)
    screen.check_accessibility()
    screen.picture("life-edit")
    dialog.get_by_role("button", name="Save changes").click()
    expect(card).to_contain_text(second)
    card.get_by_role("button", name=re.compile("Edited")).click()
    history = page.get_by_role("dialog", name="Edit history")
    expect(history.get_by_role("listitem")).to_contain_text([second, first])
    screen.check_accessibility()
    screen.picture("life-history")
    page.keyboard.press("Escape")
    card.get_by_role("button", name="More").click()
    screen.picture("life-menu")
    card.get_by_role("menuitem", name="Edit history").click()
    expect(history.get_by_role("listitem")).to_contain_text([second, first])


def test_a_draft_is_saved_automatically_and_continued_on_another_device(join: Join, open_screen: OpenScreen) -> None:
    mika = join("Mika", locale="ja")
    text = f"書きかけ {uuid.uuid4().hex[:6]}"
    first, second = open_screen(locale="ja-JP"), open_screen(locale="ja-JP", phone=True)
    first.sign_in(mika)
    first.page.get_by_role("banner").get_by_role("button", name="投稿する").click()
    dialog = first.page.get_by_role("dialog", name="新しい投稿")
    dialog.get_by_role("textbox").first.fill(text)
    expect(dialog.get_by_text("下書きを保存しました")).to_be_visible()
    first.page.keyboard.press("Escape")
    first.page.get_by_role("button", name="下書きに残す").click()
    expect(dialog).to_have_count(0)
    # On the phone
    second.sign_in(mika).follow_link("/drafts")
    second.check_accessibility()
    second.picture("life-drafts-phone-ja")
    second.page.get_by_role("button", name="続きを書く").click()
    dialog = second.page.get_by_role("dialog", name="新しい投稿")
    expect(dialog.get_by_role("textbox").first).to_have_value(text)
    dialog.get_by_role("textbox").first.fill(f"{text} おわり")
    dialog.get_by_role("button", name="投稿する").click()
    expect(dialog).to_have_count(0)
    expect(second.page.get_by_role("heading", name="下書きはありません")).to_be_visible()


def test_a_post_for_later_is_listed_changed_and_cancelled(join: Join, open_screen: OpenScreen) -> None:
    mika = join("Mika")
    screen = open_screen(scheme="dark")
    screen.sign_in(mika)
    page, text = screen.page, f"later {uuid.uuid4().hex[:6]}"
    composer = page.get_by_role("form", name="New post").first
    composer.get_by_label("What is on your mind?").fill(text)
    composer.get_by_role("button", name="Choose a time").click()
    screen.check_accessibility()
    screen.picture("life-schedule-picker-dark")
    composer.get_by_label("Publish on").fill("2020-01-01T10:00")
    expect(composer.get_by_role("button", name="Schedule", exact=True)).to_be_disabled()
    composer.get_by_role("button", name="Publish immediately instead").first.click()
    composer.get_by_role("button", name="Choose a time").click()
    composer.get_by_role("button", name="Schedule", exact=True).click()
    page.get_by_role("link", name="View scheduled posts").click()
    entry = page.get_by_role("list", name="Scheduled").get_by_role("listitem").filter(has_text=text)
    expect(entry).to_contain_text("Publishes")
    screen.check_accessibility()
    screen.picture("life-scheduled-dark")
    entry.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog", name="Scheduled")
    dialog.get_by_label("What is on your mind?").fill(f"{text} changed")
    dialog.get_by_role("button", name="Save changes").click()
    expect(entry).to_contain_text("changed")
    entry.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").last.click()
    expect(page.get_by_role("heading", name="No scheduled posts")).to_be_visible()
