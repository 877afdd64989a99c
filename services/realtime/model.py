"""Connections and tickets, and the rules on them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from services.common.clock import now
from services.common.lazy_dataclasses import dataclass

#: API Gateway ends a WebSocket connection after two hours at the latest; the item outlives it by a little.
CONNECTION_LIFETIME = timedelta(hours=2, minutes=10)
#: Between ``$connect`` and the end of the handshake API Gateway answers 410 for a connection that is about to open.
HANDSHAKE_GRACE = timedelta(seconds=10)
TICKET_LIFETIME = timedelta(seconds=30)
_TICKET_BYTES = 32
_TICKET_LIMIT = 64


@dataclass(frozen=True)
class Connection:
    """One open device of one user."""

    user_id: str
    device: str
    connected_at: datetime

    def is_opening(self, moment: datetime) -> bool:
        """Whether its handshake may still be in progress, so that "gone" may be temporary."""
        return moment - self.connected_at < HANDSHAKE_GRACE


@dataclass(frozen=True)
class Ticket:
    """Lets its bearer connect once as ``user_id`` until ``expires_at``. Only the hash of ``secret`` is stored."""

    secret: str
    user_id: str
    expires_at: datetime

    @classmethod
    def issue(cls, user_id: str) -> Ticket:
        return cls(secrets.token_urlsafe(_TICKET_BYTES), user_id, now() + TICKET_LIFETIME)


def ticket_hash(secret: str) -> str:
    """SHA-256 in hex, which the table stores instead of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def looks_like_ticket(secret: object) -> bool:
    """Cheap check before the table is read."""
    return isinstance(secret, str) and 0 < len(secret) <= _TICKET_LIMIT and secret.isascii()


class Connections(Protocol):
    """The registry of connected users and their devices.

    ``tests/contract/realtime/test_registry.py`` holds for all of them.

    A connection counts for ``CONNECTION_LIFETIME`` from when it was added, whether it was removed by then or not.
    """

    def add(self, connection: Connection) -> None:
        """Idempotent, except for the lifetime."""

    def remove(self, device: str, user_id: str | None = None) -> None:
        """Forget a device; best effort where the user is not known."""

    def restore(self, connection: Connection) -> bool:
        """Add the connection if it is not there; whether it had to be added."""

    def of_users(self, user_ids: Collection[str]) -> dict[str, list[Connection]]:
        """All connections of each of the users named, read after every acknowledged ``add``; each is a key."""

    def present(self, user_ids: Collection[str]) -> set[str]:
        """Users with a connection. May be a second old."""


class Tickets(Protocol):
    """Tickets that were issued and not yet used."""

    def put(self, ticket: Ticket) -> None: ...

    def take(self, secret: str) -> str | None:
        """The ticket's user, exactly once and only before it expires or is void; else ``None``."""

    def void(self, user_id: str, moment: datetime) -> None:
        """Void this user's tickets issued up to ``moment``."""
