"""Colour spaces that PNG describes by numbers, as ICC profiles: primaries, white and the curve of the samples.

PNG Specification (Third Edition), 11.3.2.1 (cHRM), 11.3.2.6 (cICP); ITU-T H.273, 8.1 and 8.2; ICC.1:2001-04, 6.3.1.2.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]
Curve = Callable[[float], float]

_D50 = (0.9642, 1.0, 0.8249)
_D65 = (0.3127, 0.329)
#: ICC.1:2022, annex E: from one white to another as the eye does.
_BRADFORD: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_STEPS = 1024
#: H.273, table 2: x and y of red, green, blue, white.
_PRIMARIES: dict[int, tuple[float, ...]] = {
    1: (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, *_D65),
    5: (0.64, 0.33, 0.29, 0.6, 0.15, 0.06, *_D65),
    6: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, *_D65),
    9: (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, *_D65),
    12: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, *_D65),
}
#: Light that PQ calls reference white, as a part of its 10,000 cd/m² (ITU-R BT.2408).
_PQ_WHITE = 203 / 10_000


def of_chromaticities(chromaticities: Sequence[float], gamma: float) -> bytes:
    """``cHRM`` in Pillow's order (white, red, green, blue) with ``gAMA``. Raises: ValueError (no colour space)."""
    return _profile((*chromaticities[2:8], *chromaticities[:2]), lambda value: value ** (1 / gamma))


def of_coding(coding: bytes) -> bytes | None:
    """``None`` where the code points are unknown here, or are not those of RGB in full range."""
    if len(coding) != 4 or coding[2:] != b"\0\1":
        return None
    primaries, curve = _PRIMARIES.get(coding[0]), _CURVES.get(coding[1])
    return _profile(primaries, curve) if primaries and curve else None


def _srgb(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else math.pow((value + 0.055) / 1.055, 2.4)


def _pq(value: float) -> float:
    """SMPTE ST 2084; what is brighter than white is white."""
    root = math.pow(value, 1 / 78.84375)
    light = math.pow(max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root), 1 / 0.1593017578125)
    return min(light / _PQ_WHITE, 1.0)


#: H.273, table 3: samples to light. What cameras of BT.709 wrote is shown by sRGB's curve, as browsers do.
_CURVES: dict[int, Curve] = {
    **dict.fromkeys((1, 6, 13, 14, 15), _srgb),
    4: lambda value: value**2.2,
    5: lambda value: value**2.8,
    8: lambda value: value,
    16: _pq,
}


def _profile(places: Sequence[float], curve: Curve) -> bytes:
    """``places``: x and y of red, green, blue, white. Raises: ValueError."""
    try:
        columns = [_xyz_of(*places[at : at + 2]) for at in (0, 2, 4)]
        white = _xyz_of(*places[6:8])
        shares = _times(_inverse(_rows(columns)), white)
        adapted = _adaptation(white)
        colours = [
            _times(adapted, (x * share, y * share, z * share)) for (x, y, z), share in zip(columns, shares, strict=True)
        ]
    except ZeroDivisionError as error:
        raise ValueError(f"expected three primaries and a white, got {places}") from error
    table = struct.pack(f">{_STEPS}H", *(round(65535 * curve(step / (_STEPS - 1))) for step in range(_STEPS)))
    trc = b"curv\0\0\0\0" + struct.pack(">I", _STEPS) + table
    tags = {name: _xyz_tag(one) for name, one in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colours, strict=True)}
    return _file({**tags, b"rTRC": trc, b"gTRC": trc, b"bTRC": trc})


def _xyz_of(x: float, y: float) -> Vector:
    return x / y, 1.0, (1 - x - y) / y


def _rows(columns: Sequence[Vector]) -> Matrix:
    first, second, third = columns
    return tuple(zip(first, second, third, strict=True))  # type: ignore[return-value]


def _times(matrix: Matrix, vector: Vector) -> Vector:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)  # type: ignore[return-value]


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / whole, (c * h - b * i) / whole, (b * f - c * e) / whole),
        ((f * g - d * i) / whole, (a * i - c * g) / whole, (c * d - a * f) / whole),
        ((d * h - e * g) / whole, (b * g - a * h) / whole, (a * e - b * d) / whole),
    )


def _adaptation(white: Vector) -> Matrix:
    """To the white of profiles, D50."""
    cones, wanted = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    scaled = [tuple(goal / cone * one for one in row) for goal, cone, row in zip(wanted, cones, _BRADFORD, strict=True)]
    back = _inverse(_BRADFORD)
    columns = [_times(back, column) for column in zip(*scaled, strict=True)]
    return _rows(columns)


def _xyz_tag(values: Vector) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(one * 65536) for one in values))


def _file(tags: dict[bytes, bytes]) -> bytes:
    tags = {b"desc": b"desc\0\0\0\0\0\0\0\x04PNG\0" + b"\0" * 78, b"wtpt": _xyz_tag(_D50), **tags}
    place, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", place + len(body), b"\0" * 4, 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header = (header + b"\0" * 12 + b"acsp").ljust(68, b"\0") + _xyz_tag(_D50)[8:]
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
