"""Invocations of functions, from the edge to the emulator host, as frames on a UNIX socket.

A connection carries many calls at once; each has a number. A frame is its length and number (4 bytes each, big-endian)
and its content. A call's content is a head in JSON, a line feed, and the event in JSON; an answer's is one byte, the
``Came``, and what the function answered in JSON. Neither event nor answer is read on the way.

The socket lies in the state's folder, which only its owner can enter. Standard library only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

_HEAD = struct.Struct(">II")
#: The maximum length of a UNIX socket's address, on every system.
LONGEST_PATH = 103


class Came(IntEnum):
    """The outcome of an invocation."""

    ANSWERED = 1
    #: The function raised, died or took too long.
    FAILED = 2
    #: No concurrency was left.
    THROTTLED = 3
    #: Nothing was invoked: the request is to go by HTTP.
    BY_HTTP = 4


def socket_path(state: Path) -> Path | None:
    """The socket of the emulator with this state; None when the path is too long for a socket."""
    path = state / "emulator" / "invocations.sock"
    return path if len(str(path).encode()) <= LONGEST_PATH else None


def frame(number: int, *content: bytes) -> bytes:
    return b"".join((_HEAD.pack(sum(map(len, content)), number), *content))


class Frames:
    """Assembles frames from received bytes."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def of(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Number and content of each frame that ``data`` completes."""
        rest = self._rest
        rest += data
        start = 0
        while len(rest) - start >= _HEAD.size:
            length, number = _HEAD.unpack_from(rest, start)
            end = start + _HEAD.size + length
            if len(rest) < end:
                break
            yield number, bytes(rest[start + _HEAD.size : end])
            start = end
        del rest[:start]
