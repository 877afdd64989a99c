"""The port to send frames to single connections, implemented for API Gateway and a session server."""

from __future__ import annotations

from typing import Protocol


class ConnectionGone(Exception):
    """The connection does not exist, or is closed."""


class SlowConsumer(Exception):
    """The connection exists but does not accept frames."""


class FrameSender(Protocol):
    """Sends a frame to one device, or disconnects it."""

    def post(self, device: str, data: bytes) -> None:
        """Raises ``ConnectionGone``, ``SlowConsumer`` or ``TransportDown``."""

    def disconnect(self, device: str) -> None:
        """End the connection; best effort."""
