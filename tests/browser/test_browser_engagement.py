"""Reposting, quoting, reacting, bookmarking, pinning, warnings and threads, through the UI in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import said

pytestmark = pytest.mark.long


def test_a_reader_reposts_quotes_reacts_and_bookmarks(open_screen: OpenScreen, join: Join) -> None:
    reader, author = join("Rei"), join("Aoi")
    post_id = said(author, "Tea before mail, always.")
    screen = open_screen().sign_in(reader)
    page = screen.page
    screen.follow_link(f"/posts/{post_id}")
    article = page.locator("article.post-focus")
    # When the reader reacts, bookmarks and reposts
    article.get_by_role("button", name="React with an emoji").click()
    screen.picture("engagement-reactions")
    screen.check_accessibility()
    page.get_by_role("button", name="🎉", exact=True).click()
    expect(article.get_by_role("button", name="🎉, 1 reaction")).to_have_attribute("aria-pressed", "true")
    article.get_by_role("button", name="Bookmark").click()
    article.get_by_role("button", name="Repost or quote").click()
    page.get_by_role("menuitem", name="Repost", exact=True).click()
    expect(page.get_by_text("Reposted to your followers.")).to_be_visible()
    # And quotes the post
    article.get_by_role("button", name="You reposted this").click()
    page.get_by_role("menuitem", name="Quote").click()
    dialog = page.get_by_role("dialog", name="Quote")
    expect(dialog.get_by_text("Tea before mail, always.")).to_be_visible()
    screen.check_accessibility()
    dialog.locator("textarea").fill("Words to live by")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_be_hidden()
    # Then the bookmarks list it, and the quotes list the quote with the post that it quotes
    screen.follow_link("/bookmarks")
    expect(screen.article("Tea before mail, always.")).to_be_visible()
    screen.check_accessibility()
    screen.follow_link(f"/posts/{post_id}/quotes")
    quote = screen.article("Words to live by")
    expect(quote.get_by_role("group", name="Quoted post by Aoi")).to_contain_text("Tea before mail")
    screen.follow_link(f"/posts/{post_id}/reposts")
    expect(page.locator("#main .person", has_text="Rei")).to_be_visible()
    screen.check_accessibility()
    screen.follow_link(f"/@{reader.handle}")
    expect(page.get_by_text("You reposted")).to_be_visible()


def test_an_author_warns_pins_and_closes_replies(open_screen: OpenScreen, join: Join) -> None:
    author, other = join("Aoi"), join("Rei")
    screen = open_screen().sign_in(author)
    page = screen.page
    composer = page.locator("#main form.composer").first
    composer.get_by_role("button", name="Add a content warning").click()
    composer.get_by_label("Content warning", exact=True).fill("Spoilers for the last chapter")
    composer.get_by_label("Who can reply").select_option("nobody")
    composer.locator("textarea").fill("The gardener did it.")
    composer.locator("button[type=submit]").click()
    article = page.locator("article.post", has_text="Spoilers for the last chapter").first
    expect(article).to_be_visible()
    # Another reader sees the warning first, and cannot reply
    there = open_screen(scheme="dark", phone=True).sign_in(other)
    there.follow_link(f"/@{author.handle}")
    theirs = there.page.locator("article.post", has_text="Spoilers for the last chapter").first
    expect(theirs).not_to_contain_text("The gardener did it.")
    there.check_accessibility()
    expect(theirs.get_by_role("button", name="Only some people can reply to this post")).to_be_disabled()
    theirs.get_by_role("button", name="Show", exact=True).click()
    expect(theirs).to_contain_text("The gardener did it.")
    # The author pins the post
    article.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Pin to your profile").click()
    expect(page.get_by_text("The post is pinned to the top of your profile.")).to_be_visible()
    said(author, "Something newer")
    there.follow_link(f"/@{other.handle}").follow_link(f"/@{author.handle}")
    expect(there.page.locator("article.post").first).to_contain_text("Pinned")


@pytest.mark.parametrize(("scheme", "phone"), [("light", False), ("dark", True)], ids=["desktop", "phone"])
def test_a_thread_shows_the_parents_and_the_replies(
    open_screen: OpenScreen, join: Join, scheme: str, phone: bool
) -> None:
    anna, ben = join("Anna"), join("Ben")
    root = said(anna, "Where do you write?")
    hidden = said(ben, "In the bath", replyTo=root)
    question = said(ben, "At the kitchen table", replyTo=root)
    answer = said(anna, "With the radio on?", replyTo=question)
    said(ben, "Never", replyTo=answer, quoteOf=root)
    ben.api.delete(f"/v1/posts/{hidden}")
    anna.api.put(f"/v1/posts/{question}/reaction", {"emoji": "☕"})
    screen = open_screen(scheme=scheme, phone=phone).sign_in(anna)
    screen.follow_link(f"/posts/{question}")
    page = screen.page
    expect(page.locator(".ancestors article")).to_contain_text("Where do you write?")
    replies = page.locator(".thread-replies article")
    expect(replies).to_have_count(2)
    expect(replies.nth(1)).to_contain_text("Never")
    screen.picture(f"engagement-thread-{'phone' if phone else 'desktop'}")
    screen.check_accessibility()
    if phone:
        return
    # A new reply appears below the post that it answers
    composer = page.locator(".thread-composer form.composer")
    composer.locator("textarea").fill("Tea or coffee?")
    composer.locator("button[type=submit]").click()
    expect(replies.first).to_contain_text("Tea or coffee?")
