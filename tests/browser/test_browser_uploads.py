"""Upload of a large file: interrupted, resumed, cancelled; no part is sent twice, and the progress is visible."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Screen
from tests.support.files import clip

_PART = 5 * 1024 * 1024
_NUMBER = re.compile(r"[?&]partNumber=(\d+)")
_COUNT = 4


@pytest.fixture
def large_video(tmp_path: Path) -> Path:
    """A video of four parts: two seconds, and a box of noise that players skip."""
    video = clip("mp4", 2)
    padding = 3 * _PART + 1_000_000 - len(video)
    path = tmp_path / "holiday.mp4"
    path.write_bytes(video + padding.to_bytes(4) + b"free" + secrets.token_bytes(padding - 8))
    return path


class Network:
    """Requests to the storage: how often each part arrived, and what to do with one in transit."""

    def __init__(self, page: Page) -> None:
        self.arrived: Counter[int] = Counter()
        self.media: list[str] = []
        self._fate: dict[int, Callable[[Route], None]] = {}
        page.route(_NUMBER, self._route)
        page.on("requestfinished", self._note)

    def next_time(self, number: int, fate: Callable[[Route], None]) -> None:
        self._fate[number] = fate

    def _route(self, route: Route) -> None:
        number = part_of(route.request)
        fate = self._fate.pop(number, None) if route.request.method == "PUT" else None
        (fate or Route.continue_)(route)

    def _note(self, request: Request) -> None:
        if request.method == "PUT" and _NUMBER.search(request.url):
            answer = request.response()
            if answer is not None and answer.ok:
                self.arrived[part_of(request)] += 1
        if request.method == "POST" and request.url.endswith("/v1/media"):
            self.media.append(str(request.response().json()["media"]["id"]))  # type: ignore[union-attr]


def part_of(request: Request) -> int:
    found = _NUMBER.search(request.url)
    assert found is not None
    return int(found[1])


def choose(screen: Screen, path: Path) -> None:
    composer = screen.page.locator("#main form.composer")
    composer.locator("input[type=file][data-kind=video]").set_input_files(path)
    expect(screen.page.locator("#main .attachment")).to_be_visible()


def percent(page: Page) -> float:
    value: float = page.locator("#main .attachment progress").evaluate("bar => bar.value")
    return value


def lost(route: Route) -> None:
    route.abort("connectionreset")


def test_an_upload_survives_a_lost_connection_and_sends_no_part_twice(
    open_screen: OpenScreen, join: Join, large_video: Path
) -> None:
    screen = open_screen().sign_in(join())
    page, network = screen.page, Network(screen.page)
    network.next_time(2, lost)
    choose(screen, large_video)
    expect(page.locator("#main .attachment[data-state=ready]")).to_be_visible(timeout=90_000)
    assert network.arrived == dict.fromkeys(range(1, _COUNT + 1), 1)
    text = unique("Seaside ")
    post = screen.post(text)
    expect(post.locator("video")).to_be_visible()


@pytest.mark.long
def test_an_upload_continues_after_a_reload(open_screen: OpenScreen, join: Join, large_video: Path) -> None:
    screen = open_screen().sign_in(join())
    page, network = screen.page, Network(screen.page)
    held: list[Route] = []
    network.next_time(3, held.append)
    choose(screen, large_video)
    wait_for(lambda: _pumped(page, held), until=bool, what="the third part to be on its way")
    wait_for(lambda: percent(page), until=lambda sent: 60 <= sent < 100, what="the bar to show two parts of four")
    expect(page.locator("#main .attachment-state")).to_contain_text("%")
    screen.check_accessibility()
    screen.picture("upload-progress")
    page.reload()
    expect(page.locator("#main form.composer")).to_be_visible()
    choose(screen, large_video)
    expect(page.locator("#main .attachment[data-state=ready]")).to_be_visible(timeout=90_000)
    assert network.arrived == dict.fromkeys(range(1, _COUNT + 1), 1)
    assert len(network.media) == 1, "the upload was started over"


def test_a_cancelled_upload_is_removed_in_the_browser_and_on_the_server(
    open_screen: OpenScreen, join: Join, large_video: Path
) -> None:
    person = join()
    screen = open_screen().sign_in(person)
    page, network = screen.page, Network(screen.page)
    held: list[Route] = []
    network.next_time(2, held.append)
    choose(screen, large_video)
    wait_for(lambda: _pumped(page, held), until=bool, what="the second part to be on its way")
    (media_id,) = network.media
    assert person.api.get(f"/v1/media/{media_id}")["state"] == "pending"
    page.get_by_role("button", name="Remove holiday.mp4").click()
    expect(page.locator("#main .attachment")).to_have_count(0)
    status = lambda: person.api.http.get(f"/v1/media/{media_id}").status_code  # noqa: E731 - one question
    wait_for(status, until=lambda found: found == 404, what="the upload to be forgotten")
    assert network.arrived == {1: 1}


def _pumped(page: Page, held: list[Route]) -> list[Route]:
    """Playwright delivers events only while the test calls it."""
    page.evaluate("0")
    return held
