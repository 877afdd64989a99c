"""The websocket protocol of Mozilla's push service, by which Firefox subscribes and takes pushes.

https://mozilla-push-service.readthedocs.io/en/latest/design/#simplepush-protocol (with the fields of Web Push)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from emulation.push.store import PushStore, Waiting
from emulation.push.subscriptions import text_of

#: Bigger ones no browser sends.
_FRAME_LIMIT = 16 * 1024
#: Reasons with which a browser refuses a message (``nack``).
_REFUSALS = {301: "the browser could not decrypt it", 302: "the page's service worker failed", 303: "not shown"}
_BAD_FRAME, _NO_HELLO, _REPLACED = 4400, 4401, 4409
Frame = dict[str, Any]


class BadFrame(Exception):
    """The message says what was expected and what came; the connection is closed."""


class Agents:
    """Browsers that are connected, by their ``uaid``; the latest connection of each."""

    def __init__(self, store: PushStore) -> None:
        self._store = store
        self._connected: dict[str, WebSocket] = {}

    def __len__(self) -> int:
        return len(self._connected)

    async def deliver(self, uaid: str) -> None:
        """Send waiting messages to a browser, if it is connected; unacknowledged ones are sent again at its next
        hello."""
        connection = self._connected.get(uaid)
        if connection is None:
            return
        for message in self._store.waiting(uaid):
            try:
                await connection.send_json(_notification(message))
            except (RuntimeError, WebSocketDisconnect):
                return

    async def serve(self, connection: WebSocket) -> None:
        """One browser, until it goes."""
        await connection.accept()
        uaid = ""
        try:
            uaid = await self._hello(connection)
            await self.deliver(uaid)
            while True:
                answer = self._answer(uaid, _host(connection), await _receive(connection))
                if answer is not None:
                    await connection.send_json(answer)
        except BadFrame as error:
            await connection.close(_BAD_FRAME if uaid else _NO_HELLO, str(error)[:120])
        except WebSocketDisconnect:
            pass
        finally:
            if self._connected.get(uaid) is connection:
                del self._connected[uaid]

    async def _hello(self, connection: WebSocket) -> str:
        frame = await _receive(connection)
        if frame.get("messageType") != "hello" or not frame.get("use_webpush"):
            raise BadFrame(f"expected a hello with use_webpush, got {str(frame)[:60]}")
        uaid = self._store.agent(frame.get("uaid"))
        older = self._connected.get(uaid)
        self._connected[uaid] = connection
        if older is not None:
            await older.close(_REPLACED, "a newer connection of this browser")
        await connection.send_json(
            {"messageType": "hello", "uaid": uaid, "status": 200, "use_webpush": True, "broadcasts": {}}
        )
        return uaid

    def _answer(self, uaid: str, origin: str, frame: Frame) -> Frame | None:
        if not frame:
            return {}  # A ping, and its answer.
        kind = str(frame.get("messageType"))
        if kind == "broadcast_subscribe":
            return None  # Settings of Mozilla's own; there are none here.
        answer = self._handlers().get(kind)
        if answer is None:
            raise BadFrame(f"messageType: expected register, unregister, ack, nack or ping, got {kind[:40]!r}")
        return answer(uaid, origin, frame)

    def _handlers(self) -> dict[str, Callable[[str, str, Frame], Frame | None]]:
        return {
            "register": self._register, "unregister": self._unregister, "ack": self._acknowledge,
            "nack": self._refuse, "ping": lambda *_: {"messageType": "ping"},
        }  # fmt: skip

    def _register(self, uaid: str, origin: str, frame: Frame) -> Frame:
        channel = _text(frame, "channelID")
        made = self._store.register(origin, frame.get("key"), uaid, channel)
        return {"messageType": "register", "channelID": channel, "status": 200, "pushEndpoint": made.endpoint}

    def _unregister(self, uaid: str, _: str, frame: Frame) -> Frame:
        channel = _text(frame, "channelID")
        self._store.unregister(uaid, channel)
        return {"messageType": "unregister", "channelID": channel, "status": 200}

    def _acknowledge(self, uaid: str, _: str, frame: Frame) -> None:
        for update in frame.get("updates") or []:
            self._store.acknowledge(uaid, _text(update, "version"))

    def _refuse(self, uaid: str, _: str, frame: Frame) -> None:
        code = frame.get("code")
        self._store.acknowledge(uaid, _text(frame, "version"), _REFUSALS.get(code or 0, f"refused with {code}"))


async def _receive(connection: WebSocket) -> Frame:
    text = await connection.receive_text()
    if len(text) > _FRAME_LIMIT:
        raise BadFrame(f"expected at most {_FRAME_LIMIT} characters, got {len(text)}")
    try:
        frame = json.loads(text)
    except ValueError as error:
        raise BadFrame("expected JSON") from error
    if not isinstance(frame, dict):
        raise BadFrame(f"expected an object, got {type(frame).__name__}")
    return frame


def _text(frame: Frame, name: str) -> str:
    value = frame.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise BadFrame(f"{name}: expected 1 to 100 characters, got {str(value)[:40]!r}")
    return value


def _host(connection: WebSocket) -> str:
    """The address for senders, the same as the browser's."""
    return f"http://{connection.url.netloc}"


def _notification(message: Waiting) -> Frame:
    return {
        "messageType": "notification",
        "channelID": message.channel,
        "version": message.version,
        "ttl": message.ttl,
        "data": text_of(message.body),
        "headers": {"encoding": message.encoding},
    }
