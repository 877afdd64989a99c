"""Calls between Chromium and other clients: an aiortc peer, and Firefox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from kit.client import Endpoints, Socket
from kit.client.api import wait_for
from tests.browser.calls import call, heard, is_silent, watched, window
from tests.browser.conftest import Join, OpenScreen
from tests.browser.firefox import Firefox, firefox_path
from tests.browser.outside_peer import OutsidePeer
from tests.browser.people import KEEP_SESSION, kept_session

#: Long waits that the tests of every change omit.
pytestmark = pytest.mark.long


def test_a_peer_outside_a_browser_answers_a_video_call(
    open_screen: OpenScreen, join: Join, endpoints: Endpoints
) -> None:
    one, two = join("Mio"), join("Tom")
    caller = watched(open_screen(), one)
    with Socket(endpoints, two.api) as socket, OutsidePeer(socket) as peer:
        call(caller, two, "Video call")
        window(caller, "connected").wait_for()
        wait_for(lambda: dict(peer.received), until=lambda got: min(got.values()) > 20, what="sound and pictures")
        caller.page.wait_for_function("() => document.querySelector('.call-remote')?.videoWidth === 640")
        heard(caller)
        caller.page.get_by_role("button", name="Hang up").click()
        assert socket.wait("call.ended")["data"]["call"]["state"] == "ended"
    is_silent(caller)


#: Fake devices without a permission prompt, and loopback networking.
_FAKE_DEVICES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
}
_KEEP_CONNECTIONS = """(() => {
  window.connections = [];
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (kind, args) => { const made = new kind(...args); window.connections.push(made); return made; },
  });
  return true;
})()"""
_ARRIVES = """(async () => {
  const rows = [...(await window.connections.at(-1)?.getStats() ?? new Map()).values()];
  const inbound = (kind) => rows.filter((row) => row.type === 'inbound-rtp' && row.kind === kind);
  const pictures = inbound('video').some((row) => row.framesDecoded > 5);
  return pictures && inbound('audio').some((row) => row.totalAudioEnergy > 0);
})()"""


@pytest.fixture
def open_firefox(tmp_path: Path) -> Iterator[Callable[[], Firefox]]:
    path = firefox_path()
    if path is None:
        pytest.skip("no firefox on PATH (Debian: apt-get install firefox-esr; Ubuntu: firefox)")
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(Firefox(path, tmp_path, _FAKE_DEVICES)))


def test_firefox_and_chromium_see_and_hear_each_other(
    open_firefox: Callable[[], Firefox], open_screen: OpenScreen, join: Join, endpoints: Endpoints
) -> None:
    one, two = join("Mio"), join("Tom")
    caller = watched(open_screen(), one)
    caller.page.evaluate(_KEEP_CONNECTIONS)
    (page,) = open_firefox().pages()
    # Firefox's JSON viewer has no storage
    page.go(f"{endpoints.base_url}/icon.svg")
    page.run(f"({KEEP_SESSION})({json.dumps(kept_session(two, endpoints))})")
    page.go(endpoints.base_url)
    page.run(_KEEP_CONNECTIONS)
    call(caller, two, "Video call")
    page.click(".incoming .is-accept")
    for run in (caller.page.evaluate, page.run):
        wait_for(lambda run=run: run(_ARRIVES), until=bool, what="pictures and sound")
    page.click("button[aria-label='Hang up']")
    is_silent(caller)
    page.until("!document.querySelector('.call')", "no window of a call")
