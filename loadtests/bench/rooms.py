"""Group calls between pages of Chromium with fake devices: a mesh of three and of four, and five by the media server.

All pages run in one browser on this machine, which encodes and decodes for all of them: its share of the processor is
that of the whole call, and divided by the number of people that of one page.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from kit import sfu, system
from kit.browsers import headless_chromium
from kit.client import Api
from kit.settings import Settings
from loadtests.bench import room_timeline
from loadtests.bench.calls import FLAGS, open_page, sign_in
from loadtests.bench.live import janus_seconds
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures

#: How often one leaves and joins again in each call.
_JOINS = int(os.environ.get("ASYNCSNS_BENCH_ROOMS", "10"))
_SECONDS = 15
_MESHES, _THROUGH_SFU = (3, 4), 5
_START, _JOIN, _LEAVE = "button[aria-label='Group video call']", ".room-banner button", ".room .is-hangup"
#: The machine's clock in milliseconds when pictures of ``others`` pages are decoded on connections made from now on.
_PICTURES = """async (others) => {
  const decoded = async (one) =>
    [...(await one.getStats()).values()].some((row) => row.type === 'inbound-rtp' && row.framesDecoded > 0);
  const begun = performance.now();
  for (;;) {
    const open = window.peers.filter(({ connectionState }) => connectionState === 'connected');
    const seen = (await Promise.all(open.map(decoded))).filter(Boolean).length;
    if (seen >= others) return performance.timeOrigin + performance.now();
    if (performance.now() - begun > 90_000) throw new Error(`pictures of ${seen} instead of ${others} in 90 seconds`);
    await new Promise((later) => setTimeout(later, 20));
  }
}"""
#: Bytes of media sent and received so far, and pictures decoded, by all connections of a page.
_TRAFFIC = """async () => {
  const found = { sent: 0, received: 0, pictures: 0 };
  for (const one of window.peers.filter(({ connectionState }) => connectionState === 'connected'))
    for (const row of (await one.getStats()).values()) {
      if (row.type === 'outbound-rtp') found.sent += row.bytesSent;
      if (row.type === 'inbound-rtp') found.received += row.bytesReceived;
      if (row.type === 'inbound-rtp') found.pictures += row.framesDecoded ?? 0;
    }
  return found;
}"""
_PRESS = """(selector) => {
  window.peers = [];
  document.querySelector(selector).click();
  return performance.timeOrigin + performance.now();
}"""


def run(crowd: Crowd) -> list[Figure]:
    """Five by the media server only where the network has one (``make up SFU=yes``)."""
    path = headless_chromium()
    if path is None:
        raise SystemExit("expected chromium on PATH (Debian and Ubuntu: apt-get install chromium)")
    sizes = [*_MESHES]
    if crowd.endpoints.document.get("sfu"):
        sizes.append(_THROUGH_SFU)
    else:
        print("  left out: this network has no media server (make up SFU=yes)")
    figures = []
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=[*FLAGS]) as browser:
        for people in sizes:
            with _call(browser, crowd, people) as pages:
                figures += _measure(pages, f"{'SFU' if people > max(_MESHES) else 'mesh'} of {people}")
    return figures


@contextmanager
def _call(browser: Browser, crowd: Crowd, people: int) -> Iterator[list[Page]]:
    """The pages of a video call of a new group, all of which show pictures of all others."""
    group = _group(crowd, people)
    pages = [open_page(browser, crowd.endpoints) for _ in range(people)]
    pages[-1].add_init_script(f"({room_timeline.MARK_ROOM})()")
    for page, account in zip(pages, crowd.accounts, strict=False):
        sign_in(page, crowd.endpoints, account, f"/messages/{group}")
        page.wait_for_selector(_START)
    first, *others = pages
    first.evaluate(_PRESS, _START)
    for page in others:
        page.wait_for_selector(_JOIN)
        page.evaluate(_PRESS, _JOIN)
    for page in pages:
        page.evaluate(_PICTURES, people - 1)
    yield pages
    for page in pages:
        page.evaluate(_PRESS, _LEAVE)
        page.wait_for_selector(".room", state="detached")
        page.context.close()


def _group(crowd: Crowd, people: int) -> str:
    """A new group of the first people of the crowd; they follow each other, so nobody has to accept."""
    accounts = crowd.accounts[:people]
    for account in accounts:
        with Api(crowd.endpoints, account) as api:
            for other in accounts:
                if other is not account:
                    api.put(f"/v1/follows/{other.user_id}")
    with Api(crowd.endpoints, accounts[0]) as api:
        users = [one.user_id for one in accounts[1:]]
        body = {"clientGroupId": uuid.uuid4().hex, "title": f"Bench of {people}", "userIds": users}
        return str(api.post("/v1/conversations/groups", body)["id"])


def _measure(pages: Sequence[Page], name: str) -> list[Figure]:
    traffic = [page.evaluate(_TRAFFIC) for page in pages]
    used, janus, since = _browser_seconds(), janus_seconds(), time.monotonic()
    pages[0].wait_for_timeout(_SECONDS * 1000)
    lasted, used, janus = time.monotonic() - since, _browser_seconds() - used, janus_seconds() - janus
    after = [page.evaluate(_TRAFFIC) for page in pages]

    def rate(what: str) -> float:
        """Of one page, in a second."""
        return float(sum(b[what] - a[what] for a, b in zip(traffic, after, strict=True))) / lasted / len(pages)

    load = f"{len(pages)} pages, {lasted:.0f} s, load {os.getloadavg()[0]:.1f}"
    figures = [
        Figure("rooms", f"{name}: Chromium's share of a processor", used / lasted * 100, "%", note=load),
        Figure("rooms", f"{name}: of one page", used / lasted * 100 / len(pages), "%", note=load),
        Figure("rooms", f"{name}: sent by a page", rate("sent") * 8 / 1000, "kbit/s"),
        Figure("rooms", f"{name}: received by a page", rate("received") * 8 / 1000, "kbit/s"),
        Figure("rooms", f"{name}: pictures decoded by a page", rate("pictures"), "/s"),
    ]
    if sfu.is_wanted(Settings.load()):
        figures.append(Figure("rooms", f"{name}: Janus's share of a processor", janus / lasted * 100, "%"))
    joins = [_join(pages) for _ in range(_JOINS)]
    firsts, alls, steps = zip(*joins, strict=True)
    return [
        *figures,
        *latency_figures("rooms", f"{name}: join to first picture", firsts),
        *latency_figures("rooms", f"{name}: join to pictures of all", alls),
        *room_timeline.figures(name, steps),
    ]


def _join(pages: Sequence[Page]) -> tuple[float, float, room_timeline.Steps]:
    """The last one leaves and joins: seconds from the click to the first picture of another, and to those of all; and
    the steps between."""
    last = pages[-1]
    last.evaluate(_PRESS, _LEAVE)
    last.wait_for_selector(".room", state="detached")
    # Before the server knows that it has left, the button says that the call is moved here.
    last.wait_for_selector(f"{_JOIN}:text-is('Join')")
    last.evaluate(room_timeline.FORGET)
    begun = last.evaluate(_PRESS, _JOIN)
    first = last.evaluate(_PICTURES, 1)
    seen = last.evaluate(_PICTURES, len(pages) - 1)
    return (first - begun) / 1000, (seen - begun) / 1000, room_timeline.read(last, begun)


def _browser_seconds() -> float:
    """Processor time so far of the processes that this one started, which are those of the browser."""
    parents, ours = {row.pid: row.parent for row in system.rows()}, set()
    for pid in parents:
        above = pid
        while above not in (0, os.getpid()) and above in parents:
            above = parents[above]
        if above == os.getpid() and pid != above and "chrom" in (system.command_of(pid) or [""])[0]:
            ours.add(pid)
    return sum(system.processor_seconds(ours).values())
