"""A click in one browser starts the trace; the frame on the other person's device ends it."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import WebSocket, expect

from kit.client.api import wait_for
from tests.browser.conftest import Join, OpenScreen
from tests.support.traces import expect_way

#: The network traces the first 20 requests of a second, and few of the others: beside busy tests a click may miss it.
pytestmark = pytest.mark.alone


def test_a_click_begins_the_trace_that_ends_at_the_other_device(open_screen: OpenScreen, join: Join) -> None:
    ann, bob = join("Ann"), join("Bob")
    frames: list[dict[str, Any]] = []
    device = open_screen()

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(json.loads(frame)))

    device.page.on("websocket", listen)
    device.sign_in(bob)
    # A frame before the connection would be lost, and the badge come from the request after it.
    device.follow_link("/settings")
    expect(device.page.locator("[data-carrier=websocket]")).to_be_attached()
    screen = open_screen().sign_in(ann)
    text = f"hello @{bob.handle} {uuid.uuid4().hex}"
    with screen.page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/v1/posts")) as sent:
        screen.post(text)
    header = sent.value.headers["x-amzn-trace-id"]
    found = re.fullmatch(r"Root=(1-[0-9a-f]{8}-[0-9a-f]{24});Parent=[0-9a-f]{16}", header)
    assert found, f"the browser decides nothing about sampling: {header}"
    expect(device.page.locator(".rail a[href='/notifications'] .badge")).to_have_text(re.compile("1"))

    def traces_of_frames() -> list[str]:
        device.page.title()  # Playwright hands out frames while it is asked for something.
        return [f"{one.get('type')} {one.get('trace', '')}" for one in frames]

    wait_for(
        traces_of_frames,
        until=lambda came: any(f" Root={found[1]};" in one for one in came),
        what=f"a frame of trace {found[1]}",
    )
    expect_way(
        found[1], "cloudfront", "gateway", "asyncsns-post", "asyncsns-notifier", "asyncsns-realtime-fanout", "socket"
    )
