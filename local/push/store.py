"""Virtual browsers with their keys, and the messages that came for them."""

from __future__ import annotations

import base64
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_MESSAGES_KEPT = 200
_SUBSCRIPTIONS_KEPT = 5000


def text_of(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass(frozen=True)
class Message:
    """One push: ``body`` decrypted, or ``None`` with the reason why that failed."""

    id: str
    subscription: str
    at: str
    body: str | None
    headers: dict[str, str]
    subject: str
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass
class Subscription:
    """A virtual browser. ``server_key`` restricts who may push, as ``applicationServerKey`` does."""

    id: str
    origin: str
    server_key: str | None = None
    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    #: Status to answer with instead of taking pushes, for drills.
    refusal: int | None = None

    @property
    def endpoint(self) -> str:
        return f"{self.origin}/push/{self.id}"

    def to_json(self) -> dict[str, Any]:
        """As ``PushSubscription.toJSON()``, with the id beside it."""
        point = self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": text_of(point), "auth": text_of(self.auth)}
        return {"id": self.id, "endpoint": self.endpoint, "keys": keys}

    def decrypt(self, body: bytes) -> str:
        """Raises ``ValueError`` or ``http_ece.ECEException`` when it was not encrypted for this browser."""
        plain: bytes = http_ece.decrypt(body, private_key=self.private_key, auth_secret=self.auth, version="aes128gcm")
        return plain.decode()


class PushStore:
    """Everything the service knows; bounded, the oldest go first."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}
        self.messages: deque[Message] = deque(maxlen=_MESSAGES_KEPT)

    def subscribe(self, origin: str, server_key: str | None) -> Subscription:
        made = Subscription(secrets.token_urlsafe(24), origin, server_key)
        self._subscriptions[made.id] = made
        while len(self._subscriptions) > _SUBSCRIPTIONS_KEPT:
            del self._subscriptions[next(iter(self._subscriptions))]
        return made

    def find(self, subscription_id: str) -> Subscription | None:
        return self._subscriptions.get(subscription_id)

    def unsubscribe(self, subscription_id: str) -> bool:
        return self._subscriptions.pop(subscription_id, None) is not None

    def receive(self, subscription: Subscription, body: bytes, headers: dict[str, str], subject: str) -> Message:
        """Decrypt and keep; a ``Topic`` replaces the waiting message of the same one (RFC 8030, 5.4)."""
        decrypted: str | None = None
        error: str | None = None
        try:
            decrypted = subscription.decrypt(body)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        message = Message(secrets.token_urlsafe(16), subscription.id, at, decrypted, headers, subject, error)
        self.messages.append(message)
        return message

    def of(self, subscription_id: str) -> list[Message]:
        return [message for message in self.messages if message.subscription == subscription_id]

    def __len__(self) -> int:
        return len(self._subscriptions)
