"""HTTP routes of chat. Reading is the Query function's: ``services/query/conversations.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

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
from services.chat.views import conversation_resource, join_link_resource, message_resource, settings_resource
from services.common.http import CurrentViewer, Router
from services.common.responses import JSONResponse
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

    @router.put("/settings", summary="Change your chat settings", response_model=ChatSettingsResource)
    async def save_settings(viewer: CurrentViewer, body: SaveSettings) -> Response:
        settings = ChatSettings(body.who_may_write, body.receipts, body.presence)
        commands.save_settings(viewer.user_id, settings)
        return JSONResponse(settings_resource(settings))

    return router


def _shows(commands: ChatCommands) -> Callable[[model.ConversationView], ConversationResource]:
    def shown(view: model.ConversationView) -> ConversationResource:
        return conversation_resource(view, commands.people_in(view))

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
    async def open_conversation(viewer: CurrentViewer, body: OpenConversation) -> Response:
        view, created = conversations.open(viewer.user_id, body.member_id)
        return JSONResponse(shown(view), status_code=201 if created else 200)

    @router.put("/{conversation_id}/request", status_code=204, summary="Accept or decline a message request")
    async def answer_request(viewer: CurrentViewer, conversation_id: str, body: Answer) -> Response:
        groups.answer_request(viewer.user_id, conversation_id, accept=body.accept)
        return Response(status_code=204)

    @router.put("/{conversation_id}/mute", status_code=204, summary="Mute a conversation for a while")
    async def mute(viewer: CurrentViewer, conversation_id: str, body: Mute) -> Response:
        conversations.mute(viewer.user_id, conversation_id, model.muted_until(body.hours))
        return Response(status_code=204)

    @router.delete("/{conversation_id}/mute", status_code=204, summary="Unmute a conversation")
    async def unmute(viewer: CurrentViewer, conversation_id: str) -> Response:
        conversations.mute(viewer.user_id, conversation_id, None)
        return Response(status_code=204)

    @router.post(
        "/{conversation_id}/messages", status_code=201, summary="Send a message", response_model=MessageResource
    )
    async def send_message(viewer: CurrentViewer, conversation_id: str, body: SendMessage) -> Response:
        sent = conversations.send(viewer.user_id, conversation_id, body.outgoing())
        return JSONResponse(granted(message_resource(sent)), status_code=201)

    @router.put("/{conversation_id}/read", status_code=204, summary="Mark messages as read")
    async def mark_read(viewer: CurrentViewer, conversation_id: str, body: Mark) -> Response:
        conversations.mark(viewer.user_id, conversation_id, body.seq, "read")
        return Response(status_code=204)

    @router.put("/{conversation_id}/delivered", status_code=204, summary="Mark messages as delivered")
    async def mark_delivered(viewer: CurrentViewer, conversation_id: str, body: Mark) -> Response:
        conversations.mark(viewer.user_id, conversation_id, body.seq, "delivered")
        return Response(status_code=204)


def _add_group_routes(router: Router, commands: ChatCommands) -> None:
    groups, shown = commands.groups, _shows(commands)

    @router.post(
        "/groups",
        status_code=201,
        summary="Create a group",
        response_model=ConversationResource,
        responses={200: {"model": ConversationResource}},
    )
    async def create_group(viewer: CurrentViewer, body: CreateGroup) -> Response:
        view, created = groups.create(
            viewer.user_id, body.client_group_id, body.title, body.user_ids, body.avatar_media_id
        )
        return JSONResponse(shown(view), status_code=201 if created else 200)

    @router.post("/join", status_code=200, summary="Join a group by its link", response_model=ConversationResource)
    async def join(viewer: CurrentViewer, body: Join) -> Response:
        return JSONResponse(shown(groups.join(viewer.user_id, body.token)))

    @router.put("/{conversation_id}", status_code=204, summary="Change the title or picture of a group")
    async def update_group(viewer: CurrentViewer, conversation_id: str, body: UpdateGroup) -> Response:
        groups.update(viewer.user_id, conversation_id, body.title, body.avatar_media_id)
        return Response(status_code=204)

    @router.post("/{conversation_id}/members", status_code=204, summary="Add people to a group")
    async def add_members(viewer: CurrentViewer, conversation_id: str, body: AddMembers) -> Response:
        groups.add_members(viewer.user_id, conversation_id, body.user_ids)
        return Response(status_code=204)

    @router.put("/{conversation_id}/members/{user_id}", status_code=204, summary="Change the role of a member")
    async def give_role(viewer: CurrentViewer, conversation_id: str, user_id: str, body: GiveRole) -> Response:
        groups.give_role(viewer.user_id, conversation_id, user_id, body.role)
        return Response(status_code=204)

    @router.delete("/{conversation_id}/members/{user_id}", status_code=204, summary="Leave a group, or remove a member")
    async def remove_member(viewer: CurrentViewer, conversation_id: str, user_id: str) -> Response:
        groups.remove_member(viewer.user_id, conversation_id, user_id)
        return Response(status_code=204)

    @router.put(
        "/{conversation_id}/link",
        summary="Create a join link, which replaces the previous one",
        response_model=JoinLinkResource,
    )
    async def make_link(viewer: CurrentViewer, conversation_id: str, body: MakeLink) -> Response:
        return JSONResponse(join_link_resource(groups.make_link(viewer.user_id, conversation_id, body.hours)))

    @router.delete("/{conversation_id}/link", status_code=204, summary="Revoke the join link")
    async def revoke_link(viewer: CurrentViewer, conversation_id: str) -> Response:
        groups.revoke_link(viewer.user_id, conversation_id)
        return Response(status_code=204)


def _add_message_routes(router: Router, messages: MessageCommands) -> None:
    @router.put(
        "/{conversation_id}/messages/{seq}",
        summary="Edit your message, within a day",
        response_model=MessageResource,
    )
    async def edit_message(viewer: CurrentViewer, conversation_id: str, seq: PathSeq, body: EditMessage) -> Response:
        edited = messages.edit(viewer.user_id, conversation_id, seq, body.text)
        return JSONResponse(granted(message_resource(edited)))

    @router.delete(
        "/{conversation_id}/messages/{seq}", status_code=204, summary="Delete a message for everyone, or only for you"
    )
    async def delete_message(
        viewer: CurrentViewer,
        conversation_id: str,
        seq: PathSeq,
        scope: Annotated[Literal["all", "me"], Query(alias="for", description="For whom it goes.")] = "all",
    ) -> Response:
        if scope == "me":
            messages.delete_for_me(viewer.user_id, conversation_id, seq)
        else:
            messages.delete_for_all(viewer.user_id, conversation_id, seq)
        return Response(status_code=204)

    @router.put(
        "/{conversation_id}/messages/{seq}/reaction",
        summary="React with an emoji, replacing your previous reaction",
        response_model=MessageResource,
    )
    async def react(viewer: CurrentViewer, conversation_id: str, seq: PathSeq, body: ReactToMessage) -> Response:
        message = messages.react(viewer.user_id, conversation_id, seq, body.emoji)
        return JSONResponse(granted(message_resource(message)))

    @router.delete("/{conversation_id}/messages/{seq}/reaction", status_code=204, summary="Remove your reaction")
    async def unreact(viewer: CurrentViewer, conversation_id: str, seq: PathSeq) -> Response:
        messages.react(viewer.user_id, conversation_id, seq, None)
        return Response(status_code=204)
