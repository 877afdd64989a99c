"""Breaks down a join of a group call: the steps of the page that joins, from the click to pictures of all others."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from playwright.sync_api import Page

from loadtests.bench.report import Figure

#: Notes each time that a step happens, by the machine's clock: frames of the socket, requests to the media server, and
#: the connections. A track is unmuted by the first packet that arrives for it.
MARK_ROOM = """() => {
  window.steps = {};
  const step = (name) => { (window.steps[name] ??= []).push(performance.timeOrigin + performance.now()); };
  const media = navigator.mediaDevices;
  const open = media?.getUserMedia.bind(media);
  if (media) media.getUserMedia = async (wanted) => {
    step('asks for devices');
    const stream = await open(wanted);
    step('devices are open');
    return stream;
  };
  const asked = new Map();
  const hear = ({ data }) => {
    const { id, type, data: content } = JSON.parse(data);
    if (asked.has(id)) step(`answer to ${asked.get(id)}`);
    else if (type === 'room.signal') step(`hears ${content.description?.type ?? 'candidates'}`);
  };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    const { action, id, data } = JSON.parse(text);
    if (action === 'room.join') asked.set(id, action);
    if (action === 'room.join') step('sends room.join');
    if (action === 'room.signal') step(`sends ${data.description?.type ?? 'candidates'}`);
    if (!this.isStepped) this.addEventListener('message', hear);
    this.isStepped = true;
    return send.call(this, text);
  };
  const ask = window.fetch;
  window.fetch = async (url, request) => {
    const [, kind] = String(url).match(/\\/(whip|whep|sessions)\\//) ?? [];
    const name = kind && `${request?.method} ${kind}`;
    if (name) step(`sends ${name}`);
    const answer = await ask(url, request);
    if (name) step(`answer to ${name}: ${answer.status}`);
    return answer;
  };
  const watch = (peer) => {
    step('makes a connection');
    peer.addEventListener('iceconnectionstatechange', () => step(`path ${peer.iceConnectionState}`));
    peer.addEventListener('connectionstatechange', () => step(`connection ${peer.connectionState}`));
    peer.addEventListener('track', ({ track }) => {
      if (track.kind !== 'video') return;
      track.addEventListener('unmute', () => step('packets of a picture'));
      const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
      reader.read().then(({ value }) => {
        if (value) step('picture of one');
        value?.close();
        return reader.cancel();
      });
    });
  };
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (kind, args) => { const made = new kind(...args); watch(made); return made; },
  });
}"""
FORGET = "() => { window.steps = {}; }"

#: Milliseconds from the click at which a step happened first and last, by its name.
Steps = Mapping[str, tuple[float, float]]


def read(page: Page, clicked: float) -> Steps:
    """``clicked``: milliseconds of the machine's clock."""
    steps: Mapping[str, Sequence[float]] = page.evaluate("() => window.steps")
    return {name: (min(times) - clicked, max(times) - clicked) for name, times in steps.items()}


def figures(name: str, joins: Sequence[Steps]) -> list[Figure]:
    """The steps of most joins in order of time: when the first and the last one happened (p50), and in the join whose
    last step came latest."""
    slowest = max(joins, key=lambda steps: max(last for _, last in steps.values()))
    found = []
    for step in {step for steps in joins for step in steps}:
        times = [steps[step] for steps in joins if step in steps]
        if 2 * len(times) <= len(joins):
            continue
        first, last = (statistics.median(column) for column in zip(*times, strict=True))
        note = f"p50 of {len(times)}; last {last:,.0f}"
        if step in slowest:
            note += "; slowest join: {:,.0f}, {:,.0f}".format(*slowest[step])
        found.append(Figure("rooms", f"… {name} {step}", first, "ms", note=note))
    return sorted(found, key=lambda figure: figure.value)
