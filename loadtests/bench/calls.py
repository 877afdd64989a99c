"""Calls between two pages of Chromium with fake devices: time until media flow, and until they flow again.

Each call is a video call of the same two people, accepted at once. Times are read in the pages themselves: from the
click (or from the cut, or the reload) to the first picture that the browser has decoded.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import jwt
from playwright.sync_api import Browser, Page, sync_playwright

from kit.client import Account, Endpoints
from loadtests.bench.call_timeline import MARK, Timeline
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures
from loadtests.bench.udp_path import REDIRECT, UdpPath

_CALLS = 30
_AGAIN = 5
_PATIENCE_MS = 60_000
_BETWEEN_CUTS_MS = 6_000
FLAGS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection")
#: Remembers peer connections and sockets, counts the frames of signalling, and when the server last told of a call.
_WATCH = """() => {
  Object.assign(window, { peers: [], sockets: [], signals: 0, heard: 0 });
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (kind, args) => { const made = new kind(...args); window.peers.push(made); return made; },
  });
  window.WebSocket = new Proxy(WebSocket, {
    construct: (kind, args) => {
      const made = new kind(...args);
      window.sockets.push(made);
      made.addEventListener('message', ({ data }) => {
        if (data.includes('"callerSession"')) window.heard = performance.now();
      });
      return made;
    },
  });
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (String(data).includes('"call.signal"')) window.signals += 1;
    return send.call(this, data);
  };
}"""
#: Milliseconds from the end of the socket until the server has said by another that this page takes part.
_CUT = """async () => {
  const begun = performance.now();
  const cut = window.sockets.at(-1);
  cut.close(4000);
  while (window.sockets.at(-1) === cut || window.heard < begun) await new Promise((later) => setTimeout(later, 5));
  return performance.now() - begun;
}"""
#: Milliseconds of the machine's clock when a picture more than ``before`` is decoded, or once a button is pressed.
_PICTURE = """async (isNew) => {
  const decoded = async () => {
    let frames = 0;
    for (const report of (await window.peers.at(-1)?.getStats())?.values() ?? [])
      if (report.type === 'inbound-rtp' && report.kind === 'video') frames += report.framesDecoded ?? 0;
    return frames;
  };
  const before = isNew ? 0 : await decoded();
  const begun = performance.now();
  while ((await decoded()) <= before) {
    if (performance.now() - begun > 20_000) throw new Error('no picture in 20 seconds');
    await new Promise((later) => setTimeout(later, 5));
  }
  return performance.timeOrigin + performance.now();
}"""
#: The same of the first picture after those that were on their way when the path was cut.
_PICTURE_AFTER_PAUSE = """async () => {
  const decoded = async () => {
    let frames = 0;
    for (const report of (await window.peers.at(-1).getStats()).values())
      if (report.type === 'inbound-rtp' && report.kind === 'video') frames += report.framesDecoded ?? 0;
    return frames;
  };
  let [frames, since] = [await decoded(), performance.now()];
  const begun = since;
  while (performance.now() - begun < 20_000) {
    await new Promise((later) => setTimeout(later, 5));
    const now = await decoded();
    if (now > frames && performance.now() - since > 400) return performance.timeOrigin + performance.now();
    if (now > frames) [frames, since] = [now, performance.now()];
  }
  throw new Error('no picture after a pause in 20 seconds');
}"""
_PRESS = (
    """(selector) => { document.querySelector(selector).click(); return performance.timeOrigin + performance.now(); }"""
)
_PRESS_WHEN_THERE = """async (selector) => {
  const begun = performance.now();
  while (!document.querySelector(selector)) {
    if (performance.now() - begun > 20_000) throw new Error(`no ${selector} in 20 seconds`);
    await new Promise((later) => setTimeout(later, 5));
  }
  window.mark(`presses ${selector}`);
  document.querySelector(selector).click();
}"""
_CALL_BUTTON, _ACCEPT, _HANG_UP = "button[aria-label='Video call']", ".incoming .is-accept", ".call .is-hangup"
_REJOIN = ".resumable button:last-of-type"


def run(crowd: Crowd) -> list[Figure]:
    """30 calls, then a socket that is cut and a page that is reloaded in the middle of a call."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("expected chromium on PATH (Debian and Ubuntu: apt-get install chromium)")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=[*FLAGS]) as browser:
        with _pages(browser, crowd) as (caller, callee):
            found = [*_calls(caller, callee), *_interruptions(caller, callee)]
        with UdpPath() as path_of_media, _pages(browser, crowd, path_of_media) as (caller, callee):
            return [*found, *_media_cuts(caller, callee, path_of_media)]


@contextmanager
def _pages(browser: Browser, crowd: Crowd, path: UdpPath | None = None) -> Iterator[tuple[Page, Page]]:
    """The profile of the callee in the caller's page, and the callee's home; their media go by ``path``."""
    caller, callee = (open_page(browser, crowd.endpoints) for _ in range(2))
    if path is not None:
        for page in (caller, callee):
            page.expose_function("udpPath", path.via)
            page.add_init_script(f"({REDIRECT})()")
    sign_in(caller, crowd.endpoints, crowd.accounts[0], "/@bench1")
    sign_in(callee, crowd.endpoints, crowd.accounts[1], "/")
    caller.wait_for_selector(_CALL_BUTTON)
    yield caller, callee
    for page in (caller, callee):
        page.context.close()


