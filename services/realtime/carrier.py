"""What the transport needs of whatever holds the connections."""

from __future__ import annotations

from typing import Protocol


class Gone(Exception):
    """The connection does not exist (any more)."""


class Stuck(Exception):
    """The connection exists but does not take frames."""


class Carrier(Protocol):
    """Brings a frame to one device."""

    def post(self, device: str, data: bytes) -> None:
        """Raises ``Gone``, ``Stuck`` or ``TransportDown``."""

    def cut(self, device: str) -> None:
        """End the connection; best effort."""
