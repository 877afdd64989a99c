"""Profiles, reports and moderation, data export and account deletion, in the UI."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import PASSWORD

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
_PHOTO = {"name": "sea.png", "mimeType": "image/png", "buffer": _PNG}


def test_a_profile_gets_pictures_and_fields(open_screen: OpenScreen, join: Join) -> None:
    person = join("Nami")
    screen = open_screen().sign_in_by_form(person).follow_link(f"/@{person.handle}")
    page = screen.page
    page.get_by_role("button", name="Edit profile").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Header picture").set_input_files(_PHOTO)
    dialog.get_by_label("Picture", exact=True).set_input_files(_PHOTO)
    dialog.get_by_label("Name 1").fill("Web")
    dialog.get_by_label("Value 1").fill("https://example.com/nami")
    screen.check_accessibility()
    screen.picture("edit-profile")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).not_to_be_visible()
    expect(page.locator(".profile-fields a")).to_have_attribute("href", "https://example.com/nami")
    expect(page.locator(".profile-header")).to_have_attribute("style", re.compile(r"/media/public/.+/original"))
    screen.picture("profile-complete")
    saved = person.api.get("/v1/me")
    assert saved["fields"] == [{"name": "Web", "value": "https://example.com/nami"}]
    assert saved["avatarUrl"]
    screen.open(f"/@{person.handle}")
    page.get_by_role("button", name="Edit profile").click()
    dialog.get_by_role("button", name="Remove the header").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).not_to_be_visible()
    assert person.api.get("/v1/me")["headerUrl"] is None


@pytest.mark.parametrize(
    ("scheme", "phone"),
    [pytest.param("light", False, marks=pytest.mark.long), ("dark", True)],
    ids=["desktop", "phone"],
)
def test_a_report_reaches_the_queue_and_is_decided(
    scheme: str, phone: bool, open_screen: OpenScreen, join: Join
) -> None:
    author, reader, moderator = join("Spammer"), join("Reader"), join("Moderator", groups=("moderators",))
    text, measure = f"Cheap watches {unique('w')}", f"No advertisements here. {unique('m')}"
    post = author.api.post("/v1/posts", {"clientPostId": unique("c"), "text": text})
    screen = open_screen(scheme=scheme, phone=phone).sign_in_by_form(reader).follow_link(f"/posts/{post['id']}")
    screen.page.get_by_role("button", name="More about this post").first.click()
    screen.page.get_by_role("menuitem", name="Report post").click()
    screen.page.get_by_label("Spam or fraud").check()
    screen.page.get_by_label("Anything moderators").fill("An advertisement")
    screen.check_accessibility()
    screen.picture(f"report-{scheme}")
    screen.page.get_by_role("button", name="Report", exact=True).click()
    expect(screen.page.get_by_text("Reported. Thank you.")).to_be_visible()
    expect(screen.page.locator("a[href='/moderation']")).to_have_count(0)

    desk = open_screen(scheme=scheme, phone=phone).sign_in_by_form(moderator).follow_link("/moderation")
    desk.page.locator(f"[data-subject='{post['id']}']").click()
    dialog = desk.page.get_by_role("dialog")
    expect(dialog.get_by_text("An advertisement")).to_be_visible()
    desk.check_accessibility()
    desk.picture(f"moderation-case-{scheme}")
    dialog.get_by_label("Hide the post").check()
    dialog.get_by_label("To the affected person").fill(measure)
    dialog.get_by_role("button", name="Decide").click()
    expect(dialog).not_to_be_visible()
    desk.follow_link("/moderation/log")
    expect(desk.page.get_by_text(measure)).to_be_visible()
    desk.check_accessibility()
    desk.picture(f"moderation-log-{scheme}")
    # An entry of the log links to its case
    entry = desk.page.locator(".case-log", has_text=measure)
    entry.get_by_role("link", name="Open the case").click()
    expect(desk.page).to_have_url(re.compile(f"/moderation/cases/post/{post['id']}$"))
    expect(desk.page.get_by_text(text)).to_be_visible()
    expect(desk.page.get_by_label("Show the post again")).to_be_visible()
    desk.check_accessibility()
    desk.picture(f"moderation-case-page-{scheme}")

    wait_for(lambda: author.api.get(f"/v1/posts/{post['id']}"), until=lambda one: one["hidden"], what="the measure")
    own = open_screen(scheme=scheme, phone=phone).sign_in_by_form(author).follow_link(f"/posts/{post['id']}")
    expect(own.page.get_by_text("Only you can see this post")).to_be_visible()
    own.page.get_by_role("button", name="Appeal").click()
    own.page.get_by_label("Your appeal").fill("It is a poem.")
    own.picture(f"appeal-{scheme}")
    own.page.get_by_role("button", name="Send").click()
    expect(own.page.get_by_text("Your appeal has been sent to the moderators.")).to_be_visible()
    desk.follow_link("/moderation")
    expect(desk.page.locator(f"[data-subject='{post['id']}']").get_by_text("Appealed")).to_be_visible()


def test_a_suspended_person_sees_the_reason(open_screen: OpenScreen, join: Join) -> None:
    person, moderator = join("Loud"), join("Moderator", groups=("moderators",))
    decision = {"decision": "suspend", "reason": "harassment", "comment": ""}
    moderator.api.post(f"/v1/moderation/cases/person/{person.user_id}/decisions", decision)
    wait_for(lambda: person.api.get("/v1/me"), until=lambda me: me["suspended"], what="the suspension")
    screen = open_screen().sign_in_by_form(person)
    expect(screen.page.get_by_text("Your account is suspended.")).to_be_visible()
    expect(screen.page.get_by_text("Harassment")).to_be_visible()
    screen.check_accessibility()
    screen.picture("suspended")


def test_data_is_fetched_and_the_account_ends(open_screen: OpenScreen, join: Join) -> None:
    person = join("Leaving")
    screen = open_screen().sign_in_by_form(person).follow_link("/settings")
    page = screen.page
    page.get_by_role("button", name="Prepare my data").click()
    expect(page.get_by_role("button", name="Download")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.startswith("asyncsns-")
    page.get_by_role("button", name="Delete account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type your handle").fill(person.handle)
    dialog.locator("input[name=password]").fill("wrong-Password-1")
    dialog.get_by_role("button", name="Delete permanently").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    screen.check_accessibility()
    screen.picture("delete-account")
    dialog.locator("input[name=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete permanently").click()
    expect(page.get_by_text("Your account has been deleted.")).to_be_visible()
    wait_for(lambda: person.api.http.get("/v1/me").status_code, until=lambda status: status == 404, what="the end")
