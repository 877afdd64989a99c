"""The X-Ray daemon's UDP protocol: a JSON header line, a newline, one segment document.

Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from typing import Any

from emulation.console.documents import BadDocument
from emulation.console.traces import TraceStore

log = logging.getLogger("console.daemon")
#: Bytes; the system may give less (on Linux ``net.core.rmem_max``).
_RECEIVE_BUFFER = 4 * 1024 * 1024


def split_datagram(payload: bytes) -> str:
    """The segment document of one datagram.

    Raises:
        BadDocument: the header is not ``{"format": "json", "version": 1}``.
    """
    header, separator, document = payload.partition(b"\n")
    try:
        parsed: Any = json.loads(header)
    except ValueError as error:
        raise BadDocument(f"expected a JSON header line, got {header[:60]!r}") from error
    if not separator or parsed != {"format": "json", "version": 1}:
        raise BadDocument(f"expected the header {{'format': 'json', 'version': 1}}, got {header[:60]!r}")
    return document.decode("utf-8", "replace")


class XRayDaemon(asyncio.DatagramProtocol):
    """Stores received segments; unreadable ones are counted and logged, as the daemon does."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The system's default buffer holds about a hundred segments, so some were lost whenever this process was not
        scheduled."""
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            self._store.add(split_datagram(data))
        except BadDocument as error:
            self._store.refused += 1
            log.warning("refused a datagram from %s: %s", addr, error)
