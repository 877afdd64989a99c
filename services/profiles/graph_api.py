"""HTTP commands between people: ``/v1/follows``, ``/v1/follow-requests``, ``/v1/blocks`` and ``/v1/mutes``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from services.common.http import Body, CurrentViewer, Router
from services.common.ids import ULID_PATTERN
from services.common.responses import JSONResponse
from services.profiles.api import UserId
from services.profiles.graph_commands import GraphCommands
from services.profiles.resources import FollowState, MutedWordResource, muted_word_resource

#: viewer, the other person
OnPerson = Callable[[str, str], None]
PostId = Annotated[str, Path(pattern=ULID_PATTERN, description="Any post of the thread.")]
WordId = Annotated[str, Path(pattern=ULID_PATTERN, description="A ULID of the client's making.")]
ExpiresAt = Annotated[str | None, Field(max_length=64, description="RFC 3339; without it, forever.")]


class MutePerson(Body):
    """For how long."""

    expires_at: ExpiresAt = None


class MuteWord(Body):
    """Matched regardless of case and width; as a whole word in scripts that put spaces between words."""

    word: str = Field(max_length=2000)
    expires_at: ExpiresAt = None


def graph_router(commands: GraphCommands) -> Router:
    """The routes of the profile function that deal with two people."""
    router = Router(prefix="/v1")
    _person_routes(router, commands)
    _mute_routes(router, commands)
    return router


def _person_routes(router: Router, commands: GraphCommands) -> None:
    @router.put(
        "/follows/{user_id}",
        status_code=204,
        summary="Follow someone, or ask to follow",
        responses={202: {"model": FollowState}},
        tags=["profiles"],
    )
    async def follow(user_id: UserId, viewer: CurrentViewer) -> Response:
        if commands.follow(viewer.user_id, user_id):
            return JSONResponse({"requested": True}, status_code=202)
        return Response(status_code=204)

    people = Router(prefix="/v1", tags=["profiles"])
    _delete(people, "/follows", commands.unfollow, "Unfollow someone")
    _put(people, "/follow-requests", commands.accept, "Accept a follow request")
    _delete(people, "/follow-requests", commands.decline, "Decline a follow request")
    _put(people, "/blocks", commands.block, "Block someone")
    _delete(people, "/blocks", commands.unblock, "Unblock someone")
    router.routes += people.routes


def _put(router: Router, path: str, act: OnPerson, summary: str) -> None:
    router.put(f"{path}/{{user_id}}", status_code=204, summary=summary)(_bare(act))


def _delete(router: Router, path: str, act: OnPerson, summary: str) -> None:
    router.delete(f"{path}/{{user_id}}", status_code=204, summary=summary)(_bare(act))


def _bare(act: OnPerson) -> Callable[..., Awaitable[Response]]:
    """The route of a command that takes nothing but the viewer and the other person, and gives nothing."""

    async def route(user_id: UserId, viewer: CurrentViewer) -> Response:
        act(viewer.user_id, user_id)
        return Response(status_code=204)

    return route


def _mute_routes(router: Router, commands: GraphCommands) -> None:
    @router.put("/mutes/users/{user_id}", status_code=204, summary="Mute someone", tags=["profiles"])
    async def mute_person(user_id: UserId, body: MutePerson, viewer: CurrentViewer) -> Response:
        commands.mute_person(viewer.user_id, user_id, body.expires_at)
        return Response(status_code=204)

    @router.delete("/mutes/users/{user_id}", status_code=204, summary="Unmute someone", tags=["profiles"])
    async def unmute_person(user_id: UserId, viewer: CurrentViewer) -> Response:
        commands.unmute_person(viewer.user_id, user_id)
        return Response(status_code=204)

    @router.put("/mutes/threads/{post_id}", status_code=204, summary="Mute a thread", tags=["posts"])
    async def mute_thread(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.mute_thread(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.delete("/mutes/threads/{post_id}", status_code=204, summary="Unmute a thread", tags=["posts"])
    async def unmute_thread(post_id: PostId, viewer: CurrentViewer) -> Response:
        commands.unmute_thread(viewer.user_id, post_id)
        return Response(status_code=204)

    @router.put("/mutes/words/{word_id}", summary="Mute a word", tags=["profiles"], response_model=MutedWordResource)
    async def mute_word(word_id: WordId, body: MuteWord, viewer: CurrentViewer) -> Response:
        return JSONResponse(
            muted_word_resource(commands.mute_word(viewer.user_id, word_id, body.word, body.expires_at))
        )

    @router.delete("/mutes/words/{word_id}", status_code=204, summary="Remove a muted word", tags=["profiles"])
    async def unmute_word(word_id: WordId, viewer: CurrentViewer) -> Response:
        commands.unmute(viewer.user_id, "words", word_id)
        return Response(status_code=204)
