"""A HEIC file with one picture, made box by box (ISO/IEC 23008-12) around a frame that FFmpeg's x265 encodes."""

from __future__ import annotations

import io
import struct

import av
from PIL import Image

_HVC1 = b"hvc1"


def heic(picture: Image.Image, *, turned: int = 0) -> bytes:
    """``picture``, rotated ``turned`` times by 90 degrees anticlockwise (``irot``). Sides: even, at least 64 pixels."""
    configuration, frame = _encoded(picture)
    properties = [
        _box(b"hvcC", configuration),
        _full(b"ispe", struct.pack(">II", *picture.size)),
        _box(b"irot", bytes([turned])),
    ]
    used = bytes([0x81, 0x02, 0x83])
    head = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    # The frame's offset is in the preceding box, whose length does not depend on it.
    for _ in range(2):
        place = len(head) + len(_meta(properties, used, 0, len(frame))) + 8
        meta = _meta(properties, used, place, len(frame))
    return head + meta + _box(b"mdat", frame)


def _meta(properties: list[bytes], used: bytes, place: int, length: int) -> bytes:
    entry = _full(b"infe", struct.pack(">HH", 1, 0) + _HVC1 + b"\0", version=2)
    return _full(
        b"meta",
        _full(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + _full(b"pitm", struct.pack(">H", 1))
        + _full(b"iloc", bytes([0x44, 0]) + struct.pack(">HHHHII", 1, 1, 0, 1, place, length))
        + _full(b"iinf", struct.pack(">H", 1) + entry)
        + _box(
            b"iprp",
            _box(b"ipco", b"".join(properties)) + _full(b"ipma", struct.pack(">IHB", 1, 1, len(used)) + used),
        ),
    )


def _encoded(picture: Image.Image) -> tuple[bytes, bytes]:
    """The body of ``hvcC`` and the frame, as FFmpeg writes them into an MP4 file."""
    out = io.BytesIO()
    shown = av.VideoFrame.from_image(picture)
    shown.pts = 0
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream(
            "libx265", rate=1, options={"x265-params": "log-level=none:bframes=0:repeat-headers=0", "crf": "4"}
        )
        stream.width, stream.height, stream.pix_fmt = *picture.size, "yuv420p"
        stream.codec_context.codec_tag = "hvc1"
        for packet in [*stream.encode(shown), *stream.encode(None)]:
            container.mux(packet)
    file = out.getvalue()
    start = file.index(b"hvcC")
    size = int.from_bytes(file[start - 4 : start], "big")
    data = file.index(b"mdat")
    return file[start + 4 : start - 4 + size], file[data + 4 : data - 4 + int.from_bytes(file[data - 4 : data], "big")]


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, body: bytes, version: int = 0) -> bytes:
    return _box(kind, bytes([version, 0, 0, 0]) + body)
