"""Attachments: reordered, described, marked as sensitive and revealed on request, in Chromium."""

from __future__ import annotations

import io
import re
import uuid
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import said

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three photos of one colour each."""
    folder = tmp_path_factory.mktemp("photos")
    made = []
    for name, colour in (("red", "#c33"), ("green", "#3a5"), ("blue", "#35c")):
        content = io.BytesIO()
        Image.new("RGB", (320, 240), colour).save(content, "JPEG")
        made.append(folder / f"{name}.jpg")
        made[-1].write_bytes(content.getvalue())
    return made


def names(composer: Locator) -> list[str]:
    return [re.sub("^Description of ", "", one.get_attribute("aria-label") or "") for one in composer.get_by_label(
        re.compile("Description of")).all()]  # fmt: skip


def wait_for_order(composer: Locator, *expected: str) -> None:
    wait_for(lambda: names(composer), until=lambda found: found == list(expected), what=f"the order {expected}")


def test_photos_are_ordered_by_keys_and_pointer_and_keep_their_descriptions(
    open_screen: OpenScreen, join: Join, photos: list[Path]
) -> None:
    mika = join("Mika")
    screen = open_screen().sign_in(mika)
    page, text = screen.page, f"three {uuid.uuid4().hex[:6]}"
    composer = page.locator("#main form.composer").first
    composer.locator("textarea").fill(text)
    composer.locator("input[data-kind=photo]").set_input_files(photos)
    expect(composer.locator(".attachment[data-state=ready]")).to_have_count(3)
    for name in ("red", "green", "blue"):
        composer.get_by_label(f"Description of {name}.jpg").fill(f"All {name}")
    # By keyboard: the button keeps the focus as the photo moves, until it reaches the end
    down = composer.get_by_role("button", name="Move All red down")
    down.focus()
    page.keyboard.press("Enter")
    wait_for_order(composer, "green.jpg", "red.jpg", "blue.jpg")
    expect(down).to_be_focused()
    page.keyboard.press("Enter")
    expect(composer.get_by_role("button", name="Move All red up")).to_be_focused()
    expect(composer.get_by_text("Moved to position 3 of 3")).to_be_attached()
    # By pointer: drag the last one to the top
    rows = composer.locator(".attachments > li")
    rows.nth(2).locator("img").hover()
    page.mouse.down()
    box = rows.nth(0).bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 10, steps=6)
    screen.picture("attachments-dragged")
    page.mouse.up()
    wait_for_order(composer, "red.jpg", "green.jpg", "blue.jpg")
    composer.get_by_role("button", name="Remove green.jpg").click()
    composer.get_by_role("button", name="Move All blue up").click()
    screen.check_accessibility()
    screen.picture("attachments-composer")
    composer.locator("button[type=submit]").click()
    shown = screen.article(text).locator(".photo img")
    expect(shown).to_have_count(2)
    assert [one.get_attribute("alt") for one in shown.all()] == ["All blue", "All red"]
    # An edit can change the order, too
    screen.article(text).get_by_role("button", name="More about this post").click()
    page.get_by_role("menuitem", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog", name="Edit post")
    dialog.get_by_role("button", name="Move All red up").click()
    dialog.get_by_role("button", name="Save changes").click()
    expect(dialog).to_be_hidden()
    expect(screen.article(text).locator(".photo img").first).to_have_attribute("alt", "All red")


@pytest.mark.parametrize(("scheme", "phone"), [("light", False), ("dark", True)], ids=["desktop", "phone"])
def test_sensitive_media_stay_blurred_until_they_are_opened(
    open_screen: OpenScreen, join: Join, photos: list[Path], scheme: str, phone: bool
) -> None:
    mika, rei = join("Mika"), join("Rei")
    screen = open_screen(scheme=scheme, phone=phone).sign_in(rei)
    media = [mika.api.upload("photo", "image/jpeg", one.read_bytes(), one.stem) for one in photos[:2]]
    marked = said(mika, "Look closely", mediaIds=media[:1], sensitive=True)
    said(mika, "The whole story", mediaIds=media[1:], contentWarning="Spoilers")
    screen.follow_link(f"/@{mika.handle}")
    page = screen.page
    warned = page.locator("article.post", has_text="Spoilers")
    veiled = screen.article("Look closely")
    expect(veiled.locator(".sensitive-cover")).to_be_visible()
    expect(warned.locator(".sensitive-cover")).to_be_visible()
    expect(warned).not_to_contain_text("The whole story")
    expect(page.locator(".photo img")).to_have_count(0)
    screen.check_accessibility()
    screen.picture(f"sensitive-{'phone-dark' if phone else 'desktop-light'}")
    # One photo is revealed and blurred again; the other opens with its text
    veiled.get_by_role("button", name=re.compile("Sensitive media")).click()
    expect(veiled.locator(".photo img")).to_be_visible()
    screen.check_accessibility()
    screen.picture(f"sensitive-open-{'phone-dark' if phone else 'desktop-light'}")
    veiled.get_by_role("button", name="Blur again").click()
    expect(veiled.locator(".photo img")).to_have_count(0)
    warned.get_by_role("button", name=re.compile("Sensitive media")).click()
    expect(warned).to_contain_text("The whole story")
    expect(warned.locator(".photo img")).to_be_visible()
    # A quote hides it too
    said(rei, "See this", quoteOf=marked)
    screen.follow_link(f"/@{rei.handle}")
    quote = screen.article("See this")
    expect(quote.locator(".sensitive-cover")).to_be_visible()
    expect(quote.locator(".quote-media img")).to_have_count(0)
    screen.check_accessibility()
    screen.picture(f"sensitive-quote-{'phone-dark' if phone else 'desktop-light'}")
