"""A program that publishes a live stream over WHIP, as OBS does: aiortc, with the page's URL and token."""

from __future__ import annotations

import asyncio
import threading
from typing import Self

import aioice.ice
import httpx

from tests.contract.sfu.peers import publishing

#: Other peers of these tests (`outside_peer.py`) restrict aioice to loopback, which a media server ignores.
_HOST_ADDRESSES = aioice.ice.get_host_addresses


class OutsidePublisher:
    """Sends a tone and a green picture until the block ends; then it disappears without notifying the server."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._is_over = threading.Event()
        self._has_begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._publish()), daemon=True)
        #: The error that ended the publisher early.
        self.fault: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._has_begun.wait(120)
        if self.fault:
            raise self.fault
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(20)

    async def _publish(self) -> None:
        aioice.ice.get_host_addresses = _HOST_ADDRESSES
        try:
            async with httpx.AsyncClient(timeout=60) as http, publishing(http, self._url, self._token):
                self._has_begun.set()
                await asyncio.to_thread(self._is_over.wait)
        except BaseException as error:
            self.fault = error
        finally:
            self._has_begun.set()
