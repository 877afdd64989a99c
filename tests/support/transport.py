"""A fake frame sender and a fake transport that record what was sent."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from services.realtime.adapter import ConnectionGone, SlowConsumer
from services.realtime.transport import Delivery, Frame, Outcome, TransportDown


class FakeFrameSender:
    """``FrameSender`` whose devices can be gone, slow (until released) or unreachable."""

    def __init__(self) -> None:
        self.sent: dict[str, list[Any]] = defaultdict(list)
        self.gone: set[str] = set()
        self.stuck: set[str] = set()
        self.slow: dict[str, threading.Event] = {}
        self.down = False
        self.disconnected: list[str] = []

    def post(self, device: str, data: bytes) -> None:
        if self.down:
            raise TransportDown("down")
        if device in self.gone:
            raise ConnectionGone(device)
        if device in self.slow:
            self.slow[device].wait(5)
            raise SlowConsumer(device)
        if device in self.stuck:
            raise SlowConsumer(device)
        self.sent[device].append(json.loads(data))

    def disconnect(self, device: str) -> None:
        self.disconnected.append(device)


class FakeTransport:
    """``Transport`` that records deliveries, answers and open connections."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.replies: list[tuple[str, Frame]] = []
        self.online: dict[str, set[str]] = defaultdict(set)
        self.down = False

    def of(self, kind: str) -> list[Delivery]:
        """The deliveries of one frame type."""
        return [one for one in self.deliveries if one.frame["type"] == kind]

    def open(self, user_id: str, device: str) -> None:
        self.online[user_id].add(device)

    def close(self, device: str, user_id: str | None = None) -> None:
        for devices in self.online.values():
            devices.discard(device)

    def end(self, user_id: str) -> int:
        return len(self.online.pop(user_id, set()))

    def send(self, deliveries: Iterable[Delivery]) -> Outcome:
        if self.down:
            raise TransportDown("down")
        new = list(deliveries)
        self.deliveries += new
        return Outcome(delivered=len(new))

    def reply(self, device: str, frame: Frame) -> None:
        self.replies.append((device, frame))

    def seen(self, user_id: str, device: str) -> bool:
        is_new = device not in self.online[user_id]
        self.open(user_id, device)
        return is_new

    def is_open(self, user_id: str, device: str) -> bool:
        return device in self.online[user_id]

    def present(self, user_id: str) -> bool:
        return bool(self.online[user_id])

    def present_among(self, user_ids: Collection[str]) -> set[str]:
        return {user for user in user_ids if self.online[user]}
