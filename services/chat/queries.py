"""What the Query function reads of chat. Every function checks that the reader is a member."""

from __future__ import annotations

from services.chat.model import ConversationView, Message, check_conversation_id, no_conversation
from services.chat.repository import ChatRepository
from services.common.cursors import Page, decode, page_of

_repository = ChatRepository()


def list_conversations(user_id: str, cursor: str | None, limit: int) -> Page[ConversationView]:
    """The inbox: conversations with the latest activity first.

    Raises:
        InvalidCursor: not a cursor of this list.
    """
    at = decode(cursor, "inbox")
    rows = _repository.inbox(user_id, at, limit)
    page = page_of(rows, scope="inbox", cursor=at, limit=limit, key=lambda row: row[0])
    heads = _repository.heads([membership.conversation_id for _, membership in page.items])
    views = [
        ConversationView(heads[membership.conversation_id], membership.last_read_seq)
        for _, membership in page.items
        if membership.conversation_id in heads
    ]
    return Page(views, page.older, page.newer)


def get_conversation(user_id: str, conversation_id: str) -> ConversationView:
    """Raises ``NotFound`` when there is none or the reader is no member."""
    check_conversation_id(conversation_id)
    head = _repository.conversation(conversation_id)
    membership = _repository.membership(conversation_id, user_id) if head else None
    if head is None or membership is None:
        raise no_conversation(conversation_id)
    return ConversationView(head, membership.last_read_seq)


def list_messages(user_id: str, conversation_id: str, cursor: str | None, limit: int) -> Page[Message]:
    """Messages by ``seq``, newest first; ``newer`` resumes after the last that a client has seen.

    Raises:
        NotFound: no such conversation, or the reader is no member.
        InvalidCursor: not a cursor of this list.
    """
    check_conversation_id(conversation_id)
    scope = f"messages/{conversation_id}"
    at = decode(cursor, scope)
    if _repository.membership(conversation_id, user_id) is None:
        raise no_conversation(conversation_id)
    rows = _repository.messages(conversation_id, at, limit)
    page = page_of(rows, scope=scope, cursor=at, limit=limit, key=lambda row: row[0])
    return Page([message for _, message in page.items], page.older, page.newer)
