"""Who is notified of a message: members who are away, at once; connected members whom it did not reach, later.

A connection that broke without closing counts as open for minutes. Devices report what has arrived (``chat.delivered``,
``chat.read``), so a while after a message was sent, connected members whose marks do not reach it are notified like
members who are away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from services.chat.events import Sent, sent
from services.chat.repository import ChatRepository
from services.common.events import ChatMessageSent, ChatMessageUnreceived
from services.common.lazy_dataclasses import dataclass

PresentAmong = Callable[[Collection[str]], set[str]]


@dataclass(frozen=True)
class PendingDelivery:
    """A message whose arrival at these people's devices is to be checked."""

    conversation_id: str
    seq: int
    user_ids: tuple[str, ...]

    def to_message(self) -> dict[str, Any]:
        return {"conversationId": self.conversation_id, "seq": self.seq, "userIds": list(self.user_ids)}


def parse(body: str) -> PendingDelivery:
    """Raises: ValueError (another shape), so that the message ends in the dead-letter queue."""
    document = json.loads(body)
    try:
        users = tuple(str(user) for user in document["userIds"])
        return PendingDelivery(str(document["conversationId"]), int(document["seq"]), users)
    except (KeyError, TypeError) as error:
        raise ValueError(f"expected {{conversationId, seq, userIds}}, got {body[:200]!r}") from error


def now_or_later(message: Sent, present_among: PresentAmong) -> tuple[ChatMessageSent | None, PendingDelivery | None]:
    """Which notifications go out at once, and which arrivals are checked later."""
    present = present_among(message.recipients) if message.recipients else set()
    at_once, later = message.told_at_once(present), message.asked_later(present)
    event = message.event(ChatMessageSent, at_once) if at_once else None
    return event, PendingDelivery(message.conversation.id, message.message.seq, tuple(later)) if later else None


def undelivered(chat: ChatRepository, pending: PendingDelivery) -> ChatMessageUnreceived | None:
    """The event for members whose marks do not reach the message; ``None`` when it reached all of them, or is deleted.
    Each call gives the same event id."""
    members = chat.memberships(pending.conversation_id, pending.user_ids)
    late = {one.user_id for one in members if max(one.delivered_seq, one.last_read_seq) < pending.seq}
    if not late:
        return None
    member_list, message = chat.member_list(pending.conversation_id), chat.message(pending.conversation_id, pending.seq)
    conversation = chat.heads([pending.conversation_id]).get(pending.conversation_id)
    if member_list is None or message is None or conversation is None or message.deleted:
        return None
    found = sent(conversation, member_list, message)
    recipients = [user for user in found.recipients if user in late]
    return found.event(ChatMessageUnreceived, recipients) if recipients else None
