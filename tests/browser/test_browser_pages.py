"""Every page in both languages and colour schemes: no axe violation, no console error; keyboard; offline."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import PASSWORD

_SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const shown = (await registration.getNotifications())[0];
  return shown ? { title: shown.title, body: shown.body, url: shown.data.url, tag: shown.tag } : null;
}"""

#: Name of the screenshot → path; ``{handle}`` is another person's.
PAGES = {
    "home": "/",
    "public": "/public",
    "profile": "/@{handle}",
    "followers": "/@{handle}/followers",
    "search": "/search",
    "notifications": "/notifications",
    "messages": "/messages",
    "settings": "/settings",
    "architecture": "/architecture",
    "ops": "/ops",
    "not-found": "/no/such/page",
}


@pytest.mark.parametrize(
    ("scheme", "locale", "phone"),
    [
        ("light", "en-US", False),
        pytest.param("dark", "ja-JP", False, marks=pytest.mark.long),
        pytest.param("dark", "en-US", True, marks=pytest.mark.long),
        ("light", "ja-JP", True),
    ],
    ids=["desktop-light-en", "desktop-dark-ja", "phone-dark-en", "phone-light-ja"],
)
def test_pages_are_accessible_and_look_right(
    scheme: str, locale: str, phone: bool, open_screen: OpenScreen, join: Join
) -> None:
    other, viewer = join("Sumi"), join("Elio")
    other.api.post("/v1/posts", {"clientPostId": unique("c"), "text": "海まで歩いた。 #海 https://example.com/sea"})
    viewer.api.put(f"/v1/follows/{other.user_id}")
    screen = open_screen(locale=locale, scheme=scheme, phone=phone).sign_in(viewer)
    name = f"{'phone' if phone else 'desktop'}-{scheme}-{locale[:2]}"
    assert screen.page.evaluate("document.documentElement.lang") == locale[:2]
    for page, path in PAGES.items():
        screen.follow_link(path.format(handle=other.handle))
        expect(screen.page.locator(".bone")).to_have_count(0)
        screen.check_accessibility()
        screen.picture(f"{page}-{name}")
        width = screen.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"{page} scrolls sideways: {width}"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/sign-up", "/forgot", "/architecture", "/settings"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_visitors_are_accessible(path: str, scheme: str, open_screen: OpenScreen) -> None:
    screen = open_screen(scheme=scheme, locale="ja-JP" if scheme == "dark" else "en-US").open(path)
    screen.check_accessibility()
    screen.picture(f"visitor{path.replace('/', '-')}-{scheme}")


def test_language_and_theme_can_be_chosen_and_stay(open_screen: OpenScreen) -> None:
    screen = open_screen().open("/settings")
    page = screen.page
    page.get_by_text("日本語", exact=True).click()
    expect(page.get_by_role("heading", name="設定", exact=True)).to_be_visible()
    page.get_by_text("ダーク", exact=True).click()
    page.reload()
    expect(page.get_by_role("heading", name="設定", exact=True)).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(12, 18, 16)"


def test_the_composer_is_a_full_screen_on_a_phone_and_works_by_keyboard(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen(phone=True).sign_in(join())
    page, text = screen.page, f"From the phone {unique('p')}"
    page.get_by_role("button", name="Post", exact=True).click()
    dialog = page.get_by_role("dialog", name="New post")
    expect(dialog.get_by_label("What is on your mind?")).to_be_focused()
    box = dialog.bounding_box()
    assert box is not None
    assert box["width"] == 390
    screen.check_accessibility()
    screen.picture("composer-phone")
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(screen.article(text)).to_be_visible()


def test_closing_the_composer_asks_before_losing_a_draft(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen().sign_in(join())
    page = screen.page
    page.locator(".rail-post").click()
    field = page.get_by_role("dialog", name="New post").get_by_label("What is on your mind?")
    expect(field).to_be_focused()
    page.keyboard.type("half a thought")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Leave without posting?")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(field).to_have_value("half a thought")


def test_the_diagram_explains_each_box_by_keyboard(open_screen: OpenScreen) -> None:
    screen = open_screen().open("/architecture")
    box = screen.page.get_by_role("button", name="DynamoDB Stream")
    box.focus()
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_role("heading", name="DynamoDB Stream", exact=True)).to_be_visible()
    expect(box).to_have_attribute("aria-pressed", "true")


def test_operations_are_for_developers_and_administrators(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen().sign_in(join("Plain"))
    screen.follow_link("/ops")
    expect(screen.page.get_by_role("heading", name="Not permitted")).to_be_visible()
    developer = open_screen().sign_in(join("Dev", groups=("developers",)))
    developer.follow_link("/ops")
    page = developer.page
    expect(
        page.get_by_role("region", name="Alarms").get_by_role("table").or_(page.get_by_text("None"))
    ).not_to_have_count(0)
    expect(page.get_by_role("region", name="Log groups").first.get_by_role("table")).to_contain_text("/aws/lambda/")
    expect(page.get_by_role("region", name="Users").first).to_contain_text("Your role is not allowed to read this.")
    developer.check_accessibility()
    administrator = open_screen().sign_in(join("Boss", groups=("administrators",)))
    administrator.follow_link("/ops")
    expect(administrator.page.get_by_role("region", name="Users").first.get_by_role("table")).to_contain_text(
        "CONFIRMED"
    )


def test_the_shell_opens_offline(open_screen: OpenScreen) -> None:
    screen = open_screen(workers="allow").open("/")
    page = screen.page
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.context.set_offline(False)


def test_a_session_survives_a_reload_without_a_network(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen(workers="allow").sign_in(join())
    page = screen.page
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload()
    expect(page.locator("#main form.composer")).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("You are offline. This page may be out of date.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#main form.composer")).to_be_visible()


def test_a_link_opens_its_page_after_signing_in(open_screen: OpenScreen, join: Join) -> None:
    person = join()
    page = open_screen().open("/notifications").page
    page.locator("input[name=email]").fill(person.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button.button-primary").click()
    expect(page.get_by_role("heading", name="Notifications", exact=True)).to_be_visible()


def test_a_push_becomes_a_notification_that_leads_to_its_page(open_screen: OpenScreen) -> None:
    """Chromium can't subscribe on a closed network; DevTools delivers the push to the real service worker."""
    screen = open_screen(workers="allow")
    page = screen.page
    page.context.grant_permissions(["notifications"])
    screen.open("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    found: list[dict[str, Any]] = []
    devtools = page.context.new_cdp_session(page)
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    wait_for(lambda: (page.evaluate("0"), found)[1], until=bool, what="the registration of the service worker")
    payload = {"title": "花 Hana", "body": "liked your post", "url": "/posts/1", "tag": "like-1"}
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": re.sub(r"/$", "", screen.endpoints.base_url),
            "registrationId": found[0]["registrationId"],
            "data": json.dumps(payload),
        },
    )
    shown = wait_for(lambda: page.evaluate(_SHOWN), until=bool, what="the notification")
    assert shown == payload
