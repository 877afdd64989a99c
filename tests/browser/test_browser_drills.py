"""Drills by their buttons on the console: what the page says, and what people see elsewhere meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kit.settings import Settings
from tests.browser.conftest import Join, OpenScreen

pytestmark = pytest.mark.alone
#: The architecture page shows the last minute: after it, a failure has left the diagram.
_CALM_MS = 120_000


#: Three visibility timeouts of the queue, and an alarm's period.
_GIVEN_UP_MS = 200_000
_QUEUE, _DEAD = "asyncsns-notifications-inapp", "asyncsns-notifications-inapp-dlq"


@contextmanager
def console(chromium: Browser, view: str) -> Iterator[Page]:
    """A page of the console. Its scripts may report no error."""
    context = chromium.new_context()
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{Settings.load().url('console')}/#{view}")
    yield page
    context.close()
    assert not faults


@pytest.fixture
def drills(chromium: Browser) -> Iterator[Page]:
    with console(chromium, "drills") as page:
        yield page


@pytest.fixture
def queues(chromium: Browser) -> Iterator[Page]:
    with console(chromium, "queues") as page:
        yield page


@pytest.fixture
def metrics(chromium: Browser) -> Iterator[Page]:
    with console(chromium, "metrics") as page:
        yield page


def test_when_the_gateway_stops_the_architecture_turns_red_and_calm_again(
    drills: Page, open_screen: OpenScreen, join: Join
) -> None:
    screen = open_screen().sign_in(join("Dev", groups=("developers",))).follow_link("/architecture")
    gateway = screen.page.locator(".diagram-box", has_text="API Gateway").first
    expect(screen.page.locator(".diagram-rate").first).to_contain_text("/min")
    expect(screen.page.locator(".is-failing")).to_have_count(0)
    drills.get_by_role("button", name="Start: API Gateway stops").click()
    panel = drills.locator("section.drill")
    expect(panel).to_contain_text("gets 503")
    expect(panel).to_contain_text("Watch: The app's page /architecture")
    expect(panel.get_by_role("button", name="Stop and restore")).to_be_visible()
    expect(gateway).to_have_class("diagram-box is-failing")
    expect(screen.page.locator(".diagram-arrow.is-failing")).not_to_have_count(0)
    expect(panel.get_by_role("status")).to_contain_text("lines are as expected")
    expect(panel.locator("li")).not_to_have_count(0)
    expect(panel.locator(".fault")).to_have_count(0)
    expect(screen.page.locator(".is-failing")).to_have_count(0, timeout=_CALM_MS)


def test_a_run_shows_itself_to_who_pressed_a_button_far_below_it(drills: Page) -> None:
    drills.get_by_role("button", name="Start: A clock is wrong").click()
    panel = drills.locator("section.drill")
    expect(panel.get_by_role("heading", name="A clock is wrong")).to_be_in_viewport()
    expect(panel).to_contain_text("s of about")
    panel.get_by_role("button", name="Stop and restore").click()
    expect(panel.get_by_role("status")).to_contain_text("stopped; what it broke is restored")
    expect(panel.get_by_role("heading", name="A clock is wrong")).to_be_focused()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_poison_message_is_seen_in_its_queues_and_rings_until_it_is_removed(
    drills: Page, queues: Page, metrics: Page
) -> None:
    alarm = f"{_DEAD}-filled"
    expect(_waiting(queues, _DEAD)).to_have_text("0")
    drills.get_by_role("button", name="Start: A poison message").click()
    expect(_in_flight(queues, _QUEUE)).not_to_have_text("0")
    expect(_waiting(queues, _DEAD)).to_have_text("1", timeout=_GIVEN_UP_MS)
    _row(queues, _DEAD).get_by_role("link").click()
    letter = queues.get_by_role("article")
    expect(letter).to_contain_text("JSONDecodeError")
    expect(letter).to_contain_text(re.compile("poison-[0-9a-f]{32}"))
    expect(_ringing(metrics, alarm)).to_be_visible(timeout=_CALM_MS)
    _expect_played(drills)
    queues.get_by_role("link", name="Queues", exact=True).click()
    expect(_waiting(queues, _DEAD)).to_have_text("0")
    expect(_ringing(metrics, alarm)).to_have_count(0, timeout=_GIVEN_UP_MS)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_what_crashes_its_consumer_is_seen_in_its_queues_and_rings_until_it_is_requeued(
    drills: Page, queues: Page, metrics: Page
) -> None:
    alarm = "asyncsns-notifier-errors"
    expect(_waiting(queues, _DEAD)).to_have_text("0")
    drills.get_by_role("button", name="Start: A consumer crashes again and again").click()
    expect(_in_flight(queues, _QUEUE)).not_to_have_text("0")
    expect(_ringing(metrics, alarm)).to_be_visible(timeout=_GIVEN_UP_MS)
    _expect_played(drills)
    expect(_waiting(queues, _DEAD)).to_have_text("0")
    expect(_in_flight(queues, _QUEUE)).to_have_text("0")
    expect(_ringing(metrics, alarm)).to_have_count(0, timeout=_GIVEN_UP_MS)


def _expect_played(drills: Page) -> None:
    panel = drills.locator("section.drill")
    expect(panel.get_by_role("status")).to_contain_text("lines are as expected", timeout=_GIVEN_UP_MS)
    expect(panel.locator("li")).not_to_have_count(0)
    expect(panel.locator(".fault")).to_have_count(0)


def _row(queues: Page, name: str) -> Locator:
    return queues.get_by_role("row").filter(has=queues.get_by_role("link", name=name, exact=True))


def _waiting(queues: Page, name: str) -> Locator:
    return _row(queues, name).get_by_role("cell").nth(2)


def _in_flight(queues: Page, name: str) -> Locator:
    return _row(queues, name).get_by_role("cell").nth(3)


def _ringing(metrics: Page, alarm: str) -> Locator:
    """Its row in the table of those in alarm; the table of all alarms is closed."""
    return metrics.locator("main > .wide").get_by_role("row").filter(has_text=alarm)
