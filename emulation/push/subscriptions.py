"""Subscriptions of browsers: virtual ones, whose keys are stored here, and real ones, which alone can decrypt."""

from __future__ import annotations

import base64
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def text_of(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """The reverse; raises ``ValueError``."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Message:
    """One push: ``body`` decrypted, or ``None``: with ``error`` why not, or because only the browser has the key.

    ``taken_at``: when a real browser said that it has it.
    """

    id: str
    subscription: str
    at: str
    body: str | None
    headers: dict[str, str]
    subject: str
    error: str | None = None
    taken_at: str | None = None

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def time_text() -> str:
    """Now, RFC 3339 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass
class Subscription(ABC):
    """The address of a push. ``server_key`` restricts who may push, as ``applicationServerKey`` does."""

    id: str
    origin: str
    server_key: str | None = None
    #: For drills: a status to answer with instead of taking pushes; how long to think before answering.
    refusal: int | None = None
    delay_seconds: float = 0

    @property
    def endpoint(self) -> str:
        return f"{self.origin}/push/{self.id}"

    @abstractmethod
    def decrypt(self, body: bytes) -> str | None:
        """The text, where the keys are known; raises ``ValueError`` or ``http_ece.ECEException``."""

    @abstractmethod
    def to_row(self) -> dict[str, Any]:
        """The row for ``subscription_of``; settings of drills are not stored."""


@dataclass
class VirtualBrowser(Subscription):
    """Replaces a browser in tests and benches: its pushes can be read."""

    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def to_json(self) -> dict[str, Any]:
        """As ``PushSubscription.toJSON()``, with the id beside it."""
        point = self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": text_of(point), "auth": text_of(self.auth)}
        return {"id": self.id, "endpoint": self.endpoint, "keys": keys}

    def decrypt(self, body: bytes) -> str | None:
        plain: bytes = http_ece.decrypt(body, private_key=self.private_key, auth_secret=self.auth, version="aes128gcm")
        return plain.decode()

    def to_row(self) -> dict[str, Any]:
        scalar = self.private_key.private_numbers().private_value.to_bytes(32, "big")
        return {
            "id": self.id, "origin": self.origin, "server_key": self.server_key,
            "private_key": text_of(scalar), "auth": text_of(self.auth),
        }  # fmt: skip


@dataclass
class RealBrowser(Subscription):
    """One channel of a real browser: ``agent`` is its ``uaid``, ``channel`` its name for the subscription."""

    agent: str = ""
    channel: str = ""

    def decrypt(self, body: bytes) -> str | None:
        return None

    def to_row(self) -> dict[str, Any]:
        return {
            "id": self.id, "origin": self.origin, "server_key": self.server_key,
            "agent": self.agent, "channel": self.channel,
        }  # fmt: skip


def subscription_of(row: dict[str, Any]) -> Subscription:
    """The subscription of a row that ``to_row`` made."""
    if "agent" in row:
        return RealBrowser(**row)
    scalar = int.from_bytes(bytes_of(row.pop("private_key")), "big")
    return VirtualBrowser(
        **{**row, "private_key": ec.derive_private_key(scalar, ec.SECP256R1()), "auth": bytes_of(row["auth"])}
    )
