"""HTTP and socket routes of chat. Reading is the Query function's: ``services/query/conversations.py``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from pydantic import Field, StringConstraints

from services.chat import content, conversation_commands, group_commands, link_repository, message_commands, model
from services.chat.change_repository import ChangeRepository
from services.chat.conversation_commands import OutgoingMessage, Parts
from services.chat.groups import ADD_LIMIT
from services.chat.member_repository import MemberRepository
from services.chat.privacy import ChatPrivacy, ChatSettings, ChatSettingsRepository, WhoMayWrite
from services.chat.repository import ChatRepository
from services.chat.views import conversation_wire
from services.common.http import Body, CurrentViewer, Router
from services.common.people import Directory
from services.common.signed_urls import granted
from services.common.sockets import SocketActions, SocketRequest
from services.realtime.public import transport

router = Router(prefix="/v1/conversations", tags=["chat"])
settings_router = Router(prefix="/v1/chat", tags=["chat"])
actions = SocketActions()


class _NoMedia:
    """Stands in until the composition root has put the media library in."""

    def ready(self, owner_id: str, media_ids: Any) -> dict[str, Any]:
        return {}

    def picture_url(self, owner_id: str, media_id: str) -> str | None:
        return None


_directory, _settings = Directory(), ChatSettingsRepository()
parts = Parts(
    chat=ChatRepository(),
    members=MemberRepository(), changes=ChangeRepository(), links=link_repository.LinkRepository(),
    settings=_settings, people=_directory, privacy=ChatPrivacy(_settings, _directory), media=_NoMedia(),
)  # fmt: skip

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Unique per author: a retry keeps it.")]
#: Longer ones are refused with a count in graphemes by the model; this only bounds what is looked at.
Text = Annotated[str, Field(max_length=content.TEXT_BYTES_LIMIT)]
Seq = Annotated[int, Field(ge=1, le=10**12 - 1, strict=True)]
PathSeq = Annotated[int, Path(ge=1, le=10**12 - 1)]
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
    role: model.Role


class MakeLink(Body):
    hours: Annotated[int, Field(ge=1, le=link_repository.MAX_HOURS, strict=True)] = 24 * 7


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


def _shown(view: model.ConversationView) -> dict[str, Any]:
    return conversation_wire(view, parts.people.find(view.people()))


@router.post("", status_code=201, summary="Open the conversation with somebody")
async def open_conversation(viewer: CurrentViewer, body: OpenConversation, response: Response) -> dict[str, Any]:
    view, created = conversation_commands.open_conversation(parts, viewer.user_id, body.member_id)
    response.status_code = 201 if created else 200
    return _shown(view)


@router.post("/groups", status_code=201, summary="Make a group")
async def create_group(viewer: CurrentViewer, body: CreateGroup, response: Response) -> dict[str, Any]:
    view, created = group_commands.create_group(
        parts, viewer.user_id, body.client_group_id, body.title, body.user_ids, body.avatar_media_id
    )
    response.status_code = 201 if created else 200
    return _shown(view)


@router.post("/join", status_code=200, summary="Join a group by its link")
async def join(viewer: CurrentViewer, body: Join) -> dict[str, Any]:
    return _shown(group_commands.join(parts, viewer.user_id, body.token))


@router.put("/{conversation_id}", status_code=204, summary="Another title or picture for a group")
async def update_group(viewer: CurrentViewer, conversation_id: str, body: UpdateGroup) -> None:
    group_commands.update_group(parts, viewer.user_id, conversation_id, body.title, body.avatar_media_id)


@router.post("/{conversation_id}/members", status_code=204, summary="Bring people into a group")
async def add_members(viewer: CurrentViewer, conversation_id: str, body: AddMembers) -> None:
    group_commands.add_members(parts, viewer.user_id, conversation_id, body.user_ids)


@router.put("/{conversation_id}/members/{user_id}", status_code=204, summary="Give a member a role")
async def give_role(viewer: CurrentViewer, conversation_id: str, user_id: str, body: GiveRole) -> None:
    group_commands.give_role(parts, viewer.user_id, conversation_id, user_id, body.role)


@router.delete("/{conversation_id}/members/{user_id}", status_code=204, summary="Leave a group, or take somebody out")
async def remove_member(viewer: CurrentViewer, conversation_id: str, user_id: str) -> None:
    group_commands.remove_member(parts, viewer.user_id, conversation_id, user_id)


@router.put("/{conversation_id}/link", summary="A new link to join a group by; the one before ends")
async def make_link(viewer: CurrentViewer, conversation_id: str, body: MakeLink) -> dict[str, Any]:
    return group_commands.make_link(parts, viewer.user_id, conversation_id, body.hours).to_wire()


@router.delete("/{conversation_id}/link", status_code=204, summary="Take the join link back")
async def revoke_link(viewer: CurrentViewer, conversation_id: str) -> None:
    group_commands.revoke_link(parts, viewer.user_id, conversation_id)


@router.put("/{conversation_id}/request", status_code=204, summary="Accept a message request, or decline it")
async def answer_request(viewer: CurrentViewer, conversation_id: str, body: Answer) -> None:
    group_commands.answer_request(parts, viewer.user_id, conversation_id, accept=body.accept)


@router.put("/{conversation_id}/mute", status_code=204, summary="No notifications of this conversation for a while")
async def mute(viewer: CurrentViewer, conversation_id: str, body: Mute) -> None:
    conversation_commands.mute(parts, viewer.user_id, conversation_id, model.muted_until(body.hours))


@router.delete("/{conversation_id}/mute", status_code=204, summary="Notifications again")
async def unmute(viewer: CurrentViewer, conversation_id: str) -> None:
    conversation_commands.mute(parts, viewer.user_id, conversation_id, None)


@router.post("/{conversation_id}/messages", status_code=201, summary="Send a message")
async def send_message(viewer: CurrentViewer, conversation_id: str, body: SendMessage) -> dict[str, Any]:
    return granted(
        conversation_commands.send_message(parts, viewer.user_id, conversation_id, body.outgoing()).to_wire()
    )


@router.put("/{conversation_id}/messages/{seq}", summary="Change the text of one's message, within a day")
async def edit_message(viewer: CurrentViewer, conversation_id: str, seq: PathSeq, body: EditMessage) -> dict[str, Any]:
    return granted(message_commands.edit_message(parts, viewer.user_id, conversation_id, seq, body.text).to_wire())


@router.delete("/{conversation_id}/messages/{seq}", status_code=204, summary="Delete a message for all, or for oneself")
async def delete_message(
    viewer: CurrentViewer,
    conversation_id: str,
    seq: PathSeq,
    scope: Annotated[Literal["all", "me"], Query(alias="for", description="For whom it goes.")] = "all",
) -> None:
    if scope == "me":
        message_commands.delete_for_me(parts, viewer.user_id, conversation_id, seq)
    else:
        message_commands.delete_for_all(parts, viewer.user_id, conversation_id, seq)


@router.put("/{conversation_id}/messages/{seq}/reaction", summary="React with an emoji, in place of the one before")
async def react(viewer: CurrentViewer, conversation_id: str, seq: PathSeq, body: ReactToMessage) -> dict[str, Any]:
    return granted(message_commands.react(parts, viewer.user_id, conversation_id, seq, body.emoji).to_wire())


@router.delete("/{conversation_id}/messages/{seq}/reaction", status_code=204, summary="Take one's reaction back")
async def unreact(viewer: CurrentViewer, conversation_id: str, seq: PathSeq) -> None:
    message_commands.react(parts, viewer.user_id, conversation_id, seq, None)


@router.put("/{conversation_id}/read", status_code=204, summary="Move one's read mark forward")
async def mark_read(viewer: CurrentViewer, conversation_id: str, body: Mark) -> None:
    conversation_commands.mark(parts, viewer.user_id, conversation_id, body.seq, "read")


@router.put("/{conversation_id}/delivered", status_code=204, summary="Move the mark of what has arrived forward")
async def mark_delivered(viewer: CurrentViewer, conversation_id: str, body: Mark) -> None:
    conversation_commands.mark(parts, viewer.user_id, conversation_id, body.seq, "delivered")


@settings_router.put("/settings", summary="Who may write, and what one shows to others")
async def save_settings(viewer: CurrentViewer, body: SaveSettings) -> dict[str, Any]:
    settings = ChatSettings(body.who_may_write, body.receipts, body.presence)
    parts.settings.save(viewer.user_id, settings)
    return settings.to_wire()


class ChatSend(SendMessage):
    """Send a message; the ack holds it with its ``seq``."""

    conversation_id: ConversationId


class ChatRead(Mark):
    """Everything up to ``seq`` was read."""

    conversation_id: ConversationId


class ChatDelivered(Mark):
    """Everything up to ``seq`` has arrived on this device."""

    conversation_id: ConversationId


class ChatTyping(Body):
    """Tell the other members that one is typing; not kept."""

    conversation_id: ConversationId


class ChatPresence(Body):
    """One is there; the ack says the same of those one shares these conversations with: ``people`` by user id. ``rest``
    are conversations that it did not look at, to be asked for next."""

    conversation_ids: Annotated[list[ConversationId], Field(max_length=50)] = Field(default_factory=list)


def _on_send(request: SocketRequest, data: ChatSend) -> dict[str, Any]:
    message = conversation_commands.send_message(parts, request.viewer.user_id, data.conversation_id, data.outgoing())
    return {"message": granted(message.to_wire())}


def _on_read(request: SocketRequest, data: ChatRead) -> None:
    conversation_commands.mark(parts, request.viewer.user_id, data.conversation_id, data.seq, "read")


def _on_delivered(request: SocketRequest, data: ChatDelivered) -> None:
    conversation_commands.mark(parts, request.viewer.user_id, data.conversation_id, data.seq, "delivered")


def _on_typing(request: SocketRequest, data: ChatTyping) -> None:
    conversation_commands.typing(parts, transport(), request.viewer.user_id, data.conversation_id)


def _on_presence(request: SocketRequest, data: ChatPresence) -> dict[str, Any]:
    return conversation_commands.presence(parts, request.viewer.user_id, data.conversation_ids)


actions.on("chat.send", ChatSend, _on_send)
actions.on("chat.read", ChatRead, _on_read)
actions.on("chat.delivered", ChatDelivered, _on_delivered)
actions.on("chat.typing", ChatTyping, _on_typing)
actions.on("chat.presence", ChatPresence, _on_presence)
