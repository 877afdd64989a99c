"""Names of any length stay in their row, and controls stay on the screen: checked by the boxes of the layout."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from kit.client.endpoints import Endpoints
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import KEEP_SESSION, Person, Screen, kept_session, said

pytestmark = pytest.mark.long

_LOW: ViewportSize = {"width": 1280, "height": 657}
_SIZES: list[ViewportSize] = [{"width": 1280, "height": 800}, _LOW, {"width": 390, "height": 844}]
_TITLE = "The walking, coffee and photography club of the northern hills and valleys"
_NAMES = ("W" * 50, "Zal" + "\u0301\u0300\u0302\u0308\u030a" * 9, "محمد بن عبد الله الطويل جدا في القائمة")
#: A pixel of rounding.
_SLACK = 1

Box = dict[str, float]


def box(locator: Locator) -> Box:
    found: Any = locator.bounding_box()
    assert found, f"{locator} is not on the screen"
    return dict(found)


def contains(outer: Box, inner: Box) -> bool:
    return (
        inner["x"] >= outer["x"] - _SLACK
        and inner["y"] >= outer["y"] - _SLACK
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + _SLACK
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"] + _SLACK
    )


def overlap(one: Box, other: Box) -> bool:
    return (
        one["x"] + one["width"] > other["x"] + _SLACK
        and other["x"] + other["width"] > one["x"] + _SLACK
        and one["y"] + one["height"] > other["y"] + _SLACK
        and other["y"] + other["height"] > one["y"] + _SLACK
    )


def lines(locator: Locator) -> int:
    """The number of lines that the text takes."""
    return int(
        locator.evaluate(
            "e => { const r = document.createRange(); r.selectNodeContents(e);"
            " return new Set([...r.getClientRects()].map(b => Math.round(b.bottom))).size; }"
        )
    )


def screen_box(page: Page) -> Box:
    size: Any = page.viewport_size
    return {"x": 0, "y": 0, **size}


def resize(page: Page, size: ViewportSize) -> None:
    """Resize the page; returns when it is laid out, because the browser resizes it some frames after the request."""
    page.set_viewport_size(size)
    page.wait_for_function("size => innerWidth === size.width && innerHeight === size.height", arg=size)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def fits_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


def group_of(one: Person, others: list[Person], unread: int) -> str:
    """A group with a long title; the others have written ``unread`` messages that ``one`` has not read."""
    for other in others:
        one.api.put(f"/v1/follows/{other.user_id}")
        other.api.put(f"/v1/follows/{one.user_id}")
    body = {"clientGroupId": unique("g"), "title": _TITLE, "userIds": [other.user_id for other in others]}
    group = str(one.api.post("/v1/conversations/groups", body)["id"])
    for number in range(unread):
        message = {"clientMessageId": unique("m"), "text": f"{number} " + "wordword" * 20}
        others[number % len(others)].api.post(f"/v1/conversations/{group}/messages", message)
    return group


@pytest.mark.parametrize(("locale", "scheme", "phone"), [("en-US", "light", False), ("ja-JP", "dark", True)])
def test_names_stay_in_their_rows(open_screen: OpenScreen, join: Join, locale: str, scheme: str, phone: bool) -> None:
    one = join("Umi")
    others = [join(name) for name in _NAMES]
    group = group_of(one, others, 3)
    for other in others:
        direct = other.api.post("/v1/conversations", {"memberId": one.user_id})["id"]
        other.api.post(f"/v1/conversations/{direct}/messages", {"clientMessageId": unique("m"), "text": "Hello"})
    screen = open_screen(locale=locale, scheme=scheme, phone=phone).sign_in(one)
    page = screen.page
    if not phone:
        resize(page, {"width": 1280, "height": 800})
    # The most crowded case: the longest date, the largest badge
    page.route(re.compile(r"/v1/conversations(\?|$)"), _crowd)
    screen.follow_link("/messages")
    rows = page.locator(".conversation")
    expect(rows).to_have_count(len(others) + 1)
    for row in rows.all():
        name, time, badge = row.locator("b"), row.locator("time"), row.locator(".badge")
        parts = [box(name), box(time), box(badge)]
        assert all(contains(box(row), part) for part in parts), f"{row.inner_text()}: {box(row)} {parts}"
        assert not overlap(box(time), box(badge))
        assert not overlap(box(name), box(time))
        assert lines(time) == 1
        assert badge.inner_text().startswith("99+")
        assert lines(badge.locator("span").first) == 1
        assert contains(box(row), box(row.locator(".conversation-last")))
    fits_sideways(page)
    screen.check_accessibility()
    screen.picture(f"rows-messages-{locale}")
    _in_the_group(screen, group)
    _elsewhere(screen, others)


def _crowd(route: Any) -> None:
    answer = route.fetch()
    found = answer.json()
    for item in found["items"]:
        item["unread"] = 140
        item["lastMessage"]["at"] = "2025-10-25T03:04:05.000Z"
    route.fulfill(response=answer, json=found)


def _in_the_group(screen: Screen, group: str) -> None:
    page = screen.page
    screen.follow_link(f"/messages/{group}")
    head = page.locator(".chat-head")
    expect(head.locator("b")).to_contain_text(_TITLE)
    for part in (head.locator("b"), *head.locator("button:visible").all()):
        assert contains(box(head), box(part))
    field = page.locator(".chat-field textarea")
    field.fill("@")
    menu = page.locator(".mention-list")
    expect(menu.get_by_role("option")).to_have_count(len(_NAMES))
    for option in menu.get_by_role("option").all():
        assert contains(box(menu), box(option.locator("b")))
        assert lines(option.locator("bdi")) == 1
    assert contains(screen_box(page), box(menu))
    screen.check_accessibility()
    field.fill("")
    for name in page.locator(".bubble-name").all():
        log, found = box(page.locator(".chat-log")), box(name)
        assert found["x"] >= log["x"]
        assert found["x"] + found["width"] <= log["x"] + log["width"]
        assert name.evaluate("e => getComputedStyle(e).overflowY") != "visible"


def _elsewhere(screen: Screen, others: list[Person]) -> None:
    page = screen.page
    posts = [(other, said(other, "Hello")) for other in others]
    screen.follow_link("/notifications")
    rows = page.locator(".notification")
    expect(rows.first).to_be_visible()
    for row in rows.all():
        assert contains(box(row), box(row.locator(".notification-line")))
        assert lines(row.locator("time")) == 1
    screen.follow_link(f"/@{others[0].handle}/following")
    person = page.locator("#main .person").first
    expect(person).to_be_visible()
    screen.follow_link(f"/@{others[0].handle}")
    expect(page.locator(".profile-name bdi")).to_have_text(others[0].name)
    fits_sideways(page)
    for other, post in posts:
        # Alone, and in a feed
        for address in (f"/posts/{post}", f"/@{other.handle}"):
            screen.follow_link(address)
            article = page.locator(f"article[data-post-id='{post}']")
            expect(article).to_be_visible()
            head = article.locator(".post-head")
            assert contains(box(head), box(head.locator("b")))
            assert contains(box(article), box(head))
            fits_sideways(page)


@pytest.mark.parametrize(
    ("groups", "locale"),
    [((), "ja-JP"), (("moderators",), "en-US"), (("developers",), "en-US"), (("administrators",), "ja-JP")],
)
def test_the_rail_fits_a_low_screen(open_screen: OpenScreen, join: Join, groups: tuple[str, ...], locale: str) -> None:
    screen = open_screen(locale=locale)
    page = screen.page
    resize(page, _LOW)
    screen.sign_in(join("Umi", groups))
    rail = page.locator(".rail")
    entries = rail.locator("nav a")
    for width in (1366, 1280, 800):
        resize(page, {"width": width, "height": 657})
        for part in (rail.locator(".rail-brand"), rail.locator(".rail-post"), rail.locator(".rail-me")):
            assert contains(screen_box(page), box(part)), f"{part} at {width}"
        # Items below the fold can be scrolled into view, and the button covers none of them
        for entry in entries.all():
            entry.scroll_into_view_if_needed()
            assert contains(box(rail.locator("nav")), box(entry)), f"{entry.inner_text()} at {width}"
            assert not overlap(box(entry), box(rail.locator(".rail-post")))
        assert page.evaluate("scrollY") == 0
        rail.locator(".rail-post").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        screen.check_accessibility()
        screen.picture(f"rail-{groups[0] if groups else 'member'}-{width}")


def fits(page: Page, action: str) -> None:
    """Expect the dialog within the screen, its close and action buttons reachable, and nothing cut off."""
    dialog = page.locator("dialog[open]").last
    expect(dialog).to_be_visible()
    # The dialog slides in; a cancelled animation rejects its promise
    dialog.evaluate("e => Promise.allSettled(e.getAnimations({ subtree: true }).map(a => a.finished)).then(() => 0)")
    within = box(dialog)
    assert contains(screen_box(page), within), f"{within} of {page.viewport_size}"
    for part in (dialog.get_by_role("button", name="Close"), dialog.get_by_role("button", name=action, exact=True)):
        assert contains(within, box(part.last)), f"{part} in {within}: {box(part.last)}"
        on_top = part.last.evaluate(
            "e => { const b = e.getBoundingClientRect();"
            " return e.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)); }"
        )
        assert on_top, f"{part} is covered"
    assert dialog.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_group_dialogs_are_never_cut(open_screen: OpenScreen, join: Join) -> None:
    one = join("Umi")
    others = [join(name) for name in _NAMES] + [join("Leo")]
    for other in others:
        one.api.put(f"/v1/follows/{other.user_id}")
    screen = open_screen().sign_in(one).follow_link("/messages")
    page = screen.page
    page.get_by_role("button", name="New conversation").click()
    choices = page.locator(".picker-row")
    expect(choices).to_have_count(len(others))
    for choice in choices.all():
        choice.get_by_role("checkbox").check()
    page.get_by_label("Group name").fill(_TITLE)
    for size in _SIZES:
        resize(page, size)
        fits(page, "Create group")
        screen.check_accessibility()
        screen.picture(f"dialog-new-group-{size['width']}x{size['height']}")
    page.get_by_role("button", name="Create group").click()
    expect(page.locator(".chat-line")).to_contain_text("You created the group")
    page.get_by_role("button", name="About this conversation").click()
    page.get_by_role("button", name="Create a link").click()
    expect(page.get_by_label("Invite link", exact=True)).to_be_visible()
    for size in _SIZES:
        resize(page, size)
        _group_panel_fits(screen)


def _group_panel_fits(screen: Screen) -> None:
    page = screen.page
    panel = page.locator(".chat-panel")
    for part in panel.locator("button:visible, input:visible, select:visible, .member b").all():
        part.scroll_into_view_if_needed()
        assert contains(box(panel), box(part)), f"{part} in {box(panel)}: {box(part)}"
        assert contains(screen_box(page), box(part))
    screen.check_accessibility()
    for opener, action in (("Rename", "Save"), ("Add people", "Add people"), ("Leave group", "Leave group")):
        panel.get_by_role("button", name=opener, exact=True).click()
        fits(page, action)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        # Only the dialog
        expect(panel).to_be_visible()


def test_other_dialogs_are_never_cut(open_screen: OpenScreen, join: Join) -> None:
    one, other = join("Umi"), join("Leo")
    screen = open_screen().sign_in(one)

    def check(action: str) -> None:
        for size in _SIZES:
            resize(screen.page, size)
            fits(screen.page, action)
        screen.check_accessibility()

    page = screen.page
    screen.follow_link(f"/@{one.handle}")
    page.get_by_role("button", name="Edit profile").click()
    check("Save")
    page.keyboard.press("Escape")
    screen.follow_link(f"/@{other.handle}")
    for item, action in (("Add to lists", "New list"), ("Report person", "Report"), (re.compile("Block"), "Block")):
        page.get_by_role("button", name="More about Leo").click()
        page.get_by_role("menuitem", name=item).click()
        check(action)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    screen.follow_link("/settings")
    page.get_by_role("button", name=re.compile("Delete account")).click()
    check("Delete permanently")
    page.keyboard.press("Escape")
    screen.follow_link("/public")
    page.locator(".rail-post:visible, .fab:visible").first.click()
    page.get_by_role("dialog").locator("textarea").fill("Line\n" * 40)
    page.get_by_role("button", name="Add a poll").last.click()
    check("Post")
    screen.picture("dialog-composer")
    page.keyboard.press("Escape")
    check("Discard")


_SHIFTS = """() => {
  window.shifts = [];
  const moved = list => list.getEntries().filter(one => !one.hadRecentInput).map(one => one.value);
  new PerformanceObserver(list => window.shifts.push(...moved(list))).observe({ type: 'layout-shift', buffered: true });
}"""


def test_a_late_profile_shifts_no_layout_on_a_first_visit(
    open_screen: OpenScreen, join: Join, endpoints: Endpoints
) -> None:
    one = join("Ann")
    held: list[Route] = []
    said(one, "The first post of a feed")
    page = open_screen().page
    resize(page, {"width": 1366, "height": 657})
    page.goto("/config.json")
    page.evaluate(KEEP_SESSION, kept_session(one, endpoints))
    page.add_init_script(f"({_SHIFTS})()")
    page.route(re.compile(r"/v1/me(\?|$)"), lambda route: held.append(route))
    page.goto("/")
    expect(page.locator("article.post").first).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.locator("#main form.composer")).to_be_visible()
    assert sum(page.evaluate("window.shifts")) < 0.01
