"""Real time under many open sockets: a chat message from one device to another while others hold theirs open.

``ASYNCSNS_BENCH_SOCKETS`` (default 100; 1000 takes minutes) is how many are opened; they are idle, as most are.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from kit.client import Account, Api, Device, Fleet
from kit.client.fleet import Frame
from kit.client.links import Kind
from loadtests.bench.people import Crowd
from loadtests.bench.processor import processor_seconds, spent
from loadtests.bench.report import Figure, latency_figures, percentile

_SAMPLES = 60
_WARM = 5
_GAP_SECONDS = 0.1
#: One mark of what arrived for so many messages, as clients send it for all of a moment.
_ACKNOWLEDGED = 4
_PATIENCE_SECONDS = 30.0
_SUSTAINED_SECONDS = 10.0
#: Messages of one sender that are on their way at the same time while the rate is measured.
_IN_FLIGHT = 4
_LIMIT_MS = 500.0
_WORTH_NAMING_MS = 0.5


def run(crowd: Crowd) -> list[Figure]:
    """WebSocket at 1, 100, 1,000 … sockets, then its throughput; WebTransport at 1 and 100."""
    figures = _levels(crowd, "websocket", _level_counts(int(os.environ.get("ASYNCSNS_BENCH_SOCKETS", "100"))))
    if crowd.endpoints.document.get("webTransport"):
        figures += _levels(crowd, "webtransport", [1, 100])
    return figures


def _level_counts(most: int) -> list[int]:
    """1, 100, 1,000, and then half as many again each time, up to ``most``."""
    growing = itertools.accumulate(itertools.repeat(1.5), lambda count, factor: count * factor, initial=1000.0)
    beyond = [int(count) for count in itertools.takewhile(lambda count: count < most, growing)]
    return sorted({count for count in (1, 100, *beyond, most) if count <= most})


def _levels(crowd: Crowd, kind: Kind, counts: Iterable[int]) -> list[Figure]:
    sender, receiver, idle = crowd.accounts[0], crowd.accounts[1], crowd.accounts[2]
    figures: list[Figure] = []
    held = 0
    conversation = _conversation(crowd, sender, receiver)
    with Fleet(crowd.endpoints, kind) as fleet:
        for count in counts:
            begun = time.perf_counter()
            missing = count - len(fleet.devices)
            roles = [sender, receiver][len(fleet.devices) :][:missing]
            fleet.open([*roles, *[idle] * (missing - len(roles))])
            opening = time.perf_counter() - begun
            first, last = fleet.devices[0], fleet.devices[min(1, count - 1)]
            seconds = _send_and_receive(first, last, conversation)
            name = f"{kind}: message to the other device, {count:,} open"
            figures += latency_figures("sockets", name, seconds, "< 150" if count == 100 else "")
            figures.append(Figure("sockets", f"{kind}: opened {missing:,}", missing / opening, "sockets/s"))
            if percentile(seconds, 0.95) * 1000 <= _LIMIT_MS:
                held = count
            elif count >= 1000:
                break
        figures.append(Figure("sockets", f"{kind}: held with p95 ≤ 500 ms", held, "sockets", "", "as far as was tried"))
    figures += _sustained(crowd, kind)
    return figures


def _send_and_receive(first: Device, last: Device, conversation: str) -> list[float]:
    """Seconds from the send on ``first`` to the event on ``last`` (which may be the same), one after the other."""
    taken = []
    for number in range(_WARM + _SAMPLES):
        client_id = uuid.uuid4().hex
        begun = time.perf_counter()
        first.send("chat.send", _message(conversation, client_id))
        frame, at = last.wait(lambda frame, mine=client_id: _client_id(frame) == mine, _PATIENCE_SECONDS)  # type: ignore[misc]
        if number >= _WARM:
            taken.append(at - begun)
        last.frames.clear()
        if number % _ACKNOWLEDGED == 0:
            last.send("chat.delivered", {"conversationId": conversation, "seq": frame["data"]["message"]["seq"]})
        time.sleep(_GAP_SECONDS)
    return taken


def _message(conversation: str, client_id: str) -> Frame:
    return {"conversationId": conversation, "clientMessageId": client_id, "text": "こんにちは"}


def _client_id(frame: Frame) -> str | None:
    return str(frame["data"]["message"]["clientMessageId"]) if frame["type"] == "chat.message" else None


@dataclass
class _Pair:
    """A sender with a window of messages in flight to one receiver: each arrival sends the next."""

    conversation: str
    sender: Device
    arrived: set[str] = field(default_factory=set)
    is_over: bool = False

    def send(self) -> None:
        self.sender.send("chat.send", _message(self.conversation, uuid.uuid4().hex))

    def take(self, _: Device, frame: Frame, __: float) -> None:
        client_id = _client_id(frame)
        if client_id is None or client_id in self.arrived or self.is_over:
            return
        self.arrived.add(client_id)
        self.send()


def _sustained(crowd: Crowd, kind: Kind) -> list[Figure]:
    """Messages that arrive per second, four pairs at once, with two devices of each person open; what one costs."""
    accounts = crowd.accounts[:8]
    with Fleet(crowd.endpoints, kind) as fleet:
        pairs = [_pair(crowd, fleet, one, other) for one, other in zip(accounts[::2], accounts[1::2], strict=True)]
        for pair in pairs:
            for _ in range(_IN_FLIGHT):
                pair.send()
        # Warm functions first: what is counted begins when all have something.
        begun = time.monotonic()
        while not all(pair.arrived for pair in pairs) and time.monotonic() - begun < _PATIENCE_SECONDS:
            threading.Event().wait(0.05)
        used = processor_seconds()
        before, begun = sum(len(pair.arrived) for pair in pairs), time.perf_counter()
        threading.Event().wait(_SUSTAINED_SECONDS)
        taken = time.perf_counter() - begun
        arrived = sum(len(pair.arrived) for pair in pairs) - before
        costs = spent(used, processor_seconds())
        for pair in pairs:
            pair.is_over = True
    note = f"{len(pairs)} pairs, {_IN_FLIGHT} on their way each, 4 devices a message"
    rate = Figure("sockets", f"{kind}: messages sustained", arrived / taken, "messages/s", "", note)
    name = f"{kind}: processor time of a message"
    each = [Figure("sockets", f"{name}: {one}", 1000 * value / max(1, arrived), "ms") for one, value in costs.items()]
    whole = Figure("sockets", name, 1000 * sum(costs.values()) / max(1, arrived), "ms")
    return [rate, whole, *(figure for figure in each if figure.value >= _WORTH_NAMING_MS)]


def _conversation(crowd: Crowd, one: Account, other: Account) -> str:
    """A conversation of two; the other follows the first, so that no request has to be accepted."""
    with Api(crowd.endpoints, one) as api, Api(crowd.endpoints, other) as follower:
        follower.put(f"/v1/follows/{one.user_id}")
        return str(api.post("/v1/conversations", {"memberId": other.user_id})["id"])


def _pair(crowd: Crowd, fleet: Fleet, one: Account, other: Account) -> _Pair:
    conversation = _conversation(crowd, one, other)
    sender, _ = fleet.open([one, one])
    pair = _Pair(conversation, sender)
    fleet.open([other], pair.take)
    fleet.open([other])
    return pair
