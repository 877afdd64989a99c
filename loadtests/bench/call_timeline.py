"""Breaks down the setup time of a call: the steps of both pages from the click to the first picture."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping

from playwright.sync_api import Page

from loadtests.bench.report import Figure

#: Notes when things happen first, by the machine's clock: what is sent and heard by the socket, what the devices and
#: the peer connection do, and when the first picture leaves the decoder.
MARK = """() => {
  window.marks = {};
  window.mark = (name) => { window.marks[name] ??= performance.timeOrigin + performance.now(); };
  const media = navigator.mediaDevices;
  const open = media?.getUserMedia.bind(media);
  if (media) media.getUserMedia = async (wanted) => {
    mark('asks for devices');
    const stream = await open(wanted);
    mark('devices are open');
    return stream;
  };
  const describe = (way, type, data) => {
    if (type !== 'call.signal' && type.startsWith('call.')) mark(`${way} ${type}`);
    if (data?.offer) mark(`${way} offer`);
    if (data?.description) mark(`${way} ${data.description.type}`);
    if (data?.candidates) mark(`${way} candidates`);
  };
  const asked = new Map();
  const hear = ({ data }) => {
    const { type, id, data: content } = JSON.parse(data);
    if (asked.has(id)) mark(`${type} to ${asked.get(id)}`);
    else describe('hears', type, content);
  };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    const { action, id, data } = JSON.parse(text);
    if (['call.start', 'call.accept'].includes(action)) asked.set(id, action);
    describe('sends', action, data);
    if (!this.isMarked) this.addEventListener('message', hear);
    this.isMarked = true;
    return send.call(this, text);
  };
  const watch = (peer) => {
    mark('makes its connection');
    peer.addEventListener('iceconnectionstatechange', () => mark(`path ${peer.iceConnectionState}`));
    peer.addEventListener('connectionstatechange', () => mark(`connection ${peer.connectionState}`));
    peer.addEventListener('track', ({ track }) => {
      if (track.kind !== 'video') return;
      const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
      reader.read().then(({ value }) => {
        if (value) mark('first picture');
        value?.close();
        return reader.cancel();
      });
    });
  };
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (kind, args) => { const made = new kind(...args); watch(made); return made; },
  });
}"""


class Timeline:
    """Collects the marks of many calls."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._calls = 0

    def add(self, clicked: float, pages: Mapping[str, Page]) -> None:
        """``clicked``: milliseconds of the machine's clock; ``pages``: by the name of their party."""
        self._calls += 1
        for party, page in pages.items():
            for name, at in page.evaluate("() => window.marks").items():
                self._seconds[party, name].append((at - clicked) / 1000)

    def figures(self) -> list[Figure]:
        """Medians, in order of time, of the steps that most calls have before both see the first picture."""
        usual = {key: values for key, values in self._seconds.items() if 2 * len(values) > self._calls}
        middle = {key: statistics.median(values) * 1000 for key, values in usual.items()}
        return [
            Figure("calls", f"… {party} {name}", middle[party, name], "ms", note=f"p50 of {len(values)}")
            for (party, name), values in sorted(usual.items(), key=lambda entry: middle[entry[0]])
        ]
