"""What clients send to chat: bodies of HTTP requests, data of socket actions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.chat.content import TEXT_BYTES_LIMIT
from services.chat.conversation_commands import OutgoingMessage
from services.chat.groups import ADD_LIMIT
from services.chat.link_repository import MAX_HOURS
from services.chat.model import Role
from services.chat.privacy import WhoMayWrite
from services.common.http import Body

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Unique per author: a retry keeps it.")]
#: Longer ones are refused with a count in graphemes by the model; this only bounds what is looked at.
Text = Annotated[str, Field(max_length=TEXT_BYTES_LIMIT)]
Seq = Annotated[int, Field(ge=1, le=10**12 - 1, strict=True)]
ConversationId = Annotated[str, Field(max_length=64)]
UserId = Annotated[str, Field(max_length=64)]
MediaId = Annotated[str, Field(min_length=1, max_length=64)]
Title = Annotated[str, Field(max_length=1000)]


class OpenConversation(Body):
    member_id: UserId


class SendMessage(Body):
    client_message_id: ClientId
    text: Text = ""
    media_ids: Annotated[list[MediaId], Field(max_length=16)] = Field(default_factory=list)
    reply_to: Seq | None = Field(None, description="`seq` of the message that this one answers.")

    def outgoing(self) -> OutgoingMessage:
        return OutgoingMessage(self.client_message_id, self.text, self.media_ids, self.reply_to)


class EditMessage(Body):
    text: Text


class ReactToMessage(Body):
    emoji: Annotated[str, Field(min_length=1, max_length=64)]


class Mark(Body):
    seq: Seq


class CreateGroup(Body):
    client_group_id: ClientId
    title: Title
    user_ids: Annotated[list[UserId], Field(max_length=ADD_LIMIT)] = Field(default_factory=list)
    avatar_media_id: MediaId | None = None


class UpdateGroup(Body):
    title: Title | None = None
    avatar_media_id: MediaId | None = None


class AddMembers(Body):
    user_ids: Annotated[list[UserId], Field(min_length=1, max_length=ADD_LIMIT)]


class GiveRole(Body):
    role: Role


class MakeLink(Body):
    hours: Annotated[int, Field(ge=1, le=MAX_HOURS, strict=True)] = 24 * 7


class Join(Body):
    token: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Answer(Body):
    accept: bool


class Mute(Body):
    hours: Annotated[int, Field(ge=1, le=24 * 365, strict=True)] | None = Field(None, description="None: without end.")


class SaveSettings(Body):
    who_may_write: WhoMayWrite
    receipts: bool
    presence: bool


class ChatSend(SendMessage):
    """Send a message; the ack contains it with its ``seq``."""

    conversation_id: ConversationId


class ChatRead(Mark):
    """Everything up to ``seq`` was read."""

    conversation_id: ConversationId


class ChatDelivered(Mark):
    """Everything up to ``seq`` has arrived on this device."""

    conversation_id: ConversationId


class ChatTyping(Body):
    """Tell the other members that the sender is typing; not stored."""

    conversation_id: ConversationId


class ChatPresence(Body):
    """The sender is present; the ack has the presence of the people in these conversations: ``people`` by user id.
    ``rest`` are the conversations that it left out, to request next."""

    conversation_ids: Annotated[list[ConversationId], Field(max_length=50)] = Field(default_factory=list)
