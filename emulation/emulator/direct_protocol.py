"""A connection whose whole, common requests are answered where their bytes arrive; all others reach the application."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from emulation.listening import Part, PatientProtocol

log = logging.getLogger("emulation.emulator")

#: Of the bytes that arrived, and the client's address: the whole response, or None where the application answers.
DirectAnswer = Callable[[bytes, str], bytes | None]
_FAILED = b"HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def answering(direct: DirectAnswer) -> type[PatientProtocol]:
    """A protocol for ``uvicorn.Config(http=…)`` that asks ``direct`` first."""
    return type("DirectProtocol", (_DirectProtocol,), {"direct": staticmethod(direct)})


class _DirectProtocol(PatientProtocol):
    direct: DirectAnswer
    #: No part of a request waits in the parser.
    _is_between = True

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_between = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_between = True

    def data_received(self, data: bytes) -> None:
        if not self._is_free() or not self._answered(data):
            super().data_received(data)

    def _is_free(self) -> bool:
        """Nothing of this connection is under way, in either direction."""
        if not self._is_between or self.flow.write_paused or self.transport.is_closing():
            return False
        return self.cycle is None or self.cycle.response_complete

    def _answered(self, data: bytes) -> bool:
        try:
            answer = self.direct(data, self.client[0] if self.client else "127.0.0.1")
        except Exception:
            log.exception("a call on items failed")
            self.transport.write(_FAILED)
            self.transport.close()
            return True
        if answer is None:
            return False
        self._stop_looking()
        self.awaited = Part.NOTHING
        joining: Any = self.transport
        joining.flush()
        joining.whole.write(answer)
        self.on_response_complete()
        return True
