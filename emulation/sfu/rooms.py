"""Current publishers and viewers: one handle of Janus each, in rooms that exist while somebody is in them."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulation.sfu.janus import Janus, JanusError
from emulation.sfu.tokens import Denied, Token

_log = logging.getLogger("sfu")
#: How long a viewer waits for a publisher who is about to begin.
_WAIT_SECONDS = 8
_LOOK_SECONDS = 1
#: The app asks every five seconds.
_HELD_SECONDS = 60
#: Of one publisher. Chromium takes up to 2.5 Mbit/s for 1080p; a room of many would fill a laptop's processor.
_BITRATE = 1_200_000
_PUBLISHERS = 64
#: Codes of the plugin (``janus_videoroom.c``).
_ROOM_EXISTS, _NO_SUCH_ROOM, _NO_SUCH_FEED = 427, 426, 428


class NotPublished(Exception):
    """There is no publisher of this name now."""


class Unavailable(Exception):
    """Janus does not respond, or refuses this session description."""


@dataclass
class Session:
    """One publisher or viewer. ``feed``: the name under which it publishes, or that it watches."""

    room: str
    page: str
    feed: str
    publishes: bool
    handle: int = 0
    #: Of a publisher: kind of media → whether it arrives; nothing before the connection stands.
    arriving: dict[str, bool] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))


class Rooms:
    """``secret``: Janus requires it for changes of a room."""

    def __init__(self, janus: Callable[[], Janus], secret: str, clock: Callable[[], float] = time.time) -> None:
        self._janus, self._secret, self._clock = janus, secret, clock
        self._sessions: dict[str, Session] = {}
        #: Until when what a page opened may stay.
        self._leases: dict[tuple[str, str], float] = {}
        #: Until when the app holds a room open.
        self._held: dict[str, float] = {}
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def counts(self) -> dict[str, int]:
        """How many publish, and how many watch."""
        publishers = sum(one.publishes for one in self._sessions.values())
        return {"publishers": publishers, "viewers": len(self._sessions) - publishers}

    def renew(self, token: Token) -> None:
        """Extend the sessions of this page until its newest token expires.

        Raises:
            Denied: the app does not hold the room open, as this token asks for.
        """
        if token.held and self._held.get(token.room, 0) <= self._clock():
            raise Denied("the room is not open: the broadcast is over")
        key = (token.room, token.page)
        self._leases[key] = max(token.expires, self._leases.get(key, 0))

    def hold(self, token: Token, room: str) -> bool:
        """Keep a room open until ``_HELD_SECONDS`` from now; returns whether anybody's media arrive in it.

        Raises:
            Denied: not the app's token for this room.
        """
        _check_app(token, room)
        self._held[room] = self._clock() + _HELD_SECONDS
        publishers = (one for one in self._sessions.values() if one.publishes and one.room == room)
        return any(any(one.arriving.values()) for one in publishers)

    async def end(self, token: Token, room: str) -> None:
        """End all sessions of a room; tokens that require an open room are refused from then on. Raises: Denied."""
        _check_app(token, room)
        self._held.pop(room, None)
        await self._close_all(room)

    async def _close_all(self, room: str) -> None:
        for one in [one for one in self._sessions.values() if one.room == room]:
            await self.close(one.id)

    async def publish(self, token: Token, room: str, feed: str, offer: str) -> tuple[Session, str]:
        """Start publishing, in place of this page's earlier session.

        Returns:
            The session, and Janus's answer.

        Raises:
            Denied: the token is for another room, or does not allow to publish under this name.
            Unavailable: see there.
        """
        self._admit(token, room)
        if token.feed != feed:
            raise Denied("the token does not allow to publish under this name")
        mine = [one for one in self._sessions.values() if one.publishes and (one.room, one.feed) == (room, feed)]
        for before in mine:
            await self.close(before.id)
        session = await self._open(Session(room, token.page, feed, publishes=True))
        body = {"request": "joinandconfigure", "ptype": "publisher", "room": room, "id": feed, "bitrate": _BITRATE}
        try:
            await self._create(session)
            _, answer = await self._janus().request(session.handle, body, {"type": "offer", "sdp": offer})
        except BaseException as error:
            await self.close(session.id)
            raise Unavailable(str(error)) from None if isinstance(error, JanusError) else error
        return session, answer

    async def watch(self, token: Token, room: str, feed: str) -> tuple[Session, str]:
        """Begin to watch somebody.

        Returns:
            The session, and Janus's offer; pass the viewer's answer to ``answer``.

        Raises:
            Denied: the token is of another room.
            NotPublished: there is no publisher of this name, also after a wait.
            Unavailable: see there.
        """
        self._admit(token, room)
        deadline = self._clock() + _WAIT_SECONDS
        session = await self._open(Session(room, token.page, feed, publishes=False))
        try:
            while True:
                try:
                    return session, await self._subscribe(session)
                except JanusError as error:
                    if error.code not in (_NO_SUCH_ROOM, _NO_SUCH_FEED):
                        raise Unavailable(str(error)) from None
                await self._wait_for_change(deadline - self._clock())
        except BaseException:
            await self.close(session.id)
            raise

    async def _subscribe(self, session: Session) -> str:
        body = {"request": "join", "ptype": "subscriber", "room": session.room, "streams": [{"feed": session.feed}]}
        _, offer = await self._janus().request(session.handle, body)
        return offer

    async def _wait_for_change(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0)), self._changed:
                await self._changed.wait()
        except TimeoutError:
            raise NotPublished("there is no publisher of this name") from None

    async def answer(self, session_id: str, answer: str) -> None:
        """A viewer's answer to the offer.

        Raises:
            KeyError: the session does not exist.
            Unavailable: see there.
        """
        handle = self._sessions[session_id].handle
        try:
            await self._janus().request(handle, {"request": "start"}, {"type": "answer", "sdp": answer})
        except JanusError as error:
            raise Unavailable(str(error)) from None

    async def close(self, session_id: str) -> None:
        """Ends a session; one that is over is no error. The last one of a room takes the room with it."""
        session = self._sessions.pop(session_id, None)
        if session is None:
            return
        if not any(one.room == session.room for one in self._sessions.values()):
            await self._destroy(session)
        await self._janus().detach(session.handle)

    def forget(self) -> None:
        """Forget all sessions, because Janus is gone."""
        self._sessions.clear()

    async def sweep(self) -> None:
        """End sessions whose token has expired, in a loop until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            moment = self._clock()
            for room in [room for room, until in self._held.items() if until <= moment]:
                del self._held[room]
                self._later(self._close_all(room))
            for key in [key for key, until in self._leases.items() if until <= moment]:
                del self._leases[key]
                for one in [one for one in self._sessions.values() if (one.room, one.page) == key]:
                    # Each by itself: one that fails keeps no other one open.
                    self._later(self.close(one.id))

    def _admit(self, token: Token, room: str) -> None:
        if token.room != room:
            raise Denied("the token is of another room")
        self.renew(token)

    async def _open(self, session: Session) -> Session:
        try:
            session.handle = await self._janus().attach(lambda message: self._hear(session, message))
        except JanusError as error:
            raise Unavailable(str(error)) from None
        self._sessions[session.id] = session
        return session

    def _hear(self, session: Session, message: Mapping[str, Any]) -> None:
        """A publisher whose media flow, which lets viewers in; a peer that hung up or vanished (no more DTLS or ICE); a
        viewer whose publisher has stopped."""
        kind = message.get("janus")
        if kind == "webrtcup" and session.publishes:
            session.arriving["connection"] = True
            self._later(self._tell_waiting())
        if kind == "media":
            # From now on the kinds of media say it.
            session.arriving.pop("connection", None)
            session.arriving[str(message.get("type"))] = bool(message.get("receiving"))
        data = message.get("plugindata", {}).get("data", {})
        streams = data.get("streams", ())
        has_stopped = data.get("videoroom") == "updated" and not any(one.get("active") for one in streams)
        if kind in ("hangup", "detached") or (has_stopped and not session.publishes):
            self._later(self.close(session.id))

    def _later(self, act: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(act)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_waiting(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _create(self, session: Session) -> None:
        body = {"request": "create", "room": session.room, "secret": self._secret, "is_private": True}
        codecs = {"audiocodec": "opus", "videocodec": "vp8,h264"}
        limits = {"publishers": _PUBLISHERS, "bitrate": _BITRATE, "bitrate_cap": True}
        try:
            await self._janus().request(session.handle, {**body, **codecs, **limits})
        except JanusError as error:
            if error.code != _ROOM_EXISTS:
                raise

    async def _destroy(self, session: Session) -> None:
        try:
            body = {"request": "destroy", "room": session.room, "secret": self._secret}
            await self._janus().request(session.handle, body)
        except JanusError as error:
            if error.code not in (_NO_SUCH_ROOM, 0):
                _log.warning("room not ended: %s", error)


def _check_app(token: Token, room: str) -> None:
    if not token.app or token.room != room:
        raise Denied("expected the app's own token")
