"""Features that work without a network."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import said


def test_a_reload_without_a_network_shows_the_last_seen_timeline(open_screen: OpenScreen, join: Join) -> None:
    one, text = join("Umi"), f"Seen before the tunnel {unique('t')}"
    said(one, text)
    screen = open_screen(workers="allow").sign_in(one)
    page = screen.page
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload()
    expect(screen.article(text)).to_be_visible()
    place = screen.article(text).bounding_box()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline. This page may be out of date.")).to_be_visible()
    assert screen.article(text).bounding_box() == place, "the offline line moves the timeline"
    page.reload()
    expect(screen.article(text)).to_be_visible()
    expect(page.get_by_text("You see the posts that were loaded")).to_be_visible()
    screen.check_accessibility()
    screen.picture("home-offline")
    page.context.set_offline(False)
    expect(page.get_by_text("You see the posts that were loaded")).to_have_count(0)
    expect(screen.article(text)).to_be_visible()


def test_the_line_about_the_network_lies_at_the_foot_of_a_short_page(open_screen: OpenScreen, join: Join) -> None:
    page = open_screen().sign_in(join("Umi")).follow_link("/notifications").page
    expect(page.get_by_text("No notifications yet")).to_be_visible()
    page.context.set_offline(True)
    line = page.locator(".offline")
    expect(line).to_be_visible()
    box, height = line.bounding_box(), page.evaluate("innerHeight")
    assert box
    assert round(box["y"] + box["height"]) == height
    page.context.set_offline(False)
    expect(line).to_have_count(0)
