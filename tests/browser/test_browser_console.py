"""The local console: servers that do not respond, dead letters, live lines, keyboard, narrow windows, hostile texts."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from emulation.guard import HELPER_HEADERS
from kit.settings import Settings
from tests.browser.people import Screen

HOSTILE = "<img src=x onerror='window.hit = 1'><script>window.hit = 1</script>"
VIEWS = [
    "mail", "traces", "map", "logs", "metrics", "queues", "tables", "streams", "sockets", "pushes", "access", "drills",
    "saves",
]  # fmt: skip
DOWN = {"message": "The emulator does not respond."}


@pytest.fixture
def url() -> str:
    return Settings.load().url("console")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Its scripts may report no error."""
    context = chromium.new_context()
    opened, faults = context.new_page(), []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    opened.unroute_all(behavior="ignoreErrors")
    context.close()
    assert not faults


def test_a_slow_failure_is_shown_although_the_view_renews_itself(page: Page, url: str) -> None:
    held: list[Route] = []
    page.route("**/api/mails?*", lambda route: held.append(route))
    page.clock.install()
    page.goto(f"{url}/#mail")
    page.clock.run_for(12_000)
    expect(page.get_by_role("status")).to_have_text("Waiting for an answer…")
    assert len(held) == 1, "a view that waits is not asked for again"
    held[0].fulfill(status=503, json=DOWN)
    expect(page.get_by_role("alert")).to_have_text(DOWN["message"])
    expect(page.get_by_role("status")).to_be_empty()
    page.unroute("**/api/mails?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_earlier_answer_is_shown_with_its_age_until_the_newest_comes(page: Page, url: str) -> None:
    held: list[Route] = []

    def answer(route: Route) -> None:
        if "prefer" in route.request.headers:
            held.append(route)
        else:
            route.fulfill(json=[_mail("earlier")], headers={"Age": "7"})

    page.route("**/api/mails?*", answer)
    page.goto(f"{url}/#mail")
    expect(page.get_by_role("article")).to_contain_text("earlier")
    expect(page.get_by_role("status")).to_have_text("Read 7 seconds ago. A newer answer is awaited.")
    held[0].fulfill(json=[_mail("newest")])
    expect(page.get_by_role("article")).to_contain_text("newest")
    expect(page.get_by_role("status")).to_be_empty()


def test_a_newer_answer_does_not_replace_what_is_in_use(page: Page, url: str) -> None:
    held: list[Route] = []

    def answer(route: Route) -> None:
        if "prefer" in route.request.headers:
            held.append(route)
        else:
            route.fulfill(json=[], headers={"Age": "7"})

    page.route("**/api/alarms", answer)
    page.goto(f"{url}/#metrics")
    expect(page.get_by_role("status")).to_have_text("Read 7 seconds ago. A newer answer is awaited.")
    page.get_by_role("combobox").focus()
    held[0].fulfill(json=[])
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^Shown as read at \d\d:\d\d:\d\d\.$"))
    expect(page.get_by_role("combobox")).to_be_focused()


def test_log_lines_that_cannot_be_read_are_not_called_none(page: Page, url: str) -> None:
    trace = _trace(url, HOSTILE)
    page.route("**/api/traces/*/logs", lambda route: route.fulfill(status=503, json=DOWN))
    page.goto(f"{url}/#trace/{trace}")
    expect(page.get_by_role("main")).to_contain_text("log lines not read")
    expect(page.get_by_role("alert")).to_have_text(DOWN["message"])


def test_live_lines_say_when_they_fail_and_go_on(page: Page, url: str) -> None:
    text = f"nothing-has-this-{uuid.uuid4().hex}"
    line = {"at": int(time.time() * 1000), "group": "/aws/lambda/x", "stream": "s", "message": f"{text} {HOSTILE}"}
    page.goto(f"{url}/#logs/{text}")
    expect(page.get_by_text("No matching lines")).to_be_visible()
    page.route("**/api/logs/search?*", lambda route: route.fulfill(status=503, json=DOWN))
    page.get_by_label("Live").check()
    expect(page.get_by_role("status")).to_contain_text("The emulator does not respond. Live asks again")
    page.unroute("**/api/logs/search?*")
    page.route("**/api/logs/search?*", lambda route: route.fulfill(json=[line]))
    expect(page.get_by_role("log")).to_contain_text(HOSTILE)
    expect(page.get_by_text("No matching lines")).to_have_count(0)
    assert page.evaluate("window.hit") is None


def test_dead_letters_are_requeued_by_keyboard(page: Page, url: str) -> None:
    sqs, name = _sqs(), f"console-{uuid.uuid4().hex[:8]}"
    dead, source = sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"], None
    try:
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        source = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
        reason = {"reason": {"DataType": "String", "StringValue": HOSTILE}}
        sqs.send_message(QueueUrl=dead, MessageBody=HOSTILE * 200, MessageAttributes=reason)
        page.goto(f"{url}/#queues/{name}-dlq")
        expect(page.get_by_role("article")).to_contain_text(HOSTILE)
        page.get_by_role("button", name=f"Re-queue all to {name}").press("Enter")
        expect(page.get_by_role("status")).to_have_text(f"1 message went back to {name}.")
        expect(page.get_by_role("article")).to_have_count(0)
        expect(page.get_by_role("main")).to_be_focused()
        expect(page.get_by_role("row", name=re.compile(f"^{name} "))).to_contain_text("1")
        assert page.evaluate("window.hit") is None
    finally:
        for one in filter(None, (dead, source)):
            sqs.delete_queue(QueueUrl=one)


def test_queues_of_failed_batches_say_what_they_hold(page: Page, url: str) -> None:
    page.goto(f"{url}/#queues")
    row = page.get_by_role("row", name=re.compile("asyncsns-indexer-failures"))
    expect(row).to_contain_text("batches and events that asyncsns-indexer failed on")
    row.get_by_role("link").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Lambda puts a record here")
    expect(page.get_by_role("main")).to_be_focused()


def test_a_span_whose_parent_did_not_come_is_marked(page: Page, url: str) -> None:
    trace = _trace(url, HOSTILE)
    page.goto(f"{url}/#traces")
    page.get_by_role("searchbox").fill(trace)
    page.keyboard.press("Enter")
    page.locator(f'a[href="#trace/{trace}"]').press("Enter")
    span = page.get_by_role("button", name=re.compile("parent not recorded"))
    span.press("Enter")
    expect(page.get_by_role("complementary")).to_contain_text("00000000000000f2, not recorded")
    expect(span).to_contain_text(HOSTILE)
    assert page.evaluate("window.hit") is None


@pytest.mark.parametrize("width", [390, 1320])
def test_each_view_is_accessible_and_does_not_scroll_sideways(page: Page, url: str, width: int, endpoints: Any) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(url)
    for view in VIEWS:
        page.evaluate("view => { location.hash = view }", view)
        expect(page.locator("nav a[aria-current]")).to_have_attribute("href", f"#{view}")
        expect(page.get_by_role("main")).not_to_have_attribute("aria-busy", "true")
        Screen(page, endpoints).check_accessibility()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_the_keyboard_skips_the_views(page: Page, url: str) -> None:
    page.goto(f"{url}/#queues")
    expect(page).to_have_title("Queues · Console")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    expect(page).to_have_url(f"{url}/#queues")
    link = page.get_by_role("row").get_by_role("link").first
    expect(link).to_be_visible()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()


def test_what_is_used_while_a_renewal_is_awaited_stays(page: Page, url: str) -> None:
    page.goto(f"{url}/#queues")
    link = page.get_by_role("row").get_by_role("link").first
    expect(link).to_be_visible()
    asked: list[Route] = []
    page.route("**/api/queues", lambda route: asked.append(route))
    page.wait_for_function("() => document.querySelector('main').getAttribute('aria-busy') === 'true'")
    link.focus()
    held = link.element_handle()
    assert held is not None
    with page.expect_response("**/api/queues"):
        asked[0].continue_()
    expect(page.get_by_role("main")).not_to_have_attribute("aria-busy", "true")
    assert held.evaluate("link => link === document.activeElement")


def _mail(subject: str) -> dict[str, Any]:
    return {"to": "a@example.com", "subject": subject, "body": "", "at": time.time()}


def _sqs() -> Any:
    settings = Settings.load()
    environment = settings.aws_environment()
    return boto3.client(
        "sqs", endpoint_url=settings.url("emulator"), region_name=environment["AWS_DEFAULT_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip


def _trace(url: str, name: str) -> str:
    """Two segments; the parent of the second was never sent."""
    at = time.time()
    trace = f"1-{int(at):08x}-{uuid.uuid4().hex[:24]}"
    first = {"id": "00000000000000a1", "name": "gateway", "http": {"request": {"method": "GET", "url": f"/{name}"}}}
    lost = {"id": "00000000000000b1", "parent_id": "00000000000000f2", "name": name, "start_time": at + 0.1}
    common = {"trace_id": trace, "start_time": at, "end_time": at + 1}
    documents = [json.dumps({**common, **one}) for one in (first, lost)]
    answer = httpx.post(f"{url}/TraceSegments", json={"TraceSegmentDocuments": documents}, headers=HELPER_HEADERS)
    assert answer.json() == {"UnprocessedTraceSegments": []}
    return trace
