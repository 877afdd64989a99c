"""A call over relays only, through the coturn of `make up TURN=yes`."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import Screen

#: A browser whose network permits only the relay; the page keeps its connections for statistics.
_RELAYS_ONLY = """() => {
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super({ ...configuration, iceTransportPolicy: 'relay' });
      window.connections.push(this);
    }
  };
}"""
_STATS = """async () => {
  const rows = [...(await window.connections.at(-1).getStats()).values()];
  const pair = rows.find((row) => row.type === 'candidate-pair' && row.nominated && row.state === 'succeeded');
  const kind = (id) => rows.find((row) => row.id === id)?.candidateType;
  const inbound = (kind) => rows.find((row) => row.type === 'inbound-rtp' && row.kind === kind);
  return {
    local: pair && kind(pair.localCandidateId),
    remote: pair && kind(pair.remoteCandidateId),
    frames: inbound('video')?.framesDecoded ?? 0,
    energy: inbound('audio')?.totalAudioEnergy ?? 0,
  };
}"""


def _arrives(screen: Screen) -> dict[str, object]:
    screen.until(f"async () => {{ const s = await ({_STATS})(); return s.frames > 20 && s.energy > 0; }}")
    found: dict[str, object] = screen.page.evaluate(_STATS)
    return found


def test_two_people_talk_through_turn_relays_only(open_screen: OpenScreen, join: Join) -> None:
    one, two = join("Mio"), join("Tom")
    servers = one.api.get("/v1/calls/ice-servers")["iceServers"]
    if not any(url.startswith("turn:") for server in servers for url in server["urls"]):
        pytest.skip("this network has no TURN server (make up TURN=yes, with coturn installed)")
    caller, callee = open_screen(), open_screen()
    for screen, person in ((caller, one), (callee, two)):
        screen.page.add_init_script(f"({_RELAYS_ONLY})()")
        screen.sign_in(person)
    caller.follow_link(f"/@{two.handle}")
    caller.page.get_by_role("button", name="Video call").click()
    callee.page.get_by_role("alertdialog").get_by_role("button", name="Accept").click()
    for screen in (caller, callee):
        expect(screen.page.locator(".call[data-phase=connected]")).to_be_visible()
    for screen in (caller, callee):
        found = _arrives(screen)
        print(found)
        assert (found["local"], found["remote"]) == ("relay", "relay")
