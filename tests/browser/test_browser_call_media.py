"""Media of a call of two: a shared screen with its sound, and media that stop and resume."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from loadtests.bench.udp_path import REDIRECT, UdpPath
from tests.browser.calls import call, is_silent, talk, watched, window
from tests.browser.conftest import Join, OpenScreen
from tests.browser.people import Screen

#: Long waits that the tests of every change omit.
pytestmark = pytest.mark.long
#: A machine without a screen has none to share: a moving drawing and a tone replace it.
_SCREEN = """() => {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 400 });
    const paint = canvas.getContext('2d');
    let turn = 0;
    setInterval(() => {
      paint.fillStyle = `hsl(${(turn += 7)} 60% 45%)`;
      paint.fillRect(0, 0, 640, 400);
    }, 100);
    const [audio, stream] = [new AudioContext(), canvas.captureStream(10)];
    const [tone, out] = [new OscillatorNode(audio), audio.createMediaStreamDestination()];
    tone.connect(out);
    tone.start();
    stream.addTrack(out.stream.getAudioTracks()[0]);
    window.shared = stream;
    return stream;
  };
}"""
_KEEP_CONNECTIONS = """() => {
  window.connections = [];
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (kind, args) => { const made = new kind(...args); window.connections.push(made); return made; },
  });
}"""
#: The number of incoming audio tracks with energy, and of decoded video frames.
_ARRIVED = """async () => {
  const rows = [...(await window.connections.at(-1).getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
  return {
    sounds: rows.filter(({ totalAudioEnergy }) => totalAudioEnergy > 0).length,
    frames: rows.reduce((sum, { framesDecoded }) => sum + (framesDecoded ?? 0), 0),
  };
}"""


def until(screen: Screen, condition: str, argument: object = None) -> None:
    """Wait until ``condition`` holds for ``arrived`` and the argument ``given``."""
    question = f"async (given) => {{ const arrived = await ({_ARRIVED})(); return {condition}; }}"
    screen.until(question, argument, condition)


def test_a_screen_is_seen_and_heard_until_its_window_closes(open_screen: OpenScreen, join: Join) -> None:
    people = join("Mio"), join("Tom")
    screens = open_screen(), open_screen()
    for screen in screens:
        screen.page.add_init_script(f"({_KEEP_CONNECTIONS})(); ({_SCREEN})()")
    caller, callee = (watched(screen, person) for screen, person in zip(screens, people, strict=True))
    talk(caller, callee, people[1])
    caller.page.get_by_role("button", name="Share screen").click()
    shown = callee.page.get_by_label("Mio’s screen")
    expect(shown).to_be_visible()
    until(callee, "arrived.frames > 5 && arrived.sounds === 2")
    expect(window(caller)).to_contain_text("You are sharing your screen.")
    callee.check_accessibility()
    callee.picture("call-screen")
    # Sharing stops from the shared window, or from the browser's bar
    caller.page.evaluate("() => window.shared.getTracks().forEach((one) => one.dispatchEvent(new Event('ended')))")
    expect(shown).to_have_count(0)
    expect(callee.page.locator(".call-avatar")).to_be_visible()
    expect(caller.page.get_by_role("button", name="Share screen")).to_be_visible()
    callee.page.get_by_role("button", name="Hang up").click()
    for screen in (caller, callee):
        is_silent(screen)


@pytest.fixture
def udp_path() -> Iterator[UdpPath]:
    with UdpPath() as path:
        yield path


def test_media_switch_to_another_network_path_when_theirs_is_cut(
    open_screen: OpenScreen, join: Join, udp_path: UdpPath
) -> None:
    people = join("Mio"), join("Tom")
    screens = open_screen(), open_screen()
    for screen in screens:
        screen.page.expose_function("udpPath", udp_path.via)
        screen.page.add_init_script(f"({_KEEP_CONNECTIONS})(); ({REDIRECT})()")
    caller, callee = (watched(screen, person) for screen, person in zip(screens, people, strict=True))
    call(caller, people[1], "Video call")
    callee.page.locator(".incoming .is-accept").click()
    for screen in (caller, callee):
        expect(window(screen, "connected")).to_be_visible()
        until(screen, "arrived.frames > 5 && arrived.sounds > 0")
    udp_path.break_for_good()
    before = [screen.page.evaluate(_ARRIVED)["frames"] for screen in (caller, callee)]
    for screen, frames in zip((caller, callee), before, strict=True):
        # More frames than were in transit when the network was cut
        until(screen, "arrived.frames > given + 30", frames)
        expect(window(screen, "connected")).to_be_visible()
    assert udp_path.lost > 0
    callee.page.get_by_role("button", name="Hang up").click()
    is_silent(caller)
