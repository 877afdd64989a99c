"""HTTP and socket routes of chat."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from services.chat import commands, model
from services.chat.repository import ChatRepository
from services.common.http import Body, CurrentViewer
from services.common.people import Directory
from services.common.sockets import SocketActions, SocketRequest
from services.realtime.transport import transport

router = APIRouter(prefix="/v1/conversations", tags=["chat"])
actions = SocketActions()
_chat, _people = ChatRepository(), Directory()

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Unique per author: a retry keeps it.")]
#: Longer ones are refused with a count in graphemes by the model; this only bounds what is looked at.
Text = Annotated[str, Field(min_length=1, max_length=model.TEXT_BYTES_LIMIT)]
Seq = Annotated[int, Field(ge=1, le=10**12 - 1, strict=True)]
ConversationId = Annotated[str, Field(max_length=64)]


class OpenConversation(Body):
    member_id: Annotated[str, Field(max_length=64)]


class SendMessage(Body):
    client_message_id: ClientId
    text: Text


class MarkRead(Body):
    seq: Seq


@router.post("", status_code=201, summary="Open the conversation with somebody")
async def open_conversation(viewer: CurrentViewer, body: OpenConversation, response: Response) -> dict[str, Any]:
    view, created = commands.open_conversation(_chat, _people, viewer.user_id, body.member_id)
    response.status_code = 201 if created else 200
    return view.to_wire(_people.find(view.conversation.member_ids))


@router.post("/{conversation_id}/messages", status_code=201, summary="Send a message")
async def send_message(viewer: CurrentViewer, conversation_id: str, body: SendMessage) -> dict[str, Any]:
    message = commands.send_message(_chat, _people, viewer.user_id, conversation_id, body.client_message_id, body.text)
    return message.to_wire()


@router.put("/{conversation_id}/read", status_code=204, summary="Move one's read mark forward")
async def mark_read(viewer: CurrentViewer, conversation_id: str, body: MarkRead) -> None:
    commands.mark_read(_chat, viewer.user_id, conversation_id, body.seq)


class ChatSend(SendMessage):
    """Send a message; the ack holds it with its ``seq``."""

    conversation_id: ConversationId


class ChatRead(MarkRead):
    """Everything up to ``seq`` was read."""

    conversation_id: ConversationId


class ChatTyping(Body):
    """Tell the other members that one is typing; not kept."""

    conversation_id: ConversationId


def _on_send(request: SocketRequest, data: ChatSend) -> dict[str, Any]:
    user_id = request.viewer.user_id
    message = commands.send_message(_chat, _people, user_id, data.conversation_id, data.client_message_id, data.text)
    return {"message": message.to_wire()}


def _on_read(request: SocketRequest, data: ChatRead) -> None:
    commands.mark_read(_chat, request.viewer.user_id, data.conversation_id, data.seq)


def _on_typing(request: SocketRequest, data: ChatTyping) -> None:
    commands.typing(_chat, transport(), request.viewer.user_id, data.conversation_id)


actions.on("chat.send", ChatSend, _on_send)
actions.on("chat.read", ChatRead, _on_read)
actions.on("chat.typing", ChatTyping, _on_typing)
