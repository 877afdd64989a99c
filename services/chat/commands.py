"""The commands of chat, by what they are about. HTTP and sockets share them."""

from __future__ import annotations

from services.chat.conversation_commands import ConversationCommands
from services.chat.group_commands import GroupCommands
from services.chat.message_commands import MessageCommands
from services.chat.model import ConversationView
from services.chat.ports import ChatPorts
from services.chat.privacy import ChatSettings
from services.common.lazy_dataclasses import dataclass
from services.common.people import Person


@dataclass(frozen=True)
class ChatCommands:
    """All commands of chat, over the same ports."""

    ports: ChatPorts

    def save_settings(self, user_id: str, settings: ChatSettings) -> None:
        self.ports.settings.save(user_id, settings)

    def people_in(self, view: ConversationView) -> dict[str, Person]:
        """The people of a conversation, by id."""
        return self.ports.people.find(view.people())

    @property
    def conversations(self) -> ConversationCommands:
        return ConversationCommands(self.ports)

    @property
    def groups(self) -> GroupCommands:
        return GroupCommands(self.ports)

    @property
    def messages(self) -> MessageCommands:
        return MessageCommands(self.ports)
