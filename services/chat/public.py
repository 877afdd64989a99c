"""What other contexts may use of chat."""

from __future__ import annotations

from services.chat.content import ReadyMedia
from services.chat.link_repository import LinkRepository
from services.chat.model import ConversationView, Message
from services.chat.personal_data import personal_data
from services.chat.privacy import ChatSettingsRepository
from services.chat.queries import QUERY_LIMIT, ChatQueries
from services.chat.repository import ChatRepository
from services.chat.resources import (
    ChangedMessages,
    ChatSettingsResource,
    ConversationResource,
    FoundMessages,
    HeldLink,
    LinkPreview,
    MessagePage,
    MessageResource,
)
from services.chat.views import conversation_resource, join_link_resource, message_resource, settings_resource

__all__ = [
    "QUERY_LIMIT",
    "ChangedMessages",
    "ChatQueries",
    "ChatRecords",
    "ChatSettingsResource",
    "ConversationResource",
    "ConversationView",
    "FoundMessages",
    "HeldLink",
    "LinkPreview",
    "Message",
    "MessagePage",
    "MessageResource",
    "ReadyMedia",
    "chat_queries",
    "conversation_resource",
    "join_link_resource",
    "message_resource",
    "personal_data",
    "settings_resource",
]


def chat_queries(table: str) -> ChatQueries:
    return ChatQueries(ChatRepository(table), LinkRepository(table), ChatSettingsRepository(table))


class ChatRecords:
    """Single reads for contexts that keep ids of messages and groups."""

    def __init__(self, table_chat: str) -> None:
        self._chat = ChatRepository(table_chat)

    def message_seen_by(self, viewer_id: str | None, conversation_id: str, seq: int) -> Message | None:
        """A message that somebody wrote and that is not deleted, if ``viewer_id`` sees it; ``None`` sees everything."""
        message = self._chat.message(conversation_id, seq)
        if message is None or message.system or message.deleted:
            return None
        if viewer_id is not None:
            membership = self._chat.membership(conversation_id, viewer_id)
            if membership is None or message.seq < membership.since:
                return None
        return message

    def shows_media(self, conversation_id: str, seq: int, media_id: str) -> bool:
        """Whether this message has this attachment now."""
        message = self._chat.message(conversation_id, seq)
        return message is not None and any(one["id"] == media_id for one in message.media)

    def picture_of(self, conversation_id: str) -> str | None:
        """Media id of a group's picture now."""
        return self._chat.picture_of(conversation_id)
