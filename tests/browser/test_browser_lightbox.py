"""Full-screen photos with touch gestures: Chromium's own touch events, through DevTools."""

from __future__ import annotations

import io
import re

from PIL import Image
from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import said

_MIDDLE = (195, 420)


def _photo(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 800), colour).save(out, "PNG")
    return out.getvalue()


def _touch(devtools: CDPSession, *ways: list[tuple[int, int]]) -> None:
    """Each path is one finger's, point by point; all fingers touch and lift together."""
    for step in range(len(ways[0])):
        points = [{"x": way[step][0], "y": way[step][1], "id": number} for number, way in enumerate(ways)]
        kind = "touchStart" if step == 0 else "touchMove"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_swipes_turn_zoom_and_close_the_lightbox(open_screen: OpenScreen, join: Join) -> None:
    one = join("Umi")
    photos = [one.api.upload("photo", "image/png", _photo(colour), colour) for colour in ("teal", "coral", "gold")]
    post = said(one, "Three", mediaIds=photos)
    screen = open_screen(phone=True, locale="ja-JP", scheme="dark").sign_in(one).follow_link(f"/posts/{post}")
    page = screen.page
    devtools = page.context.new_cdp_session(page)
    page.locator(".photo").first.click()
    lightbox = page.locator("dialog.lightbox")
    place, photo = lightbox.locator(".lightbox-position"), lightbox.locator(".lightbox-photo")
    expect(place).to_have_text("1 / 3")
    page.wait_for_function("() => document.querySelector('.lightbox img').naturalWidth > 0")
    x, y = _MIDDLE
    _touch(devtools, [(x, y), (x - 50, y), (x - 120, y)])
    expect(place).to_have_text("2 / 3")
    # Beside the photo too
    above = 100
    _touch(devtools, [(x, above), (x + 50, above), (x + 120, above)])
    expect(place).to_have_text("1 / 3")
    # Two fingers zoom; one finger moves the zoomed photo, and does not change pages
    _touch(devtools, [(x, y - 30), (x, y - 60), (x, y - 90)], [(x, y + 30), (x, y + 60), (x, y + 90)])
    expect(lightbox).to_have_class(re.compile("is-zoomed"))
    _touch(devtools, [(x, y), (x - 50, y), (x - 120, y)])
    expect(place).to_have_text("1 / 3")
    assert "scale(3" in str(photo.get_attribute("style"))
    # A double tap shows the whole photo again
    for _ in range(2):
        _touch(devtools, [(x, y)])
    expect(lightbox).not_to_have_class(re.compile("is-zoomed"))
    # The post's actions are available
    like = lightbox.get_by_role("button", name=re.compile("いいね"))
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    screen.check_accessibility()
    screen.picture("lightbox-phone-dark")
    _touch(devtools, [(x, y), (x, y + 60), (x, y + 140)])
    expect(lightbox).to_have_count(0)
    expect(page).to_have_url(re.compile(f"/posts/{post}$"))
