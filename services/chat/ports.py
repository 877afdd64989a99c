"""The ports of chat's commands; the handler composes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.chat.change_repository import ChangeRepository
from services.chat.content import MediaLibrary, handles_of
from services.chat.link_repository import LinkRepository
from services.chat.member_repository import MemberRepository
from services.chat.model import Conversation, ConversationView
from services.chat.privacy import ChatPrivacy, ChatSettingsRepository
from services.chat.repository import ChatRepository
from services.common.lazy_dataclasses import dataclass
from services.common.people import People
from services.realtime.public import Transport


@dataclass
class ChatPorts:
    """Repositories, and the other contexts as far as chat needs them."""

    chat: ChatRepository
    members: MemberRepository
    changes: ChangeRepository
    links: LinkRepository
    settings: ChatSettingsRepository
    people: People
    privacy: ChatPrivacy
    media: MediaLibrary
    transport: Callable[[], Transport]

    def view_of(self, user_id: str, conversation_id: str) -> ConversationView:
        """The result of a command on a conversation."""
        head, mine = self.chat.seen_by(conversation_id, user_id)
        return ConversationView(head, mine, self.chat.member_list(conversation_id))

    def mentions_in(self, head: Conversation, text: str, bound: Mapping[str, str]) -> dict[str, str]:
        """handle → user id of the members whom a text mentions. Others' handles stay plain text.

        Args:
            bound: the same for mentions that were resolved when they were written, even if the handle is another
                person's now.
        """
        handles = handles_of(text)
        if not handles:
            return {}
        member_list = self.chat.member_list(head.id)
        unbound = [handle for handle in handles if handle not in bound]
        found = dict(self.people.ids_of_handles(unbound)) if unbound else {}
        found |= {handle: bound[handle] for handle in handles if handle in bound}
        return {handle: user for handle, user in found.items() if member_list and user in member_list.members}
