"""Timelines without live frames announce new posts, and insert them without moving the reader's position."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import said

pytestmark = pytest.mark.long


def test_an_open_tag_page_announces_new_posts(open_screen: OpenScreen, join: Join) -> None:
    reader, author = join("Rei"), join("Aoi")
    tag = f"pill{uuid.uuid4().hex[:8]}"
    screen = open_screen(scheme="dark", phone=True).sign_in(reader)
    said(author, f"one #{tag}")
    wait_for(
        lambda: author.api.get(f"/v1/timelines/tags/{tag}"),
        until=lambda page: bool(page["items"]),
        what="the first post",
    )
    screen.follow_link(f"/tags/{tag}")
    page = screen.page
    expect(screen.article("one #")).to_be_visible()
    said(author, f"two #{tag}")
    said(author, f"three #{tag}")
    pill = page.get_by_role("button", name=re.compile("2 new posts"))
    expect(pill).to_be_visible()
    expect(page.locator("article.post")).to_have_count(1)
    screen.check_accessibility()
    screen.picture("pill-tag-phone-dark")
    pill.click()
    expect(page.locator("article.post")).to_have_count(3)
    expect(page.locator("article.post").first).to_contain_text("three")
    expect(pill).to_have_count(0)
