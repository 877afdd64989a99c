"""The port of real time for other contexts, independent of the sender of frames.

A ``device`` is an opaque name of one open connection. Two adapters send frames, API Gateway's WebSocket API and
WebTransport; only they know connection ids.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from services.common.lazy_dataclasses import dataclass

#: API Gateway closes a connection (1009) that gets a larger frame; browsers can't split messages into frames.
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
MAX_FRAME_BYTES = 32 * 1024

Frame = Mapping[str, Any]


@dataclass(frozen=True)
class Delivery:
    """``frame`` for every device of ``users``, except the device ``leave_out``; or for the device ``only`` of them."""

    users: Sequence[str]
    frame: Frame
    leave_out: str | None = None
    only: str | None = None

    def is_for(self, user: str, device: str) -> bool:
        return user in self.users and device != self.leave_out and self.only in (None, device)


@dataclass(frozen=True)
class Outcome:
    """How many frames were delivered, how many devices were found gone, how many were disconnected as too slow."""

    delivered: int = 0
    gone: int = 0
    disconnected: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.delivered + other.delivered, self.gone + other.gone, self.disconnected + other.disconnected)


class Transport(Protocol):
    """Opens, closes, sends, answers, and reads who is connected.

    Guarantee of ``send``: each device gets the frames of one call in their order, as long as it takes them. A device
    that is too slow is disconnected: it reconnects and resumes from its last frame. It never delays others.
    """

    def open(self, user_id: str, device: str) -> None:
        """Register a device that has just connected."""

    def close(self, device: str, user_id: str | None = None) -> None:
        """Forget a device; best effort, idempotent. If its user is known, publishes the domain event
        ``device.left``."""

    def end(self, user_id: str) -> int:
        """Disconnect all devices of a user; returns how many. One that connects meanwhile stays."""

    def send(self, deliveries: Iterable[Delivery]) -> Outcome:
        """Deliver frames to all devices of the users named.

        Raises:
            FrameTooLarge: a frame exceeds ``MAX_FRAME_BYTES`` as UTF-8 JSON; nothing was sent.
            TransportDown: API Gateway or the session server can't be reached or refuses everything; some frames may
                have been delivered.
        """

    def reply(self, device: str, frame: Frame) -> None:
        """Answer the device that sent a frame. Never raises: a client whose answer is lost asks again."""

    def seen(self, user_id: str, device: str) -> bool:
        """Record that a device is open; returns whether it had been forgotten, so that it may have missed frames."""

    def is_open(self, user_id: str, device: str) -> bool:
        """Whether this device of the user is open, as far as that is known; read after every acknowledged ``open``."""

    def present(self, user_id: str) -> bool:
        """Whether the user has at least one open device."""

    def present_among(self, user_ids: Collection[str]) -> set[str]:
        """The users with at least one open device, in one read.

        May be a second old. The caller has to check who may know of whom.
        """


class FrameTooLarge(ValueError):
    """A frame is larger than ``MAX_FRAME_BYTES``."""


class TransportDown(RuntimeError):
    """API Gateway or the session server can't be reached or refuses everything; worth another try later."""


def encode(frame: Frame) -> bytes:
    """UTF-8 JSON without spaces.

    Raises:
        FrameTooLarge: more than ``MAX_FRAME_BYTES``.
    """
    data = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
    if len(data) > MAX_FRAME_BYTES:
        raise FrameTooLarge(f"expected a frame of at most {MAX_FRAME_BYTES} bytes, got {len(data)}")
    return data
