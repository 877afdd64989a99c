"""Connections and tickets, and the rules on them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.common.clock import now

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
        """Whether its handshake may still be under way, so that "gone" is no news."""
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
    """SHA-256 in hex: what the table keeps in place of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def looks_like_ticket(secret: object) -> bool:
    """Cheap check before the table is asked."""
    return isinstance(secret, str) and 0 < len(secret) <= _TICKET_LIMIT and secret.isascii()


class Connections(Protocol):
    """Who is connected by which device. The DynamoDB table is one; a Redis registry fits the same shape."""

    def add(self, connection: Connection) -> None: ...

    def remove(self, device: str, user_id: str | None = None) -> None: ...

    def of_user(self, user_id: str) -> list[Connection]: ...


class Tickets(Protocol):
    """Tickets that were issued and not yet used."""

    def put(self, ticket: Ticket) -> None: ...

    def take(self, secret: str) -> str | None:
        """The user that the ticket was for, exactly once and only before it expires; else ``None``."""
