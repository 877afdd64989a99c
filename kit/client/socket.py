"""A device on the WebSocket API: ticket, frames with acks, events that can be awaited."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any
from urllib.parse import quote

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from kit.client.api import PATIENCE_SECONDS, Api
from kit.client.endpoints import Endpoints

Frame = dict[str, Any]


class SocketError(Exception):
    """The server answered an action with an error frame; ``problem`` is its document."""

    def __init__(self, action: str, problem: Frame) -> None:
        super().__init__(f"{action}: {problem}")
        self.problem = problem


class Socket:
    """Connected when made; ``events`` grows by every server event, with the local time of its arrival."""

    def __init__(self, endpoints: Endpoints, api: Api, *, ticket: str | None = None) -> None:
        ticket = ticket or api.post("/v1/realtime/tickets")["ticket"]
        self._opened = ExitStack()
        self._connection: ClientConnection = self._opened.enter_context(
            connect(f"{endpoints.realtime_url}?ticket={quote(ticket)}", open_timeout=PATIENCE_SECONDS)
        )
        self._changed = threading.Condition()
        self._answers: dict[str, Frame] = {}
        self.events: list[tuple[float, Frame]] = []
        self.closed: ConnectionClosed | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Socket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._opened.close()
        self._reader.join(timeout=5)

    def send(
        self, action: str, data: Frame | None = None, *, trace: str | None = None, seconds: float = PATIENCE_SECONDS
    ) -> Frame:
        """Send an action, as part of ``trace``, and wait for its answer; returns the ack's ``data``.

        Raises:
            SocketError: an error frame came back.
            TimeoutError: nothing did.
        """
        frame_id = uuid.uuid4().hex
        named = {"trace": trace} if trace else {}
        self.send_raw(json.dumps({"action": action, "id": frame_id, "data": data or {}, **named}))
        answer = self._wait(lambda: self._answers.pop(frame_id, None), f"the answer to {action}", seconds)
        if answer["type"] == "error":
            raise SocketError(action, answer["error"])
        return answer.get("data") or {}

    def send_raw(self, text: str) -> None:
        """Send any text as a frame, right or wrong."""
        self._connection.send(text)

    def wait(
        self, kind: str, where: Callable[[Frame], object] = lambda data: True, *, seconds: float = PATIENCE_SECONDS
    ) -> Frame:
        """The first event of this type whose ``data`` fits, come already or to come.

        Raises:
            TimeoutError: it did not come; the message lists what did.
        """
        return self._wait(lambda: self._find(kind, where), f"the event {kind}", seconds)

    def _find(self, kind: str, where: Callable[[Frame], object]) -> Frame | None:
        return next((one for _, one in self.events if one["type"] == kind and where(one["data"])), None)

    def _wait(self, find: Callable[[], Frame | None], what: str, seconds: float) -> Frame:
        deadline = time.monotonic() + seconds
        with self._changed:
            while (found := find()) is None:
                left = deadline - time.monotonic()
                if left <= 0 or self.closed:
                    kinds = [frame["type"] for _, frame in self.events]
                    raise TimeoutError(f"waited for {what}; closed: {self.closed}; events so far: {kinds[-20:]}")
                self._changed.wait(left)
        return found

    def _read(self) -> None:
        closed: ConnectionClosed | None = None
        try:
            while True:
                frame = json.loads(self._connection.recv())
                with self._changed:
                    if frame.get("type") in ("ack", "error", "pong") and frame.get("id"):
                        self._answers[frame["id"]] = frame
                    else:
                        self.events.append((time.time(), frame))
                    self._changed.notify_all()
        except ConnectionClosed as error:
            closed = error
        with self._changed:
            self.closed = closed
            self._changed.notify_all()
