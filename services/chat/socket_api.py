"""Socket actions of chat."""

from __future__ import annotations

from services.chat.bodies import ChatDelivered, ChatPresence, ChatRead, ChatSend, ChatTyping
from services.chat.commands import ChatCommands
from services.chat.resources import ChatMessageEvent, PresenceAnswer
from services.chat.views import message_resource, presence_resource
from services.common.signed_urls import granted
from services.common.sockets import SocketActions, SocketRequest


def build_actions(commands: ChatCommands) -> SocketActions:
    """``chat.*``."""
    actions = SocketActions()
    conversations = commands.conversations

    def send(request: SocketRequest, data: ChatSend) -> ChatMessageEvent:
        message = conversations.send(request.viewer.user_id, data.conversation_id, data.outgoing())
        return {"message": granted(message_resource(message))}

    def read(request: SocketRequest, data: ChatRead) -> None:
        conversations.mark(request.viewer.user_id, data.conversation_id, data.seq, "read")

    def delivered(request: SocketRequest, data: ChatDelivered) -> None:
        conversations.mark(request.viewer.user_id, data.conversation_id, data.seq, "delivered")

    def typing(request: SocketRequest, data: ChatTyping) -> None:
        conversations.typing(request.viewer.user_id, data.conversation_id)

    def presence(request: SocketRequest, data: ChatPresence) -> PresenceAnswer:
        return presence_resource(conversations.presence(request.viewer.user_id, data.conversation_ids))

    actions.on("chat.send", ChatSend, send)
    actions.on("chat.read", ChatRead, read)
    actions.on("chat.delivered", ChatDelivered, delivered)
    actions.on("chat.typing", ChatTyping, typing)
    actions.on("chat.presence", ChatPresence, presence)
    return actions
