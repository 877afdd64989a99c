"""Calls through the UI."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from kit.client.api import wait_for
from tests.browser.conftest import OpenScreen
from tests.browser.people import Person, Screen

_KEEP_STREAMS = """() => {
  window.streams = [];
  window.sockets = [];
  window.WebSocket = new Proxy(WebSocket, {
    construct: (kind, args) => { const made = new kind(...args); window.sockets.push(made); return made; },
  });
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => { const got = await ask(wanted); window.streams.push(got); return got; };
}"""
LIVE_TRACKS = """() => window.streams.flatMap((stream) => stream.getTracks())
  .filter((track) => track.readyState === 'live').length"""
_IS_HEARD = """async () => {
  const [sound] = document.querySelectorAll('.call audio');
  if (!sound?.srcObject) return false;
  const context = new AudioContext();
  await context.resume();
  const meter = context.createAnalyser();
  context.createMediaStreamSource(sound.srcObject).connect(meter);
  const levels = new Float32Array(meter.fftSize);
  const end = performance.now() + 5000;
  while (performance.now() < end) {
    meter.getFloatTimeDomainData(levels);
    if (levels.some((level) => Math.abs(level) > 0.01)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}"""


def watched(screen: Screen, person: Person) -> Screen:
    """Sign in and connect, in a page that keeps track of the microphones that it opened."""
    screen.page.add_init_script(f"({_KEEP_STREAMS})()")
    screen.sign_in(person)
    screen.page.wait_for_function("() => window.sockets.some((one) => one.readyState === 1)")
    return screen


def window(screen: Screen, phase: str = "") -> Locator:
    return screen.page.locator(f".call[data-phase={phase}]" if phase else ".call")


def is_silent(screen: Screen) -> None:
    """Expect no call window, and no microphone or camera that is on."""
    expect(window(screen)).to_have_count(0)
    wait_for(lambda: screen.page.evaluate(LIVE_TRACKS), until=lambda live: live == 0, what="no live microphone")


def heard(screen: Screen) -> None:
    """Expect sound from the other side."""
    screen.until(_IS_HEARD, what="sound from the other side")


def call(screen: Screen, other: Person, label: str = "Voice call") -> None:
    screen.follow_link(f"/@{other.handle}")
    screen.page.get_by_role("button", name=label).click()


def answer(screen: Screen, label: str = "Accept") -> None:
    ringing = screen.page.get_by_role("alertdialog")
    expect(ringing).to_be_visible()
    ringing.get_by_role("button", name=label).click()


def connected(open_screen: OpenScreen, pair: tuple[Person, Person], workers: str = "block") -> tuple[Screen, Screen]:
    """Mio calls Tom, and both hear each other."""
    caller, callee = (watched(open_screen(workers=workers), person) for person in pair)
    talk(caller, callee, pair[1])
    return caller, callee


def talk(caller: Screen, callee: Screen, other: Person) -> None:
    """The caller calls, the callee (``other``) answers, and both hear each other."""
    call(caller, other)
    answer(callee)
    for screen in (caller, callee):
        expect(window(screen, "connected")).to_be_visible()


def resume(screen: Screen, label: str) -> None:
    """Rejoin the call from a page that is not part of it, by the button in its bar."""
    bar = screen.page.get_by_role("region", name=re.compile("Your call with"))
    expect(bar).to_be_visible()
    bar.get_by_role("button", name=label).click()


def hear_each_other(*screens: Screen) -> None:
    for screen in screens:
        expect(window(screen, "connected")).to_be_visible()
