"""What people do in chat. HTTP and sockets share these."""

from __future__ import annotations

from collections.abc import Sequence

from services.chat import model
from services.chat.events import typing_frame
from services.chat.model import Conversation, ConversationView, Message
from services.chat.repository import ChatRepository, Draft
from services.common.errors import FieldError, Forbidden, NotFound, Unprocessable
from services.common.people import People
from services.realtime.transport import Delivery, Transport


def open_conversation(
    chat: ChatRepository, people: People, user_id: str, member_id: str
) -> tuple[ConversationView, bool]:
    """The conversation of the two, and whether it is new.

    Raises:
        BadRequest: ``member_id`` is no user id.
        Unprocessable: it is the caller's own.
        NotFound: nobody has this id.
        Forbidden: one of the two blocks the other.
    """
    model.check_partner(user_id, member_id)
    if member_id not in people.find([member_id]):
        raise NotFound("There is no such person.")
    _check_blocks(people, user_id, [member_id])
    conversation, created = chat.open_direct(model.direct_id(user_id, member_id), user_id, member_id)
    membership = chat.membership(conversation.id, user_id)
    return ConversationView(conversation, membership.last_read_seq if membership else 0), created


def send_message(
    chat: ChatRepository, people: People, user_id: str, conversation_id: str, client_message_id: str, text: str
) -> Message:
    """Add a message; sent again with the same client id, the first is returned.

    Raises:
        BadRequest, NotFound, Conflict: see ``check_text`` and ``ChatRepository.append``.
        Forbidden: the conversation is of two, and one of them blocks the other.
    """
    conversation = _mine(chat, user_id, conversation_id)
    if conversation.kind == "direct":
        _check_blocks(people, user_id, conversation.others(user_id))
    message, _ = chat.append(Draft(conversation_id, user_id, client_message_id, model.check_text(text)))
    return message


def mark_read(chat: ChatRepository, user_id: str, conversation_id: str, seq: int) -> None:
    """Everything up to ``seq`` was read; an older mark changes nothing.

    Raises:
        NotFound: no member.
        Unprocessable: there is no message ``seq`` yet.
    """
    conversation = _mine(chat, user_id, conversation_id)
    if seq > conversation.seq:
        fault = FieldError("seq", f"at most {conversation.seq}", str(seq))
        raise Unprocessable("Nobody can have read what was not written.", fault)
    chat.mark_read(conversation_id, user_id, seq)


def typing(chat: ChatRepository, transport: Transport, user_id: str, conversation_id: str) -> None:
    """Tell the other members, now; nothing is kept.

    Raises:
        NotFound: no member.
    """
    conversation = _mine(chat, user_id, conversation_id)
    transport.send([Delivery(conversation.others(user_id), typing_frame(conversation_id, user_id))])


def _check_blocks(people: People, user_id: str, others: Sequence[str]) -> None:
    if people.blocked_between(user_id, others):
        raise Forbidden("You can't write to this person.")


def _mine(chat: ChatRepository, user_id: str, conversation_id: str) -> Conversation:
    model.check_conversation_id(conversation_id)
    conversation = chat.conversation(conversation_id)
    if conversation is None:
        raise model.no_conversation(conversation_id)
    conversation.require_member(user_id)
    return conversation
