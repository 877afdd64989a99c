"""Drills by their buttons on the console: what the page says, and what people see elsewhere meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from kit.settings import Settings
from tests.browser.conftest import Join, OpenScreen

pytestmark = pytest.mark.alone
#: The architecture page shows the last minute: after it, a failure has left the diagram.
_CALM_MS = 120_000


@pytest.fixture
def drills(chromium: Browser) -> Iterator[Page]:
    """The console's page of drills. Its scripts may report no error."""
    context = chromium.new_context()
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{Settings.load().url('console')}/#drills")
    yield page
    context.close()
    assert not faults


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
