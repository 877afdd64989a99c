"""Pages left open until their media links expire: their media still load, after one refresh of the links."""

from __future__ import annotations

import io
import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from kit.client.api import wait_for
from kit.client.endpoints import Endpoints
from kit.settings import Settings
from services.common.signed_urls import encode, policy_of, sign
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Person, Screen
from tests.support.files import clip
from tests.support.people import fetch

_PRIVATE = re.compile(r'"(/media/private/[^"?]+)\?([^"]+)"')
_WIDTH = 1600


def short_lived(endpoints: Endpoints, document: str, end: float, name: str = "") -> str:
    """The API's answer with links that expire at this time (seconds since the epoch), signed by the deployed key.

    Args:
        name: part of the file names whose links expire; other links stay valid.
    """
    key = (Settings.load().home / "keys" / "media.pem").read_text()

    def link(found: re.Match[str]) -> str:
        if name not in found[1]:
            return found[0]
        folder, key_id = found[1].rpartition("/")[0], parse_qs(found[2])["Key-Pair-Id"][0]
        policy = policy_of(f"{endpoints.document['baseUrl']}{folder}/*", int(end))
        query = f"Policy={encode(policy)}&Signature={encode(sign(key, policy))}&Key-Pair-Id={key_id}"
        return f'"{found[1]}?{query}"'

    changed, count = _PRIVATE.subn(link, document)
    assert count, "no link in this answer"
    return changed


def age_links(page: Page, endpoints: Endpoints, path: str, times: int = 1000, name: str = "") -> list[str]:
    """Replace the links in the first answers from ``path`` (a pattern) by expired ones; returns those documents."""
    aged: list[str] = []
    end = time.time() - 5

    def answer(route: Route) -> None:
        found = route.fetch()
        if len(aged) < times and _PRIVATE.search(found.text()):
            aged.append(short_lived(endpoints, found.text(), end, name))
            route.fulfill(response=found, body=aged[-1])
        else:
            route.fulfill(response=found)

    page.route(re.compile(path), answer)
    return aged


def count_requests(page: Page, path: str) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if re.search(path, request.url) else None)
    return asked


def width_of(image: Locator) -> int:
    width: int = image.evaluate("image => image.complete ? image.naturalWidth : 0")
    return width


def large_photo() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((_WIDTH, 1200), 40).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


def reader_of(screen: Screen, person: Person) -> Screen:
    """Signed in, after the sidebar has read the public timeline: its posts come with links that hold. An answer that
    came later would renew the links of a post that is open."""
    screen.sign_in(person)
    expect(screen.page.locator("#people-title")).to_be_visible()
    return screen


def publish(person: Person, kind: str, content_type: str, content: bytes) -> dict[str, Any]:
    media_id = person.api.upload(kind, content_type, content, "What one sees")
    body = {"clientPostId": unique("c"), "text": unique("look "), "mediaIds": [media_id]}
    made: dict[str, Any] = person.api.post("/v1/posts", body)
    return made


def refused(endpoints: Endpoints, document: str) -> set[str]:
    """The file names whose links in that answer the edge refuses."""
    links = [json.loads(f'"{path}?{query}"') for path, query in _PRIVATE.findall(document)]
    dead = [one for one in links if fetch(endpoints.base_url + one).status_code == 403]
    return {urlsplit(one).path.rpartition("/")[2] for one in dead}


def test_a_photo_opens_in_full_size_after_its_link_has_expired(open_screen: OpenScreen, join: Join) -> None:
    author = join("Sumi")
    post = publish(author, "photo", "image/jpeg", large_photo())
    screen = reader_of(open_screen(), join("Elio"))
    page = screen.page
    # The page loaded the small photo while its link was valid; links used afterwards have expired.
    seen = age_links(page, screen.endpoints, rf"/v1/posts/{post['id']}/thread", name="original")
    asked = count_requests(page, rf"/v1/posts/{post['id']}$")
    screen.follow_link(f"/posts/{post['id']}")
    small = page.locator(".photo img")
    wait_for(lambda: width_of(small), until=bool, what="the photo on the page")
    assert refused(screen.endpoints, seen[0]) == {"original.jpg"}
    assert asked == []
    page.locator("button.photo").click()
    full = page.locator("dialog.lightbox img")
    wait_for(lambda: width_of(full), until=lambda width: width == _WIDTH, what="the photo in full size")
    assert len(asked) == 1
    assert width_of(small) > 0
    screen.picture("lightbox-after-expiry")


def test_a_page_with_expired_links_loads_all_media(open_screen: OpenScreen, join: Join) -> None:
    author = join("Sumi")
    post = publish(author, "video", "video/webm", clip("webm", 2))
    screen = reader_of(open_screen(), join("Elio"))
    page = screen.page
    age_links(page, screen.endpoints, rf"/v1/posts/{post['id']}/thread")
    asked = count_requests(page, rf"/v1/posts/{post['id']}$")
    screen.follow_link(f"/posts/{post['id']}")
    video = page.locator("video")
    wait_for(lambda: video.evaluate("one => one.readyState"), until=bool, what="the video's first frame")
    video.evaluate("one => { one.muted = true; return one.play(); }")
    wait_for(lambda: video.evaluate("one => one.currentTime"), until=lambda at: at > 0.2, what="the video to play")
    assert len(asked) == 1


def test_photos_of_a_conversation_that_was_left_open_show(open_screen: OpenScreen, join: Join) -> None:
    one, other = join("Sumi"), join("Elio")
    talk = one.api.post("/v1/conversations", {"memberId": other.user_id})
    other.api.put(f"/v1/conversations/{talk['id']}/request", {"accept": True})
    photo = one.api.upload("photo", "image/jpeg", large_photo(), "What one sees")
    body = {"clientMessageId": unique("m"), "text": "look", "mediaIds": [photo]}
    one.api.post(f"/v1/conversations/{talk['id']}/messages", body)
    screen = open_screen().sign_in(other)
    page = screen.page
    seen = age_links(page, screen.endpoints, rf"/v1/conversations/{talk['id']}/messages", times=1)
    screen.follow_link(f"/messages/{talk['id']}")
    image = page.locator(".bubble .photo img")
    expect(image).to_be_visible()
    wait_for(lambda: width_of(image), until=bool, what="the photo of the message")
    assert seen
