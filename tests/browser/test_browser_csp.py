"""Pages with every kind of post content cause no violation of the Content-Security-Policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Person, Screen
from tests.support.files import clip, photo_with_place, wav

pytestmark = pytest.mark.long

_WATCH = """() => {
  window.violations = [];
  addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
  });
}"""
_WALK = (
    "/public",
    "/search",
    "/notifications",
    "/messages",
    "/bookmarks",
    "/lists",
    "/drafts",
    "/settings",
    "/architecture",
    "/ops",
    "/no/such/page",
)


def watched(screen: Screen) -> Screen:
    screen.page.add_init_script(f"({_WATCH})()")
    return screen


def violations(screen: Screen) -> list[str]:
    found: list[str] = screen.page.evaluate("window.violations")
    return found


def share(person: Person) -> list[dict[str, Any]]:
    """Publish posts with photos, a video, and audio."""
    photo = person.api.upload("photo", "image/jpeg", photo_with_place(), "A wall")
    video = person.api.upload("video", "video/webm", clip("webm", 1), "A square")
    sound = person.api.upload("audio", "audio/wav", wav(1), "Silence")
    posts = ({"mediaIds": [one], "text": unique("csp ")} for one in (photo, video, sound))
    return [person.api.post("/v1/posts", {"clientPostId": unique("c"), **one}) for one in posts]


def test_visiting_the_pages_causes_no_csp_violation(open_screen: OpenScreen, join: Join, tmp_path: Path) -> None:
    author, viewer = join("Sumi"), join("Elio")
    viewer.api.put(f"/v1/follows/{author.user_id}")
    posts = share(author)
    home = viewer.api.get
    wait_for(
        lambda: len(home("/v1/timelines/home")["items"]), until=lambda count: count >= len(posts), what="the posts"
    )
    screen = watched(open_screen()).sign_in_by_form(viewer)
    page = screen.page
    for path in ("/", f"/@{author.handle}", *(f"/posts/{post['id']}" for post in posts), *_WALK):
        screen.follow_link(path)
        expect(page.locator(".bone")).to_have_count(0)
        assert violations(screen) == [], path
    screen.follow_link(f"/posts/{posts[0]['id']}")
    page.locator("button.photo").first.click()
    photo = page.locator("dialog.lightbox img")
    expect(photo).to_be_visible()
    wait_for(lambda: photo.evaluate("image => image.naturalWidth"), until=bool, what="the photo in full size")
    page.keyboard.press("Escape")
    picture = tmp_path / "wall.jpg"
    picture.write_bytes(photo_with_place())
    screen.follow_link("/")
    page.locator("#main form.composer input[type=file]").first.set_input_files(picture)
    expect(page.locator("#main .attachment[data-state=ready]")).to_be_visible()
    assert violations(screen) == []


def test_content_that_the_csp_forbids_is_blocked_and_reported(open_screen: OpenScreen) -> None:
    """Proof that the other test can fail: a forbidden script does not run, and is reported."""
    screen = watched(open_screen()).open("/")
    screen.page.evaluate(
        """() => {
          const script = Object.assign(document.createElement('script'), { textContent: 'window.ran = true' });
          document.body.append(script, Object.assign(new Image(), { src: 'https://tracker.invalid/a.gif' }));
        }"""
    )
    # Polled from outside: waiting inside the page evaluates text, which the policy forbids as well.
    wait_for(lambda: violations(screen), until=lambda found: len(found) == 2, what="both to be refused")
    assert screen.page.evaluate("window.ran") is None
    assert sorted(one.split(":")[0] for one in violations(screen)) == ["img-src", "script-src-elem"]
    screen.faults.clear()
