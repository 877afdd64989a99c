"""What other contexts may use of chat."""

from __future__ import annotations

from collections.abc import Mapping

from services.chat.content import ReadyMedia
from services.chat.link_repository import LinkRepository
from services.chat.model import ConversationView, Message, check_conversation_id, direct_id, no_conversation
from services.chat.personal_data import personal_data
from services.chat.privacy import ChatPrivacy, ChatSettingsRepository
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
from services.common.clock import now
from services.common.errors import Unprocessable
from services.common.lazy_dataclasses import dataclass
from services.common.people import SocialGraph

__all__ = [
    "QUERY_LIMIT",
    "ChangedMessages",
    "ChatQueries",
    "ChatRecords",
    "ChatSettingsResource",
    "ConversationResource",
    "ConversationView",
    "FirstContact",
    "FoundMessages",
    "GroupRoster",
    "Groups",
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


def chat_queries(table: str, graph: SocialGraph) -> ChatQueries:
    settings = ChatSettingsRepository(table)
    return ChatQueries(ChatRepository(table), LinkRepository(table), settings, ChatPrivacy(settings, graph))


@dataclass(frozen=True)
class GroupRoster:
    """A group's title and its members who accepted: user id → whether they muted the conversation."""

    title: str | None
    members: Mapping[str, bool]


class Groups:
    """Members of groups, for other contexts."""

    def __init__(self, table_chat: str) -> None:
        self._chat = ChatRepository(table_chat)

    def of_group(self, conversation_id: str, user_id: str) -> GroupRoster:
        """Strongly consistent.

        Raises:
            NotFound: the group does not exist, or ``user_id`` is no accepted member.
            Unprocessable: it is a conversation of two.
        """
        check_conversation_id(conversation_id)
        found = self._chat.member_list(conversation_id)
        if found is None or user_id not in found.active():
            raise no_conversation(conversation_id)
        head = self._chat.conversation(conversation_id)
        if head is None or head.kind != "group":
            raise Unprocessable("This conversation is not a group: call the other person instead.")
        moment = now()
        return GroupRoster(head.title, {one: found.members[one].is_muted(moment) for one in found.active()})


class FirstContact:
    """The rules on first messages, for contexts with other ways to reach people."""

    def __init__(self, table_chat: str, graph: SocialGraph) -> None:
        self._chat, self._settings, self._graph = ChatRepository(table_chat), ChatSettingsRepository(table_chat), graph

    def may_reach(self, user_id: str, other_id: str) -> bool:
        """Whether the other has accepted or started a conversation with this person, or accepts first messages from
        them. A declined request stays declined. Blocks are not checked."""
        members = self._chat.member_list(direct_id(user_id, other_id))
        state = members.members[other_id].state if members else "request"
        if state != "request":
            return state == "active"
        chosen = self._settings.settings_of([other_id])[other_id]
        return chosen.takes_first_message(follows=False) or (
            chosen.takes_first_message(follows=True) and self._graph.relations([other_id], user_id)[other_id].follows
        )


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
