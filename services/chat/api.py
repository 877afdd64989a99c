"""HTTP routes of chat. Reading is the Query function's: ``services/query/conversations.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response

from services.chat import model
from services.chat.bodies import (
    AddMembers,
    Answer,
    CreateGroup,
    EditMessage,
    GiveRole,
    Join,
    MakeLink,
    Mark,
    Mute,
    OpenConversation,
    ReactToMessage,
    SaveSettings,
    SendMessage,
    UpdateGroup,
)
from services.chat.commands import ChatCommands
from services.chat.message_commands import MessageCommands
from services.chat.privacy import ChatSettings
from services.chat.resources import ChatSettingsResource, ConversationResource, JoinLinkResource, MessageResource
from services.chat.views import conversation_wire
from services.common.http import CurrentViewer, Router
from services.common.signed_urls import granted

PathSeq = Annotated[int, Path(ge=1, le=10**12 - 1)]


def build_router(commands: ChatCommands) -> Router:
    """``/v1/conversations``."""
    router = Router(prefix="/v1/conversations", tags=["chat"])
    # First: ``/groups`` and ``/join`` are no ids of conversations.
    _add_group_routes(router, commands)
    _add_conversation_routes(router, commands)
    _add_message_routes(router, commands.messages)
    return router


def build_settings_router(commands: ChatCommands) -> Router:
    """``/v1/chat``."""
    router = Router(prefix="/v1/chat", tags=["chat"])

    @router.put("/settings", summary="Who may write, and what one shows to others", response_model=ChatSettingsResource)
    async def save_settings(viewer: CurrentViewer, body: SaveSettings) -> dict[str, Any]:
        settings = ChatSettings(body.who_may_write, body.receipts, body.presence)
        commands.save_settings(viewer.user_id, settings)
        return settings.to_wire()

    return router


def _shows(commands: ChatCommands) -> Callable[[model.ConversationView], dict[str, Any]]:
    def shown(view: model.ConversationView) -> dict[str, Any]:
        return conversation_wire(view, commands.people_in(view))

    return shown


def _add_conversation_routes(router: Router, commands: ChatCommands) -> None:
    conversations, groups, shown = commands.conversations, commands.groups, _shows(commands)

    @router.post(
        "",
        status_code=201,
        summary="Open the conversation with somebody",
        response_model=ConversationResource,
        responses={200: {"model": ConversationResource}},
    )
    async def open_conversation(viewer: CurrentViewer, body: OpenConversation, response: Response) -> dict[str, Any]:
        view, created = conversations.open(viewer.user_id, body.member_id)
        response.status_code = 201 if created else 200
        return shown(view)

    @router.put("/{conversation_id}/request", status_code=204, summary="Accept a message request, or decline it")
    async def answer_request(viewer: CurrentViewer, conversation_id: str, body: Answer) -> None:
        groups.answer_request(viewer.user_id, conversation_id, accept=body.accept)

    @router.put("/{conversation_id}/mute", status_code=204, summary="No notifications of this conversation for a while")
    async def mute(viewer: CurrentViewer, conversation_id: str, body: Mute) -> None:
        conversations.mute(viewer.user_id, conversation_id, model.muted_until(body.hours))

    @router.delete("/{conversation_id}/mute", status_code=204, summary="Notifications again")
    async def unmute(viewer: CurrentViewer, conversation_id: str) -> None:
        conversations.mute(viewer.user_id, conversation_id, None)

    @router.post(
        "/{conversation_id}/messages", status_code=201, summary="Send a message", response_model=MessageResource
    )
    async def send_message(viewer: CurrentViewer, conversation_id: str, body: SendMessage) -> dict[str, Any]:
        return granted(conversations.send(viewer.user_id, conversation_id, body.outgoing()).to_wire())

    @router.put("/{conversation_id}/read", status_code=204, summary="Move one's read mark forward")
    async def mark_read(viewer: CurrentViewer, conversation_id: str, body: Mark) -> None:
        conversations.mark(viewer.user_id, conversation_id, body.seq, "read")

    @router.put("/{conversation_id}/delivered", status_code=204, summary="Move the mark of what has arrived forward")
    async def mark_delivered(viewer: CurrentViewer, conversation_id: str, body: Mark) -> None:
        conversations.mark(viewer.user_id, conversation_id, body.seq, "delivered")


def _add_group_routes(router: Router, commands: ChatCommands) -> None:
    groups, shown = commands.groups, _shows(commands)

    @router.post(
        "/groups",
        status_code=201,
        summary="Make a group",
        response_model=ConversationResource,
        responses={200: {"model": ConversationResource}},
    )
    async def create_group(viewer: CurrentViewer, body: CreateGroup, response: Response) -> dict[str, Any]:
        view, created = groups.create(
            viewer.user_id, body.client_group_id, body.title, body.user_ids, body.avatar_media_id
        )
        response.status_code = 201 if created else 200
        return shown(view)

    @router.post("/join", status_code=200, summary="Join a group by its link", response_model=ConversationResource)
    async def join(viewer: CurrentViewer, body: Join) -> dict[str, Any]:
        return shown(groups.join(viewer.user_id, body.token))

    @router.put("/{conversation_id}", status_code=204, summary="Another title or picture for a group")
    async def update_group(viewer: CurrentViewer, conversation_id: str, body: UpdateGroup) -> None:
        groups.update(viewer.user_id, conversation_id, body.title, body.avatar_media_id)

    @router.post("/{conversation_id}/members", status_code=204, summary="Bring people into a group")
    async def add_members(viewer: CurrentViewer, conversation_id: str, body: AddMembers) -> None:
        groups.add_members(viewer.user_id, conversation_id, body.user_ids)

    @router.put("/{conversation_id}/members/{user_id}", status_code=204, summary="Give a member a role")
    async def give_role(viewer: CurrentViewer, conversation_id: str, user_id: str, body: GiveRole) -> None:
        groups.give_role(viewer.user_id, conversation_id, user_id, body.role)

    @router.delete(
        "/{conversation_id}/members/{user_id}", status_code=204, summary="Leave a group, or take somebody out"
    )
    async def remove_member(viewer: CurrentViewer, conversation_id: str, user_id: str) -> None:
        groups.remove_member(viewer.user_id, conversation_id, user_id)

    @router.put(
        "/{conversation_id}/link",
        summary="A new link to join a group by; the one before ends",
        response_model=JoinLinkResource,
    )
    async def make_link(viewer: CurrentViewer, conversation_id: str, body: MakeLink) -> dict[str, Any]:
        return groups.make_link(viewer.user_id, conversation_id, body.hours).to_wire()

    @router.delete("/{conversation_id}/link", status_code=204, summary="Take the join link back")
    async def revoke_link(viewer: CurrentViewer, conversation_id: str) -> None:
        groups.revoke_link(viewer.user_id, conversation_id)


def _add_message_routes(router: Router, messages: MessageCommands) -> None:
    @router.put(
        "/{conversation_id}/messages/{seq}",
        summary="Change the text of one's message, within a day",
        response_model=MessageResource,
    )
    async def edit_message(
        viewer: CurrentViewer, conversation_id: str, seq: PathSeq, body: EditMessage
    ) -> dict[str, Any]:
        return granted(messages.edit(viewer.user_id, conversation_id, seq, body.text).to_wire())

    @router.delete(
        "/{conversation_id}/messages/{seq}", status_code=204, summary="Delete a message for all, or for oneself"
    )
    async def delete_message(
        viewer: CurrentViewer,
        conversation_id: str,
        seq: PathSeq,
        scope: Annotated[Literal["all", "me"], Query(alias="for", description="For whom it goes.")] = "all",
    ) -> None:
        if scope == "me":
            messages.delete_for_me(viewer.user_id, conversation_id, seq)
        else:
            messages.delete_for_all(viewer.user_id, conversation_id, seq)

    @router.put(
        "/{conversation_id}/messages/{seq}/reaction",
        summary="React with an emoji, in place of the one before",
        response_model=MessageResource,
    )
    async def react(viewer: CurrentViewer, conversation_id: str, seq: PathSeq, body: ReactToMessage) -> dict[str, Any]:
        return granted(messages.react(viewer.user_id, conversation_id, seq, body.emoji).to_wire())

    @router.delete("/{conversation_id}/messages/{seq}/reaction", status_code=204, summary="Take one's reaction back")
    async def unreact(viewer: CurrentViewer, conversation_id: str, seq: PathSeq) -> None:
        messages.react(viewer.user_id, conversation_id, seq, None)
