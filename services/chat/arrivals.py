"""Who seems to be connected and yet has not received a message.

A connection that broke without a goodbye counts as one for minutes. Devices say what has arrived (``chat.delivered``,
``chat.read``); so a while after a message was sent, whoever's marks do not reach it is told as those who are away.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from services.chat.events import about_message, recipients_of
from services.chat.model import Message
from services.chat.repository import ChatRepository
from services.common import queues
from services.common.events import DomainEvent


@dataclass(frozen=True)
class Awaited:
    """A message whose arrival is asked for."""

    conversation_id: str
    seq: int


def ask_later(queue_url: str, message: Message) -> None:
    """Put the question on the queue; the delay is the queue's own."""
    queues.send(queue_url, {"conversationId": message.conversation_id, "seq": message.seq})


def parse(body: str) -> Awaited:
    """Raises: ValueError (another shape), so that the message ends in the dead-letter queue."""
    document = json.loads(body)
    try:
        return Awaited(str(document["conversationId"]), int(document["seq"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"expected {{conversationId, seq}}, got {body[:200]!r}") from error


def unreceived(chat: ChatRepository, awaited: Awaited) -> DomainEvent | None:
    """The event for those who are still in the conversation and whose marks do not reach the message; ``None`` when
    it reached all, or is deleted. Asking again gives the same event id."""
    roster, message = chat.roster(awaited.conversation_id), chat.message(awaited.conversation_id, awaited.seq)
    if roster is None or message is None or message.deleted:
        return None
    members = chat.memberships(awaited.conversation_id, recipients_of(roster, message))
    late = [one.user_id for one in members if max(one.delivered_seq, one.last_read_seq) < awaited.seq]
    conversation = chat.heads([awaited.conversation_id]).get(awaited.conversation_id) if late else None
    if conversation is None:
        return None
    return about_message("chat.message_unreceived", conversation, roster, message, late)
