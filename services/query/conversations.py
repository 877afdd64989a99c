"""Queries about conversations and their messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse

from services.chat import queries as chat
from services.chat.model import ConversationView
from services.common.http import CurrentViewer, CursorText, Limit
from services.common.people import People

ConversationId = Annotated[str, Path(max_length=64)]


def conversations_router(people: People) -> APIRouter:
    """``/v1/conversations``: only to members."""
    router = APIRouter(prefix="/v1/conversations", tags=["chat"])

    @router.get("", summary="One's conversations, the latest activity first")
    async def conversations(viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None) -> Response:
        page = chat.list_conversations(viewer.user_id, cursor, limit)
        items = shown(people, page.items)
        return JSONResponse({"items": items, "older": page.older, "newer": page.newer})

    @router.get("/{conversation_id}", summary="A conversation")
    async def conversation(conversation_id: ConversationId, viewer: CurrentViewer) -> Response:
        return JSONResponse(shown(people, [chat.get_conversation(viewer.user_id, conversation_id)])[0])

    @router.get("/{conversation_id}/messages", summary="Messages, the newest first")
    async def messages(
        conversation_id: ConversationId, viewer: CurrentViewer, limit: Limit = 20, cursor: CursorText = None
    ) -> Response:
        page = chat.list_messages(viewer.user_id, conversation_id, cursor, limit)
        items = [message.to_wire() for message in page.items]
        return JSONResponse({"items": items, "older": page.older, "newer": page.newer})

    return router


def shown(people: People, views: Sequence[ConversationView]) -> list[dict[str, Any]]:
    """The API's ``Conversation``; one read for all members."""
    found = people.find({member for view in views for member in view.conversation.member_ids})
    return [view.to_wire(found) for view in views]
