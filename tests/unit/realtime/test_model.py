"""Tickets: hard to guess, short-lived, and stored as a hash."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from services.common.clock import now
from services.realtime.model import HANDSHAKE_GRACE, TICKET_LIFETIME, Connection, Ticket, looks_like_ticket, ticket_hash


def test_a_ticket_is_unique_and_valid_for_half_a_minute() -> None:
    before = now()
    ticket, another = Ticket.issue("ann"), Ticket.issue("ann")
    assert ticket.user_id == "ann"
    assert before + TICKET_LIFETIME <= ticket.expires_at <= now() + TICKET_LIFETIME
    assert timedelta(seconds=30) == TICKET_LIFETIME
    assert ticket.secret != another.secret
    # 256 bits, as base64url.
    assert len(ticket.secret) == 43
    assert looks_like_ticket(ticket.secret)


def test_the_table_keeps_a_hash() -> None:
    assert ticket_hash("secret") == hashlib.sha256(b"secret").hexdigest()


@pytest.mark.parametrize(
    ("secret", "looks"), [("x", True), ("x" * 64, True), ("x" * 65, False), ("", False), ("é", False), (b"x", False)]
)
def test_an_invalid_ticket_is_not_looked_up(secret: object, looks: bool) -> None:
    assert looks_like_ticket(secret) is looks


def test_a_connection_is_opening_for_a_moment() -> None:
    connected = now()
    opening = Connection("ann", "d", connected)
    assert opening.is_opening(connected + HANDSHAKE_GRACE - timedelta(milliseconds=1))
    assert not opening.is_opening(connected + HANDSHAKE_GRACE)