def open_page(browser: Browser, endpoints: Endpoints) -> Page:
    context = browser.new_context(
        base_url=endpoints.base_url, locale="en-US", permissions=["camera", "microphone"], service_workers="block"
    )
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    for script in (_WATCH, MARK):
        page.add_init_script(f"({script})()")
    return page


def sign_in(page: Page, endpoints: Endpoints, account: Account, path: str) -> None:
    """With the session that the person has already, kept where the UI keeps it."""
    name = jwt.decode(account.access_token, options={"verify_signature": False})["username"]
    client = f"CognitoIdentityServiceProvider.{endpoints.client_id}"
    kept = {f"{client}.LastAuthUser": name, f"{client}.{name}.clockDrift": "0"}
    for token in ("access_token", "id_token", "refresh_token"):
        kept[f"{client}.{name}.{token.removesuffix('_token')}Token"] = getattr(account, token)
    page.goto("/config.json")
    page.evaluate("kept => Object.entries(kept).forEach(([name, value]) => localStorage.setItem(name, value))", kept)
    with page.expect_websocket():
        page.goto(path)


def _calls(caller: Page, callee: Page) -> list[Figure]:
    seconds, signals, timeline = [], [], Timeline()
    for _ in range(_CALLS):
        seconds.append(_connect(caller, callee, timeline))
        signals.append(sum(page.evaluate("() => window.signals") for page in (caller, callee)))
        _end(caller, callee)
    most = max(signals)
    return [
        *latency_figures("calls", "click to the first picture", seconds, "p50 ≤ 400, p95 ≤ 1,000"),
        *timeline.figures(),
        Figure("calls", "signalling frames per call, most", most, "frames", "≤ 25", f"{len(signals)} calls"),
    ]


def _connect(caller: Page, callee: Page, timeline: Timeline | None = None) -> float:
    """Seconds from the click to the first picture at the caller; the callee answers as soon as it rings."""
    for page in (caller, callee):
        page.evaluate("() => { window.signals = 0; window.peers = []; window.marks = {}; }")
    begun = caller.evaluate(_PRESS, _CALL_BUTTON)
    callee.evaluate(_PRESS_WHEN_THERE, _ACCEPT)
    seen = caller.evaluate(_PICTURE, True)
    if timeline is not None:
        timeline.add(begun, {"caller": caller, "callee": callee})
    return float(seen - begun) / 1000


def _end(caller: Page, callee: Page) -> None:
    caller.evaluate(_PRESS_WHEN_THERE, _HANG_UP)
    for page in (caller, callee):
        page.wait_for_selector(".call, .incoming", state="detached")


def _interruptions(caller: Page, callee: Page) -> list[Figure]:
    _connect(caller, callee)
    callee.wait_for_selector(".call[data-phase=connected]")
    cut = [callee.evaluate(_CUT) / 1000 for _ in range(_AGAIN)]
    reloaded = [_reload(caller, callee) for _ in range(_AGAIN)]
    _end(caller, callee)
    return [
        *latency_figures("calls", "socket cut to taking part again", cut, "≤ 3,000"),
        *latency_figures("calls", "reload to the first picture of the other", reloaded, "≤ 3,000", "one click"),
    ]


def _media_cuts(caller: Page, callee: Page, path: UdpPath) -> list[Figure]:
    """Media stop; what the pages say to the server goes on."""
    _connect(caller, callee)
    for page in (caller, callee):
        page.wait_for_selector(".call[data-phase=connected]")
    moved = []
    for _ in range(_AGAIN):
        # A page restarts its path at most every five seconds
        caller.wait_for_timeout(_BETWEEN_CUTS_MS)
        moved.append(_change(caller, path.break_for_good, _PICTURE_AFTER_PAUSE))
    tunnels = []
    for _ in range(_AGAIN):
        path.take_down()
        caller.wait_for_selector(".call[data-phase=reconnecting]")
        tunnels.append(_change(caller, path.bring_up, _PICTURE))
    _end(caller, callee)
    return [
        *latency_figures("calls", "media cut, another way to go: to the next picture", moved, "≤ 3,000"),
        *latency_figures("calls", "media back after a cut: to the next picture", tunnels, "≤ 3,000"),
    ]


def _change(page: Page, change: Callable[[], None], picture: str) -> float:
    """Seconds from a change of the network to a picture that arrived by it."""
    begun = page.evaluate("() => performance.timeOrigin + performance.now()")
    change()
    return float(page.evaluate(picture) - begun) / 1000


def _reload(caller: Page, callee: Page) -> float:
    """From the reload to the first picture; the prompt to rejoin is clicked as soon as it is there."""
    begun = callee.evaluate("() => performance.timeOrigin + performance.now()")
    callee.reload()
    callee.evaluate(_PRESS_WHEN_THERE, _REJOIN)
    seen = callee.evaluate(_PICTURE, True)
    caller.wait_for_selector(".call[data-phase=connected]")
    return float(seen - begun) / 1000
