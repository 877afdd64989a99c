"""Pictures and colour profiles made byte by byte: Pillow cannot write them, or would write them differently."""

from __future__ import annotations

import struct
import zlib

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
_CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
#: XYZ of the primaries, relative to D50: sRGB and Display P3 (ICC registry).
SRGB_PRIMARIES = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
P3_PRIMARIES = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
_D50 = (0.9642, 1.0, 0.8249)


def png(width: int, depth: int, colour: int, rows: list[list[int]], *chunks: tuple[bytes, bytes]) -> bytes:
    """``rows`` hold samples of ``depth`` bits; ``chunks`` precede the pixels (PNG Specification, 11)."""
    data = b"".join(b"\0" + _packed(row, depth) for row in rows)
    header = struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, 0)
    assert all(len(row) == width * _CHANNELS[colour] for row in rows)
    body = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in body)


def samples(*values: int) -> bytes:
    """Two bytes per sample, as in tRNS for grey and colour."""
    return struct.pack(f">{len(values)}H", *values)


def iccp(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"profile\0\0" + zlib.compress(profile)


def _packed(row: list[int], depth: int) -> bytes:
    if depth == 16:
        return samples(*row)
    bits = "".join(f"{one:0{depth}b}" for one in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def rgb_profile(primaries: tuple[tuple[float, float, float], ...], gamma: float) -> bytes:
    """ICC.1:2001-04, 6.3.1.2: three components by matrix and curves."""
    colours = {name: _xyz(*one) for name, one in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)}
    curves = {name: _curve(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")}
    return _profile(b"RGB ", b"XYZ ", {**colours, **curves})


def gray_profile(gamma: float) -> bytes:
    """6.3.1.1: monochrome."""
    return _profile(b"GRAY", b"XYZ ", {b"kTRC": _curve(gamma)})


def cmyk_profile() -> bytes:
    """6.5.7, lut8Type: black absorbs light; the other inks do nothing, unlike in a conversion without the profile."""
    linear = bytes(range(256))
    table = b"".join(bytes((0 if number & 1 else 255, 128, 128)) for number in range(16))
    matrix = struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + linear * 4 + table + linear * 3
    return _profile(b"CMYK", b"Lab ", {b"A2B0": lut}, b"prtr")


def _profile(space: bytes, pcs: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr") -> bytes:
    tags = {b"desc": b"desc\0\0\0\0\0\0\0\x05made\0" + b"\0" * 78, b"wtpt": _xyz(*_D50), **tags}
    place, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    size = place + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02400000, kind, space, pcs) + b"\0" * 12 + b"acsp"
    header = header.ljust(68, b"\0") + struct.pack(">3i", *(round(one * 65536) for one in _D50))
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(one * 65536) for one in values))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
