"""Follow requests, blocks, mutes and lists in the UI."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from kit.client.api import wait_for
from services.common.ids import new_id
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import said

pytestmark = pytest.mark.long

PAGES = {
    "profile-menu": "/@{handle}",
    "follow-requests": "/follow-requests",
    "blocked": "/settings/blocked",
    "muted": "/settings/muted",
    "muted-words": "/settings/muted/words",
    "muted-threads": "/settings/muted/threads",
    "lists": "/lists",
    "list": "/lists/{list}",
    "list-members": "/lists/{list}/members",
    "settings": "/settings",
}


@pytest.mark.parametrize(
    ("scheme", "locale", "phone"),
    [("light", "en-US", False), ("dark", "ja-JP", True)],
    ids=["desktop-light-en", "phone-dark-ja"],
)
def test_pages_of_the_graph_are_accessible_and_look_right(
    scheme: str, locale: str, phone: bool, open_screen: OpenScreen, join: Join
) -> None:
    viewer, friend, foe, fan = join("Elio"), join("Sumi"), join("Rex"), join("Noa")
    post = friend.api.post("/v1/posts", {"clientPostId": unique("c"), "text": "海まで歩いた。 #海"})
    me, list_id = viewer.api, new_id()
    me.put("/v1/me", {"handle": viewer.handle, "displayName": viewer.name, "locked": True})
    me.put(f"/v1/blocks/{foe.user_id}")
    me.put(f"/v1/mutes/users/{fan.user_id}", {})
    me.put(f"/v1/mutes/threads/{post['id']}")
    me.put(f"/v1/mutes/words/{new_id()}", {"word": "ネタバレ"})
    me.put(f"/v1/lists/{list_id}", {"name": "登山 friends"})
    me.put(f"/v1/lists/{list_id}/members/{friend.user_id}")
    fan.api.put(f"/v1/follows/{viewer.user_id}")
    screen = open_screen(locale=locale, scheme=scheme, phone=phone).sign_in(viewer)
    name = f"{'phone' if phone else 'desktop'}-{scheme}-{locale[:2]}"
    for page, path in PAGES.items():
        screen.follow_link(path.format(handle=friend.handle, list=list_id))
        expect(screen.page.locator("#main .bone, #main .spinner")).to_have_count(0)
        if page == "profile-menu":
            screen.page.locator(".profile-actions [aria-haspopup=menu]").click()
        screen.check_accessibility()
        screen.picture(f"graph-{page}-{name}")
        width = screen.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"{page} scrolls sideways: {width}"


def test_a_locked_account_accepts_a_follow_request(open_screen: OpenScreen, join: Join) -> None:
    owner, fan = join("Ofelia"), join("Fabio")
    owner.api.put("/v1/me", {"handle": owner.handle, "displayName": owner.name, "locked": True})
    asking = open_screen().sign_in(fan).follow_link(f"/@{owner.handle}").page
    asking.get_by_role("button", name="Request to follow: Ofelia").click()
    expect(asking.get_by_role("button", name="Cancel request: Ofelia")).to_be_visible()
    answering = open_screen().sign_in(owner).follow_link("/follow-requests").page
    answering.get_by_role("button", name="Accept: Fabio").click()
    expect(answering.get_by_text("No requests")).to_be_visible()
    # The decision is shown at once; the page is reloaded after the API has answered.
    wait_for(lambda: owner.api.get("/v1/follow-requests")["items"], until=lambda left: left == [], what="the answer")
    asking.reload()
    expect(asking.get_by_role("button", name="Unfollow: Ofelia")).to_be_visible()


def test_the_menu_of_a_post_blocks_its_author_by_keyboard(open_screen: OpenScreen, join: Join) -> None:
    viewer, foe = join("Vera"), join("Rex")
    text = f"something rude {unique('r')}"
    foe.api.post("/v1/posts", {"clientPostId": unique("c"), "text": text})
    screen = open_screen().sign_in(viewer).follow_link(f"/@{foe.handle}")
    page, post = screen.page, screen.article(text)
    expect(post).to_be_visible()
    post.get_by_role("button", name="More about this post").press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Block", exact=True).click()
    expect(page.get_by_text("You have blocked Rex")).to_be_visible()
    expect(post).to_have_count(0)
    page.get_by_role("main").get_by_role("button", name="Unblock: Rex").click()
    expect(screen.article(text)).to_be_visible()


def test_a_list_is_made_from_a_profile_and_read(open_screen: OpenScreen, join: Join) -> None:
    viewer, friend = join("Vera"), join("Sumi")
    text = f"on the list {unique('l')}"
    friend.api.post("/v1/posts", {"clientPostId": unique("c"), "text": text})
    screen = open_screen().sign_in(viewer).follow_link(f"/@{friend.handle}")
    page = screen.page
    page.get_by_role("button", name="More about Sumi").first.click()
    page.get_by_role("menuitem", name="Add to lists").click()
    page.get_by_label("New list").fill("Walkers")
    page.get_by_role("dialog").get_by_role("button", name="New list").click()
    expect(page.get_by_role("checkbox", name="Walkers")).to_be_checked()
    page.get_by_role("dialog").get_by_role("button", name="Close").first.click()
    screen.follow_link("/lists")
    page.get_by_role("link", name=re.compile("Walkers")).click()
    expect(screen.article(text)).to_be_visible()


def test_suggestions_continue_past_people_already_followed(open_screen: OpenScreen, join: Join) -> None:
    reader, unknown, *known = join("Umi"), *(join(f"Author {number}") for number in range(9))
    said(unknown, "Nobody has followed me yet")
    for one in known:
        reader.api.put(f"/v1/follows/{one.user_id}")
        said(one, "Already followed")
    screen = open_screen().sign_in(reader)
    people = screen.page.get_by_role("region", name="People to follow")
    expect(people).to_contain_text(unknown.handle)
    # When the API does not answer, the page must not say that the account does not exist
    screen.page.route("**/v1/users/*", lambda route: route.abort())
    screen.page.reload()
    expect(screen.article("Already followed")).to_be_visible()
    expect(screen.page.get_by_role("region", name="Trends")).to_be_visible()
    expect(people).to_have_count(0)
