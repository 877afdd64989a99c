"""Queries about conversations and their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast

from fastapi import Path, Query, Response

from services.chat.public import (
    QUERY_LIMIT,
    ChangedMessages,
    ChatQueries,
    ChatSettingsResource,
    ConversationResource,
    ConversationView,
    FoundMessages,
    HeldLink,
    LinkPreview,
    Message,
    MessagePage,
    MessageResource,
    ReadyMedia,
    conversation_resource,
    join_link_resource,
    message_resource,
    settings_resource,
)
from services.common.http import CurrentViewer, CursorText, Limit, Router
from services.common.people import People, author_of
from services.common.resources import Author, MediaResource, PageResource
from services.common.responses import JSONResponse
from services.common.signed_urls import granted

ConversationId = Annotated[str, Path(max_length=64)]
Seq = Annotated[int | None, Query(ge=1, le=10**12 - 1)]
Words = Annotated[str, Query(min_length=1, max_length=QUERY_LIMIT)]


def conversations_router(chat: ChatQueries, people: People, media: ReadyMedia) -> Router:
    """``/v1/conversations``: only to members."""
    router = Router(prefix="/v1/conversations", tags=["chat"])

    @router.get(
        "",
        summary="Your conversations or message requests, latest activity first",
        response_model=PageResource[ConversationResource],
    )
    async def conversations(
        viewer: CurrentViewer,
        limit: Limit = 20,
        cursor: CursorText = None,
        folder: Annotated[Literal["inbox", "requests"], Query()] = "inbox",
    ) -> Response:
        page = chat.conversations(viewer.user_id, cursor, limit, requests=folder == "requests")
        return JSONResponse({"items": shown(people, page.items), "older": page.older, "newer": page.newer})

    @router.get("/links/{token}", summary="What a join link leads to", response_model=LinkPreview)
    async def link_preview(token: Annotated[str, Path(max_length=64)], viewer: CurrentViewer) -> Response:
        return JSONResponse(chat.preview_of_link(viewer.user_id, token))

    @router.get(
        "/{conversation_id}", summary="A conversation, with everyone in it", response_model=ConversationResource
    )
    async def conversation(conversation_id: ConversationId, viewer: CurrentViewer) -> Response:
        return JSONResponse(shown(people, [chat.conversation(viewer.user_id, conversation_id)])[0])

    @router.get("/{conversation_id}/messages", summary="Messages, newest first", response_model=MessagePage)
    async def messages(
        conversation_id: ConversationId,
        viewer: CurrentViewer,
        limit: Limit = 20,
        cursor: CursorText = None,
        around: Seq = None,
    ) -> Response:
        page = chat.messages(viewer.user_id, conversation_id, cursor, limit, around)
        items = wired(media, page.items)
        named = authors(people, page.items)
        return JSONResponse({"items": items, "people": named, "older": page.older, "newer": page.newer})

    @router.get(
        "/{conversation_id}/changes",
        summary="Messages that changed after a revision, as they are now",
        response_model=ChangedMessages,
    )
    async def changes(
        conversation_id: ConversationId,
        viewer: CurrentViewer,
        after: Annotated[int, Query(ge=0, le=10**12 - 1)] = 0,
        limit: Limit = 50,
    ) -> Response:
        found = chat.changes(viewer.user_id, conversation_id, after, limit)
        return JSONResponse({"items": wired(media, found.messages), "rev": found.rev, "more": found.more})

    @router.get(
        "/{conversation_id}/search",
        summary="Search messages, newest first",
        response_model=FoundMessages,
    )
    async def search(
        conversation_id: ConversationId, viewer: CurrentViewer, q: Words, before: Seq = None, limit: Limit = 20
    ) -> Response:
        found = chat.search(viewer.user_id, conversation_id, q, before, limit)
        named = authors(people, found.messages)
        return JSONResponse({"items": wired(media, found.messages), "people": named, "before": found.before})

    @router.get("/{conversation_id}/link", summary="The join link of a group, for its admins", response_model=HeldLink)
    async def link(conversation_id: ConversationId, viewer: CurrentViewer) -> Response:
        found = chat.link_of(viewer.user_id, conversation_id)
        return JSONResponse({"link": join_link_resource(found) if found else None})

    return router


def chat_settings_router(chat: ChatQueries) -> Router:
    """``/v1/chat``: the viewer's settings."""
    router = Router(prefix="/v1/chat", tags=["chat"])

    @router.get("/settings", summary="Your chat settings", response_model=ChatSettingsResource)
    async def settings(viewer: CurrentViewer) -> Response:
        return JSONResponse(settings_resource(chat.settings_of(viewer.user_id)))

    return router


def shown(people: People, views: Sequence[ConversationView]) -> list[ConversationResource]:
    """The API's ``Conversation``; one read for all members."""
    found = people.find({user for view in views for user in view.people()})
    return [granted(conversation_resource(view, found)) for view in views]


def authors(people: People, messages: Sequence[Message]) -> list[Author]:
    """Everyone named in these messages, including people who have left."""
    wanted = {one.sender_id for one in messages}
    for one in messages:
        wanted |= set((one.system or {}).get("userIds", []))
    found = people.find(wanted)
    return [author_of(found, user) for user in sorted(wanted)]


def wired(media: ReadyMedia, messages: Sequence[Message]) -> list[MessageResource]:
    """The API's ``Message``, with attachments as the media context shows them now."""
    wanted: dict[str, list[str]] = {}
    for one in messages:
        wanted.setdefault(one.sender_id, []).extend(str(item["id"]) for item in one.media)
    now: dict[str, Mapping[str, Any]] = {}
    for owner, ids in wanted.items():
        if ids:
            now |= media.ready(owner, ids)
    items = [message_resource(one) for one in messages]
    for item in items:
        item["media"] = [cast(MediaResource, dict(now.get(one["id"], one))) for one in item["media"]]
    return [granted(item) for item in items]
