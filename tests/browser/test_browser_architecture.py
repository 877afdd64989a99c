"""The architecture page: drawn from the deployment, live for staff, replayed step by step, usable by keyboard."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, expect
from playwright.sync_api import TimeoutError as NotInTime

from kit.client.api import wait_for
from kit.client.endpoints import Endpoints
from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import Person

_IN_SIGHT = """() => {
  const box = document.querySelector('.diagram-box.is-now').getBoundingClientRect();
  const player = document.querySelector('.architecture-player').getBoundingClientRect();
  const bar = document.querySelector('.bottom-bar')?.getBoundingClientRect();
  const end = bar?.height ? bar.top : innerHeight;
  return box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= player.top && player.bottom <= end;
}"""


def test_a_box_opens_its_proofs_configuration_code_and_reason(open_screen: OpenScreen) -> None:
    screen = open_screen().open("/architecture")
    page = screen.page
    first, whole = page.get_by_role("region", name="Client"), page.locator(".diagram-scroll")
    assert first.evaluate("(one) => one.getBoundingClientRect().top") >= whole.evaluate(
        "(one) => one.getBoundingClientRect().bottom"
    ), "the details cover a part of the diagram before a box is chosen"
    box = page.get_by_role("button", name="Projector Lambdas")
    box.focus()
    page.keyboard.press("Enter")
    detail = page.get_by_role("region", name="Projector Lambdas")
    expect(detail).to_be_in_viewport()
    expect(detail).to_contain_text("Why:")
    expect(detail).to_contain_text("Lambda 3")
    arrow = detail.locator("summary", has_text="Projector Lambdas → Amazon SNS")
    arrow.focus()
    page.keyboard.press("Enter")
    expect(detail).to_contain_text("right: post-projector sns:Publish events")
    detail.locator("summary", has_text="Configuration").click()
    expect(detail).to_contain_text("batches of 100")
    detail.locator("summary", has_text=re.compile(r"^Code")).click()
    detail.locator("summary", has_text="services/search/handler.py").click()
    expect(detail.get_by_role("region", name="services/search/handler.py")).to_contain_text("import")
    expect(page.get_by_role("status").filter(has_text="Developers and administrators")).to_be_visible()
    screen.check_accessibility()


def test_the_diagram_draws_the_arrows_of_the_deployed_architecture(
    open_screen: OpenScreen, endpoints: Endpoints
) -> None:
    found = httpx.get(f"{endpoints.base_url}/architecture.json", timeout=60).json()
    without = {**found, "arrows": [one for one in found["arrows"] if one["to"] != "sqs"]}
    screen = open_screen()
    screen.page.route("**/architecture.json", lambda route: route.fulfill(json=without))
    screen.open("/architecture")
    expect(screen.page.locator(".diagram-arrow")).not_to_have_count(0)
    lesser = screen.page.locator(".diagram-arrow").count()
    whole = open_screen().open("/architecture")
    expect(whole.page.locator(".diagram-arrow")).to_have_count(lesser + 2)


@pytest.mark.parametrize(("locale", "scheme", "phone"), [("en-US", "light", False), ("ja-JP", "dark", True)])
def test_staff_see_requests_pass_and_replay_one(
    locale: str, scheme: str, phone: bool, open_screen: OpenScreen, join: Join
) -> None:
    developer, other = join("Dev", groups=("developers",)), join("Bob")
    screen = open_screen(locale=locale, scheme=scheme, phone=phone).sign_in(developer)
    page = screen.page
    _post(developer, other)
    screen.follow_link("/architecture")
    expect(page.locator(".diagram-rate").first).to_contain_text("/min")
    page.get_by_role("button", name="Post Lambda").click()
    traces = page.locator("details", has=page.locator(".architecture-traces")).last
    _replay_a_post(traces, lambda: _post(developer, other))
    player = page.locator(".architecture-player")
    steps = player.locator(".architecture-steps li")
    expect(steps.filter(has_text="API Gateway → Post Lambda")).not_to_have_count(0)
    expect(steps.filter(has_text="Post Lambda → DynamoDB")).not_to_have_count(0)
    shown = player.locator("[aria-live]")
    expect(shown).to_contain_text("1/")
    player.locator(".architecture-controls button").nth(1).focus()
    page.keyboard.press("Enter")
    expect(shown).to_contain_text("2/")
    expect(page.locator(".diagram-box.is-now")).to_have_count(1)
    # The list of traces is below the diagram: the page goes to the box of the step, which the player may not cover.
    page.wait_for_function(_IN_SIGHT)
    expect(page.locator(".diagram-arrow.is-lit")).to_have_count(0)
    screen.check_accessibility()
    screen.picture(f"architecture-replay-{locale[:2]}-{scheme}")


def _post(author: Person, other: Person) -> None:
    text = f"hello @{other.handle} {uuid.uuid4().hex}"
    author.api.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text})


def _replay_a_post(traces: Locator, post: Callable[[], None]) -> None:
    """The page shows the newest eight traces, and other tests send requests too: reopening it shows newer ones, and
    takes a button away that is about to be pressed."""
    found = traces.get_by_role("button").filter(has_text="POST /v1/posts").first

    def pressed() -> bool:
        post()
        traces.evaluate("one => { one.open = false; one.open = true; }")
        try:
            found.click(timeout=10_000)
        except NotInTime:
            return False
        return True

    wait_for(pressed, until=bool, what="the trace of a post", seconds=180)
