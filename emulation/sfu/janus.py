"""A client of Janus by its WebSocket API: one session, and in it one handle for each publisher and viewer.

Source: https://janus.conf.meetecho.com/docs/rest.html (WebSockets interface).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

_log = logging.getLogger("sfu")
_PLUGIN = "janus.plugin.videoroom"
_ANSWER_SECONDS = 10
#: Janus ends a session that it hears nothing of for 60 s (``session_timeout``).
_KEEPALIVE_SECONDS = 20
_RECONNECT_SECONDS = 0.5

#: Of a handle: what happened to it, such as ``webrtcup`` and ``hangup``.
Listener = Callable[[Mapping[str, Any]], None]


class JanusError(Exception):
    """Janus refused a request, or did not answer. ``code``: of its API or of the plugin; 0 without an answer."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"Janus: {reason} ({code})")
        self.code = code


class Janus:
    """Keeps a session as long as it runs. When the connection breaks, ``on_lost`` is called: no handle is left."""

    def __init__(self, path: str, secret: str, on_lost: Callable[[], Awaitable[None]]) -> None:
        self._path, self._secret, self._on_lost = path, secret, on_lost
        self._socket: ClientConnection | None = None
        self._session = 0
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        #: Transactions that an ``ack`` answers; others get their answer after it.
        self._acked: set[str] = set()
        self._listeners: dict[int, Listener] = {}

    @property
    def is_connected(self) -> bool:
        return bool(self._session)

    async def run(self) -> None:
        """Keep the session until cancelled."""
        while True:
            try:
                protocols = [Subprotocol("janus-protocol")]
                async with unix_connect(self._path, "ws://janus/", subprotocols=protocols, max_size=None) as socket:
                    await self._serve(socket)
            except (OSError, ConnectionClosed, JanusError) as error:
                _log.info("Janus is not there: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _serve(self, socket: ClientConnection) -> None:
        self._socket = socket
        reading = asyncio.create_task(self._read(socket))
        keeping = asyncio.create_task(self._keep())
        try:
            await reading
        finally:
            keeping.cancel()
            reading.cancel()
            self._socket, self._session = None, 0
            self._listeners.clear()
            for one in self._waiting.values():
                if not one.done():
                    one.set_exception(JanusError(0, "the connection broke"))
            self._waiting.clear()
            await self._on_lost()

    async def _keep(self) -> None:
        created = await self._ask({"janus": "create"})
        self._session = created["data"]["id"]
        while True:
            await asyncio.sleep(_KEEPALIVE_SECONDS)
            with contextlib.suppress(JanusError):
                await self._ask({"janus": "keepalive", "session_id": self._session}, is_acked=True)

    async def _read(self, socket: ClientConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            kind, transaction = message.get("janus"), message.get("transaction")
            waiting = self._waiting.get(transaction) if transaction else None
            if waiting is not None and (kind != "ack" or transaction in self._acked):
                if not waiting.done():
                    waiting.set_result(message)
            elif kind == "timeout":
                # Janus forgot the session: a new connection makes a new one.
                await socket.close()
            elif (listener := self._listeners.get(message.get("sender", 0))) is not None:
                listener(message)

    async def _ask(self, message: Mapping[str, Any], *, is_acked: bool = False) -> Mapping[str, Any]:
        if self._socket is None:
            raise JanusError(0, "no connection")
        transaction = str(next(self._numbers))
        waiting: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = waiting
        if is_acked:
            self._acked.add(transaction)
        try:
            await self._socket.send(json.dumps({**message, "transaction": transaction, "apisecret": self._secret}))
            answer = await asyncio.wait_for(waiting, _ANSWER_SECONDS)
        except TimeoutError:
            raise JanusError(0, "no answer") from None
        except ConnectionClosed:
            raise JanusError(0, "the connection broke") from None
        finally:
            self._waiting.pop(transaction, None)
            self._acked.discard(transaction)
        if answer.get("janus") == "error":
            raise JanusError(answer["error"]["code"], answer["error"]["reason"])
        return answer

    async def attach(self, listener: Listener) -> int:
        """A new handle of the videoroom plugin."""
        answer = await self._ask({"janus": "attach", "session_id": self._session, "plugin": _PLUGIN})
        handle: int = answer["data"]["id"]
        self._listeners[handle] = listener
        return handle

    async def detach(self, handle: int) -> None:
        """End the publishing or watching of the handle; a handle that is gone is no error."""
        self._listeners.pop(handle, None)
        with contextlib.suppress(JanusError):
            await self._ask({"janus": "detach", "session_id": self._session, "handle_id": handle})

    async def request(
        self, handle: int, body: Mapping[str, Any], jsep: Mapping[str, str] | None = None
    ) -> tuple[Mapping[str, Any], str]:
        """A request to the plugin.

        Returns:
            The plugin's data, and the session description that came with it, or an empty text.

        Raises:
            JanusError: the plugin refuses.
        """
        message = {"janus": "message", "session_id": self._session, "handle_id": handle, "body": body}
        answer = await self._ask({**message, "jsep": jsep} if jsep else message)
        data = answer["plugindata"]["data"]
        if "error_code" in data:
            raise JanusError(data["error_code"], data["error"])
        return data, answer.get("jsep", {}).get("sdp", "")
