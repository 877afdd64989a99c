"""The chunks of a PNG that pixels depend on. Browsers show a picture whose comments are damaged or too large; Pillow
opens none. PNG Specification (Third Edition), 5.3, 11.3.2 and 13.1.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Chunks without which the pixels can't be decoded, animations included.
_NEEDED = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"})
#: Chunks that change the look of the pixels; left out when damaged.
_LOOKS = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"eXIf"})
_TIFF = (b"II*\0", b"MM\0*")


def chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Kind, data, and the whole chunk as it is in the file; the last may be cut."""
    at = len(SIGNATURE)
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at + 8 : at + 8 + size], content[at : at + 12 + size]
        at += 12 + size


def strip(source: Path, target: Path) -> Path:
    """Write the chunks that pixels depend on, as they are."""
    kept = [whole for kind, data, whole in chunks(source.read_bytes()) if _is_kept(kind, data, whole)]
    target.write_bytes(SIGNATURE + b"".join(kept))
    return target


def _is_kept(kind: bytes, data: bytes, whole: bytes) -> bool:
    if kind not in _LOOKS:
        return kind in _NEEDED
    is_whole = whole[-4:] == struct.pack(">I", zlib.crc32(kind + data))
    return is_whole and (kind != b"eXIf" or data.startswith(_TIFF))


def coding_of(source: Path) -> bytes | None:
    """What ``cICP`` says: primaries, transfer function, matrix and range (ITU-T H.273)."""
    return next((data for kind, data, _ in chunks(source.read_bytes()) if kind == b"cICP"), None)
