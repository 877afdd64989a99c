"""Commands of real time itself: issue a ticket, connect with it, deliver frames of the stream."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.common.observability import logger, note
from services.common.tracing import share_of
from services.realtime.model import Ticket, Tickets, looks_like_ticket
from services.realtime.transport import Delivery, FrameTooLarge, Transport, encode


def issue_ticket(tickets: Tickets, user_id: str) -> Ticket:
    """A ticket to connect once, within 30 seconds."""
    ticket = Ticket.issue(user_id)
    tickets.put(ticket)
    return ticket


def admit(tickets: Tickets, secret: object) -> str | None:
    """The user whom the ticket lets in, or ``None``. The ticket is used up."""
    return tickets.take(secret) if looks_like_ticket(secret) and isinstance(secret, str) else None


def fan_out(transport: Transport, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Deliver the frames of a batch of Kinesis records, in their order per device; then end what is to end.

    Returns:
        Sequence numbers of records that are not frames, or too large; the others were delivered.

    Raises:
        TransportDown: the whole batch has to be retried; clients recognise repeated frames by ``eventId``.
    """
    deliveries, ended, failed = [], [], []
    for record in records:
        try:
            document = json.loads(base64.b64decode(record["kinesis"]["data"]))
            if "end" in document:
                ended.append(str(document["end"]))
            else:
                deliveries.append(_delivery(document))
        except (ValueError, KeyError, TypeError) as error:
            logger.error("a record is no frame", extra={"reason": repr(error)[:200]})
            failed.append(str(record["kinesis"]["sequenceNumber"]))
    outcome = transport.send(deliveries)
    note(frames=len(deliveries), ended=sum(transport.end(user) for user in ended), **vars(outcome))
    return failed


def _delivery(document: Mapping[str, Any]) -> Delivery:
    users, frame = document["users"], document["frame"]
    if not isinstance(frame, dict) or not isinstance(users, list) or not all(isinstance(user, str) for user in users):
        raise ValueError("expected {users: [text], frame: object}")
    encode(frame)
    return Delivery(tuple(users), _traced(frame, share_of(str(document.get("trace", "")))))


def _traced(frame: dict[str, Any], header: str) -> dict[str, Any]:
    """The frame with its trace, unless that makes it too large."""
    if not header:
        return frame
    traced = {**frame, "trace": header}
    try:
        encode(traced)
    except FrameTooLarge:
        return frame
    return traced
