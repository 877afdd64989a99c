"""What follows from a change in the chat table: frames for members, a domain event for those who may be away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.chat.model import Conversation, Membership, preview_of
from services.common import events
from services.common.ids import derived_id, new_id
from services.common.outbox import Outgoing, frame


@dataclass(frozen=True)
class Effects:
    """What to do because of one change, in this order: devices first. ``raises`` goes to the top of inboxes."""

    frames: list[Outgoing] = field(default_factory=list)
    raises: Conversation | None = None
    domain_events: list[events.DomainEvent] = field(default_factory=list)


def of_message(conversation: Conversation) -> Effects:
    """The newest message, for every device of every member, the sender's others included."""
    message = conversation.last_message
    if message is None:
        return Effects()
    shown = frame("chat.message", derived_id("chat.message", message.id), {"message": message.to_wire()}, message.at)
    sent = events.event(
        "chat.message_sent",
        cause=message.id,
        actor=message.sender_id,
        at=message.at,
        data={
            "conversationId": conversation.id,
            "conversationKind": conversation.kind,
            "title": None,
            "messageId": message.id,
            "seq": message.seq,
            "senderId": message.sender_id,
            "recipientIds": conversation.others(message.sender_id),
            "mentionIds": [],
            "requestIds": [],
            "preview": preview_of(message.text),
        },
    )
    return Effects([Outgoing(conversation.id, conversation.member_ids, shown)], conversation, [sent])


def of_read(conversation: Conversation, membership: Membership) -> Effects:
    """A read mark, for all members: the others' receipts, the reader's own badge on other devices."""
    data = {"conversationId": conversation.id, "userId": membership.user_id, "seq": membership.last_read_seq}
    event_id = derived_id("chat.read", conversation.id, membership.user_id, str(membership.last_read_seq))
    return Effects([Outgoing(conversation.id, conversation.member_ids, frame("chat.read", event_id, data))])


def typing_frame(conversation_id: str, user_id: str) -> dict[str, Any]:
    return frame("chat.typing", new_id(), {"conversationId": conversation_id, "userId": user_id})
