"""WebM: sizes and duration, from EBML elements (RFC 8794, RFC 9559)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from services.common.lazy_dataclasses import dataclass
from services.media.inspection import Facts, Refused

_EBML, _DOC_TYPE = 0x1A45DFA3, 0x4282
_SEGMENT, _INFO, _TRACKS, _TRACK = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE
_CLUSTER, _CLUSTER_TIME, _SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK = 0x1F43B675, 0xE7, 0xA3, 0xA0, 0xA1
_SCALE, _DURATION, _TRACK_TYPE, _VIDEO, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0x83, 0xE0, 0xB0, 0xBA
_TAGS = 0x1254C367
_CONTAINERS = frozenset({_EBML, _SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO, _CLUSTER, _BLOCK_GROUP})
_ELEMENT_LIMIT = 2_000_000
_VALUE_LIMIT = 64


@dataclass(frozen=True)
class _Element:
    """Offsets in bytes of the whole element; ``value`` is the beginning of its content."""

    identifier: int
    start: int
    end: int
    value: bytes


@dataclass
class _Found:
    """Values found so far; times in units of ``scale`` nanoseconds."""

    scale: int = 1_000_000
    duration: float = 0
    cluster: int = 0
    last: int = 0
    width: int | None = None
    height: int | None = None
    tracks: frozenset[int] = frozenset()
    webm: bool = False


def examine(path: Path, *, video: bool) -> Facts:
    """Raises: Refused (``unreadable``, ``no-video``, ``no-audio``, ``type-mismatch`` for pictures in a sound file).

    Recordings of browsers have no duration in the header: then the time of the last block is used.
    """
    found = _Found()
    with path.open("rb") as file:
        for element in _elements(file, path.stat().st_size):
            _note(found, element.identifier, element.value)
    if not found.webm or not found.tracks:
        raise Refused("unreadable")
    if video and 1 not in found.tracks:
        raise Refused("no-video")
    if not video and 1 in found.tracks:
        raise Refused("type-mismatch")
    if not video and 2 not in found.tracks:
        raise Refused("no-audio")
    length = int((found.duration or found.last) * found.scale / 1_000_000) or None
    return Facts(found.width, found.height, length) if video else Facts(duration_ms=length)


def anonymise(path: Path) -> None:
    """Blank in place all ``Tags`` (place, device, author): they become ``Void`` elements of the same length."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        tags = [one for one in _elements(file, size) if one.identifier == _TAGS]
        for one in tags:
            left = one.end - one.start - 9
            if left < 0:
                raise Refused("unreadable")
            file.seek(one.start)
            file.write(b"\xec\x01" + left.to_bytes(7) + b"\0" * left)


def _note(found: _Found, identifier: int, value: bytes) -> None:
    if identifier == _DOC_TYPE:
        found.webm = value.rstrip(b"\0") == b"webm"
    elif identifier == _SCALE:
        found.scale = int.from_bytes(value) or found.scale
    elif identifier == _DURATION and len(value) in (4, 8):
        (length,) = struct.unpack(">f" if len(value) == 4 else ">d", value)
        found.duration = length if 0 < length < 1e15 else 0
    elif identifier == _TRACK_TYPE:
        found.tracks |= {int.from_bytes(value)}
    elif identifier == _WIDTH:
        found.width = found.width or int.from_bytes(value)
    elif identifier == _HEIGHT:
        found.height = found.height or int.from_bytes(value)
    elif identifier == _CLUSTER_TIME:
        found.cluster = int.from_bytes(value)
    elif identifier in (_SIMPLE_BLOCK, _BLOCK) and len(value) >= 3:
        # One byte of track number (there are never over 126 here), then the time within the cluster.
        found.last = max(found.last, found.cluster + int.from_bytes(value[1:3], signed=True))


def _elements(file: BinaryIO, size: int) -> Iterator[_Element]:
    """Every element that is no container. Containers are entered by going on: an element of unknown size, as live
    recordings have, needs no end then."""
    at = 0
    for _ in range(_ELEMENT_LIMIT):
        if at >= size:
            return
        file.seek(at)
        head = file.read(12)
        identifier, id_length = _vint(head, keep_marker=True)
        length, size_length = _vint(head[id_length:], keep_marker=False)
        start, at = at, at + id_length + size_length
        if identifier in _CONTAINERS:
            continue
        if length == (1 << (7 * size_length)) - 1 or at + length > size:
            raise Refused("unreadable")
        file.seek(at)
        yield _Element(identifier, start, at + length, file.read(min(length, _VALUE_LIMIT)))
        at += length
    raise Refused("unreadable")


def _vint(data: bytes, *, keep_marker: bool) -> tuple[int, int]:
    """A variable-size integer (RFC 8794, section 4) and its length in bytes."""
    if not data or data[0] == 0:
        raise Refused("unreadable")
    length = 9 - data[0].bit_length()
    if len(data) < length or (keep_marker and length > 4):
        raise Refused("unreadable")
    value = int.from_bytes(data[:length])
    return (value if keep_marker else value & ((1 << (7 * length)) - 1)), length
