"""MP4, QuickTime and M4A: sizes, duration and the removal of the camera's metadata about its owner.

The ISO base media file format (ISO/IEC 14496-12): boxes of a 32-bit size, a four-letter type, and content.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from services.common.lazy_dataclasses import dataclass
from services.media.inspection import Facts, Refused

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})
#: Boxes for descriptions: place, device, author; ``uuid`` holds XMP.
_PRIVATE = frozenset({b"udta", b"meta", b"uuid", b"XMP_"})
_BOX_LIMIT = 10_000
_READ_LIMIT = 1024


@dataclass(frozen=True)
class Box:
    """Offsets in bytes: of the box, of its content, of its end."""

    kind: bytes
    start: int
    content: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets, one level, containers not entered. Raises: Refused (``unreadable``)."""
    at = start
    for _ in range(_BOX_LIMIT):
        if at + 8 > end:
            return
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        content = at + 8
        if size == 1:
            (size,) = struct.unpack(">Q", _exactly(file, 8))
            content += 8
        elif size == 0:
            size = end - at
        if size < content - at or at + size > end:
            raise Refused("unreadable")
        yield Box(kind, at, content, at + size)
        at += size
    raise Refused("unreadable")


def tree(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """All boxes, those inside ``moov``, ``trak`` and ``mdia`` included, in order."""
    for box in boxes(file, start, end):
        yield box
        if box.kind in _CONTAINERS:
            yield from tree(file, box.content, box.end)


def examine(path: Path, *, video: bool) -> Facts:
    """Raises: Refused (``unreadable``, ``no-video``, ``no-audio``; ``type-mismatch`` for pictures in a sound file)."""
    width = height = duration = None
    handlers: set[bytes] = set()
    size = path.stat().st_size
    with path.open("rb") as file:
        kinds = set()
        for box in tree(file, 0, size):
            kinds.add(box.kind)
            file.seek(box.content)
            content = file.read(min(box.end - box.content, _READ_LIMIT))
            if box.kind == b"mvhd":
                duration = _duration(content)
            elif box.kind == b"tkhd":
                found = _display_size(content)
                if found is not None and width is None:
                    width, height = found
            elif box.kind == b"hdlr":
                handlers.add(content[8:12])
    if b"moov" not in kinds or not kinds & {b"mdat", b"moof"}:
        raise Refused("unreadable")
    if video and b"vide" not in handlers:
        raise Refused("no-video")
    if not video and b"vide" in handlers:
        raise Refused("type-mismatch")
    if not video and b"soun" not in handlers:
        raise Refused("no-audio")
    return Facts(width, height, duration) if video else Facts(duration_ms=duration)


def anonymise(path: Path) -> None:
    """Blank in place all boxes that hold descriptions (``udta``, ``meta``, ``uuid``): they become ``free`` zeros, so no
    offset of the sample tables moves."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        private = [box for box in tree(file, 0, size) if box.kind in _PRIVATE]
        for box in private:
            file.seek(box.start + 4)
            file.write(b"free")
            file.seek(box.content)
            left = box.end - box.content
            while left:
                left -= file.write(b"\0" * min(left, 1 << 20))
        file.flush()
        os.fsync(file.fileno())


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise Refused("unreadable")
    return data


def _duration(content: bytes) -> int | None:
    """Milliseconds from ``mvhd``; ``None`` for fragmented files, which tell elsewhere."""
    try:
        if content[0] == 1:
            scale, length = struct.unpack_from(">IQ", content, 20)
        else:
            scale, length = struct.unpack_from(">II", content, 12)
    except (struct.error, IndexError) as error:
        raise Refused("unreadable") from error
    return length * 1000 // scale if scale and length else None


def _display_size(content: bytes) -> tuple[int, int] | None:
    """Width and height as shown, from ``tkhd`` (16.16 fixed point), turned by its matrix; ``None`` for sound."""
    if not content:
        return None
    at = 88 if content[0] == 1 else 76
    try:
        a, b = struct.unpack_from(">ii", content, at - 36)
        width, height = (value >> 16 for value in struct.unpack_from(">II", content, at))
    except struct.error as error:
        raise Refused("unreadable") from error
    if not width or not height:
        return None
    return (height, width) if a == 0 and b != 0 else (width, height)
