"""Many devices at once on one event loop: for load, figures and tests that need a crowd of sockets.

``with Fleet(endpoints) as fleet: devices = fleet.open([account] * 100)`` opens a hundred; ``devices[0].send("ping")``
sends, and ``devices[1].wait(lambda frame: frame["type"] == "chat.message")`` gives a frame and when it came.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

import aiohttp

from kit.client.accounts import Account
from kit.client.endpoints import Endpoints
from kit.client.links import Closed, Kind, Link
from kit.client.transports import open_link

Frame = dict[str, Any]
T = TypeVar("T")
OnFrame = Callable[["Device", Frame, float], None]
#: Handshakes under way: each is two invocations, which the functions of a small machine can take only so many of.
_OPENING = 8
_KEPT_FRAMES = 2000


@dataclass(eq=False)
class Device:
    """An open connection. ``frames`` holds the latest that came, with the time of arrival (``time.perf_counter()``)."""

    number: int
    account: Account
    link: Link
    loop: asyncio.AbstractEventLoop
    frames: deque[tuple[Frame, float]] = field(default_factory=lambda: deque(maxlen=_KEPT_FRAMES))
    received: int = 0
    is_closed: bool = False
    on_frame: OnFrame | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _ids: Any = field(default_factory=itertools.count)

    def send(self, action: str, data: Frame | None = None) -> str:
        """Send an action without waiting for its answer; returns the frame's ``id``, which the answer carries."""
        frame_id = f"{self.number}-{next(self._ids)}"
        text = json.dumps({"action": action, "id": frame_id, "data": data or {}})
        asyncio.run_coroutine_threadsafe(self.link.send(text), self.loop)
        return frame_id

    def wait(self, where: Callable[[Frame], object], seconds: float = 15) -> tuple[Frame, float]:
        """The first kept frame that fits, come already or to come, and when it came.

        Raises:
            TimeoutError: it did not come.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = next((one for one in self.frames if where(one[0])), None)
                if found is not None:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"device {self.number}: not within {seconds:.0f} s; closed: {self.is_closed}")
                self._changed.wait(min(left, 1))

    async def read(self) -> None:
        """Read frames until the connection is closed."""
        with suppress(Closed):
            while True:
                frame = json.loads(await self.link.recv())
                at = time.perf_counter()
                self.received += 1
                if self.on_frame is not None:
                    self.on_frame(self, frame, at)
                with self._changed:
                    self.frames.append((frame, at))
                    self._changed.notify_all()
        self.is_closed = True
        with self._changed:
            self._changed.notify_all()


class Fleet:
    """Opens devices and reads from all of them; closes them at the end of the ``with``."""

    def __init__(self, endpoints: Endpoints, kind: Kind = "websocket") -> None:
        self._endpoints = endpoints
        self._kind = kind
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fleet", daemon=True)
        self._readers: list[asyncio.Task[None]] = []
        self.devices: list[Device] = []

    def __enter__(self) -> Fleet:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def open(
        self,
        accounts: Sequence[Account],
        on_frame: OnFrame | None = None,
        *,
        tickets: Sequence[str] = (),
        reads: bool = True,
    ) -> list[Device]:
        """A device for each entry (one account may stand there often); ``on_frame`` is called on the fleet's thread.

        Args:
            tickets: one for each device, instead of new ones.
            reads: ``False`` makes devices that take nothing from the network, as one that hangs does.

        Raises:
            Refused: one of them did not get in.
        """
        return self._run(self._open(accounts, on_frame, tickets, reads))

    def close(self, device: Device) -> None:
        """End one of them; the others stay."""
        self._run(device.link.close())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(
        self, accounts: Sequence[Account], on_frame: OnFrame | None, tickets: Sequence[str], reads: bool
    ) -> list[Device]:
        gate = asyncio.Semaphore(_OPENING)
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout) as session:

            async def one(number: int, account: Account) -> Device:
                async with gate:
                    ticket = tickets[number] if tickets else await self._ticket(session, account)
                    link = await open_link(self._endpoints, ticket, self._kind)
                device = Device(len(self.devices), account, link, self._loop, on_frame=on_frame)
                self.devices.append(device)
                if reads:
                    self._readers.append(asyncio.create_task(device.read()))
                else:
                    link.hang()
                return device

            opened = await asyncio.gather(*map(one, itertools.count(), accounts), return_exceptions=True)
        for result in opened:
            if isinstance(result, BaseException):
                raise result
        return [result for result in opened if isinstance(result, Device)]

    async def _ticket(self, session: aiohttp.ClientSession, account: Account) -> str:
        url = f"{self._endpoints.base_url}/v1/realtime/tickets"
        headers = {"authorization": f"Bearer {account.access_token}"}
        async with session.post(url, json={}, headers=headers) as answer:
            if answer.status != 201:
                raise RuntimeError(f"POST {url}: expected 201, got {answer.status} {(await answer.text())[:200]}")
            return str((await answer.json())["ticket"])

    async def _close(self) -> None:
        for reader in self._readers:
            reader.cancel()
        gate = asyncio.Semaphore(50)

        async def one(device: Device) -> None:
            async with gate:
                with suppress(Closed, OSError, ConnectionError):
                    await device.link.close()

        await asyncio.gather(*self._readers, *(one(device) for device in self.devices), return_exceptions=True)
