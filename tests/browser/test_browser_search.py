"""Search in Chromium: the panel and the box edit one query, by keyboard too; saved searches can be repeated."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Person, Screen

pytestmark = pytest.mark.long


def publish(person: Person, text: str, **more: str) -> str:
    post = person.api.post("/v1/posts", {"clientPostId": unique("c"), "text": text, **more})
    return str(post["id"])


def wait_until_found(person: Person, q: str, count: int) -> None:
    wait_for(lambda: person.api.get("/v1/search", q=q)["total"], until=lambda n: n == count, what=f"{count} × {q}")


def query_of(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def search(screen: Screen, q: str) -> None:
    screen.follow_link("/search")
    screen.page.get_by_role("combobox", name="Search asyncsns").fill(q)
    screen.page.keyboard.press("Enter")
    expect(screen.page).to_have_url(re.compile("[?&]q="))


def test_the_search_panel_and_the_query_stay_in_sync(open_screen: OpenScreen, join: Join) -> None:
    author, viewer, word = join("Sumi"), join("Elio"), unique("kai")
    publish(author, f"{word} 海まで歩いた https://example.com/sea #{word}", lang="ja")
    publish(author, f"{word} a walk in the rain", lang="en")
    publish(viewer, f"{word} mine", lang="en")
    wait_until_found(viewer, word, 3)
    screen = open_screen().sign_in(viewer)
    search(screen, word)
    page = screen.page
    expect(page.locator("article.post")).to_have_count(3)
    expect(page.get_by_text("3 posts found")).to_be_visible()
    box = page.get_by_role("combobox", name="Search asyncsns")
    # When filters are chosen, the box shows the query
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("From", exact=True).fill(f"@{author.handle}")
    page.keyboard.press("Enter")
    expect(page.locator("article.post")).to_have_count(2)
    page.get_by_label("Without these words").fill("rain")
    page.keyboard.press("Enter")
    expect(page.locator("article.post")).to_have_count(1)
    page.locator(".filters").get_by_text("Link", exact=True).click()
    page.get_by_label("Since", exact=True).fill("2026-01-01")
    page.locator(".filters").get_by_label("Language").select_option("ja")
    expect(box).to_have_value(f"{word} from:{author.handle} has:link since:2026-01-01 lang:ja -rain")
    assert query_of(page) == f"{word} from:{author.handle} has:link since:2026-01-01 lang:ja -rain"
    expect(page.locator("article.post mark").first).to_have_text(word)
    expect(page.get_by_role("button", name="Filters (5)")).to_have_attribute("aria-expanded", "true")
    screen.check_accessibility()
    # When the query is typed, the panel shows it
    box.fill(f"{word} is:reply until:2026-02-01")
    expect(page.get_by_label("Replies", exact=True)).to_have_value("reply")
    expect(page.get_by_label("Until", exact=True)).to_have_value("2026-02-01")
    expect(page.get_by_label("From", exact=True)).to_have_value("")
    page.get_by_role("button", name="Clear filters").click()
    expect(box).to_have_value(word)
    # Facets narrow and widen the results
    facet = page.locator(".facets").get_by_role("button", name=f"#{word} 1")
    facet.click()
    expect(page.locator("article.post")).to_have_count(1)
    expect(facet).to_have_attribute("aria-pressed", "true")
    facet.click()
    expect(page.locator("article.post")).to_have_count(3)
    page.get_by_label("Order").select_option("time")
    expect(page.locator("article.post").first).to_contain_text("mine")


def test_suggestions_and_corrections_are_reached_by_keyboard(open_screen: OpenScreen, join: Join) -> None:
    viewer = join("Elio")
    word = "".join(chr(ord("a") + int(digit, 16)) for digit in unique("")[:8]) + "lantern"
    publish(viewer, f"the {word} festival")
    wait_until_found(viewer, word, 1)
    screen = open_screen().sign_in(viewer).follow_link("/search")
    page = screen.page
    box = page.get_by_role("combobox", name="Search asyncsns")
    box.press_sequentially(word[:-2])
    option = page.get_by_role("option", name=word, exact=True)
    expect(option).to_be_visible()
    screen.check_accessibility()
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    page.keyboard.press("Enter")
    expect(page.locator("article.post")).to_contain_text(word)
    search(screen, word.replace("lantern", "lantarn"))
    page.locator(".meant").get_by_role("link", name=word).click()
    expect(page.locator("article.post")).to_contain_text(word)


def test_a_search_is_kept_run_and_deleted(open_screen: OpenScreen, join: Join) -> None:
    viewer, word = join("Elio"), unique("kai")
    screen = open_screen().sign_in(viewer)
    search(screen, f"{word} lang:ja")
    page = screen.page
    page.get_by_role("button", name="Save search").click()
    dialog = page.get_by_role("dialog", name="Save search")
    dialog.get_by_label("Name").fill("The sea")
    screen.check_accessibility()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Saved", exact=True)).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_role("button", name="Saved", exact=True)).to_be_visible()
    screen.follow_link("/search")
    saved = page.get_by_role("region", name="Saved searches")
    saved.get_by_role("link", name="The sea").click()
    assert query_of(page) == f"{word} lang:ja"
    screen.follow_link("/search")
    saved.get_by_role("button", name="Delete “The sea”").click()
    expect(saved).to_have_count(0)
    wait_for(
        lambda: viewer.api.get("/v1/searches")["items"],
        until=lambda kept: kept == [],
        what="the saved search to be deleted",
    )


def test_trends_are_read_for_the_chosen_window(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen().sign_in(join("Elio"))
    page = screen.page
    with page.expect_response(re.compile(r"/v1/trends\?hours=168")) as answer:
        page.get_by_label("Time window").select_option("168")
    assert answer.value.ok


@pytest.mark.parametrize(
    ("scheme", "locale", "phone"),
    [("light", "ja-JP", False), ("dark", "en-US", False), ("dark", "ja-JP", True), ("light", "ja-JP", True)],
    ids=["desktop-light-ja", "desktop-dark-en", "phone-dark-ja", "phone-light-ja"],
)
def test_the_search_page_is_accessible_and_fits(
    scheme: str, locale: str, phone: bool, open_screen: OpenScreen, join: Join
) -> None:
    viewer, word = join("Elio"), unique("kai")
    for number in range(3):
        publish(viewer, f"{word} 海まで歩いた。 {number} #海 #散歩 https://example.com/sea", lang="ja")
    publish(viewer, f"{word} a walk along the sea #walk", lang="en")
    wait_until_found(viewer, word, 4)
    saved = "01KB0000000000000000000000"
    viewer.api.put(f"/v1/searches/{saved}", {"name": "海の写真", "query": "海 has:photo since:2026-01-01"})
    screen = open_screen(scheme=scheme, locale=locale, phone=phone).sign_in(viewer)
    name = f"{'phone' if phone else 'desktop'}-{scheme}-{locale[:2]}"
    for what, path in (("start", "/search"), ("results", f"/search?q={word}+lang%3Aja"), ("panel", None)):
        if path:
            screen.follow_link(path)
        else:
            screen.page.locator(".search-actions button").first.click()
            expect(screen.page.locator(".filters")).to_be_visible()
        expect(screen.page.locator(".bone")).to_have_count(0)
        screen.check_accessibility()
        screen.picture(f"search-{what}-{name}")
        width = screen.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"{what} scrolls sideways: {width}"
