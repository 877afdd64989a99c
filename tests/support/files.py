"""Small real files for media tests, generated so that the repository contains no binaries."""

from __future__ import annotations

import functools
import io
import math
import struct
import wave
from collections.abc import Callable
from fractions import Fraction

import av
from PIL import Image

PLACE = b"+35.6895+139.6917/"
# Degrees and minutes as rational numbers of EXIF (CIPA DC-008, GPSLatitude): so long a sequence never occurs in noise.
PLACE_IN_EXIF = struct.pack(">4I", 35, 1, 41, 1)


@functools.cache
def photo_with_place() -> bytes:
    """JPEG of 640 by 480, rotated by 90 degrees by its EXIF, which also has a GPS position and a comment."""
    picture = Image.effect_noise((640, 480), 40).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (35.0, 41.0, 22.2), "E", (139.0, 41.0, 30.1)
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=70, comment=b"secret place")
    return out.getvalue()


def wav(seconds: float) -> bytes:
    """Silence, mono, 8 kHz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0" * int(8000 * seconds))
    return out.getvalue()


def mp4(seconds: float, width: int = 320, height: int = 180) -> bytes:
    """The boxes of a video with one video track, a location in its metadata, and no decodable frames."""
    scale = 1000
    matrix = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    mvhd = struct.pack(">IIIII", 0, 0, 0, scale, int(seconds * scale)) + b"\0" * 16 + matrix + b"\0" * 28
    tkhd = struct.pack(">IIIIII", 3, 0, 0, 1, 0, int(seconds * scale)) + b"\0" * 16 + matrix
    tkhd += struct.pack(">II", width << 16, height << 16)
    hdlr = struct.pack(">II4s", 0, 0, b"vide") + b"\0" * 13
    trak = _box(b"trak", _box(b"tkhd", tkhd) + _box(b"mdia", _box(b"hdlr", hdlr)))
    udta = _box(b"udta", _box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0) + PLACE))
    moov = _box(b"moov", _box(b"mvhd", mvhd) + trak + udta)
    return _box(b"ftyp", b"isom\0\0\2\0isommp41") + moov + _box(b"mdat", b"\0" * 64)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def webm(seconds: float, *, live: bool = False, video: bool = True) -> bytes:
    """The elements of a WebM file; ``live`` as browsers record: unknown sizes, no duration, one block at the end."""
    tracks = _element(0x1654AE6B, _element(0xAE, _track(video)))
    info = _element(0x2AD7B1, (1_000_000).to_bytes(3)) + _element(0x4489, struct.pack(">d", seconds * 1000))
    tags = _element(0x1254C367, _element(0x7373, b"LOCATION " + PLACE))
    if live:
        block = _element(0xA3, b"\x81" + int(seconds * 1000).to_bytes(2) + b"\x80frame")
        cluster = b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + _element(0xE7, b"\0") + block
        body = b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + _element(0x1549A966, info[:14]) + tracks + cluster
    else:
        body = _element(0x18538067, _element(0x1549A966, info) + tracks + tags)
    return _element(0x1A45DFA3, _element(0x4282, b"webm")) + body


def _track(video: bool) -> bytes:
    size = _element(0xE0, _element(0xB0, (320).to_bytes(2)) + _element(0xBA, (180).to_bytes(2)))
    return _element(0x83, b"\1" if video else b"\2") + (size if video else b"")


def _element(identifier: int, content: bytes) -> bytes:
    width = (identifier.bit_length() + 7) // 8
    return identifier.to_bytes(width) + b"\x01" + len(content).to_bytes(7) + content


def tone(seconds: float, loudness: Callable[[float], float]) -> bytes:
    """WAV, mono, 8 kHz, from a function of time (in seconds) with values from -1 to 1."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(loudness(number / 8000) * 32000) for number in range(int(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return out.getvalue()


def clip(container: str, seconds: float, size: tuple[int, int] = (320, 180), shape: Fraction = Fraction(1)) -> bytes:
    """A playable video: ``mp4`` (MPEG-4 part 2) or ``webm`` (VP8), ten frames a second, a moving square.

    ``shape``: the pixel aspect ratio (width : height).
    """
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream("mpeg4" if container == "mp4" else "libvpx", rate=10)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.sample_aspect_ratio = shape
        for number in range(int(seconds * 10)):
            picture = Image.new("RGB", size, (40, 80, 160))
            picture.paste((250, 220, 60), (number * 5, 20, number * 5 + 60, 80))
            file.mux(stream.encode(av.VideoFrame.from_image(picture)))
        file.mux(stream.encode())
    return out.getvalue()


@functools.cache
def _chirp(loud: int, pitch: int, samples: int) -> bytes:
    wave_form = (int(loud * math.sin(one * one * 0.001 * pitch)) for one in range(samples))
    return struct.pack(f"<{samples}h", *wave_form)


def mp3_without_header(seconds: float) -> bytes:
    """Audio with a variable bit rate, first silent then loud, without the header that states the duration."""
    out = io.BytesIO()
    samples, rate = 1152, 44_100
    with av.open(out, "w", format="mp3", options={"write_xing": "0"}) as file:
        stream = file.add_stream("libmp3lame", rate=rate, options={"compression_level": "7"})
        stream.layout = "mono"
        stream.codec_context.qscale = True
        stream.codec_context.global_quality = 4 * 118
        for number in range(int(seconds * rate / samples)):
            frame = av.AudioFrame(format="s16p", layout="mono", samples=samples)
            frame.sample_rate, frame.pts = rate, number * samples
            frame.planes[0].update(_chirp(0 if number < 100 else 20_000, 1 + number % 7, samples))
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return out.getvalue()


def tagged_sound(content_type: str, secret: str) -> bytes:
    """Two seconds of audio of this type, with ``secret`` in each kind of tag that encoders write."""
    name, codec = {
        "audio/mpeg": ("mp3", "libmp3lame"),
        "audio/ogg": ("ogg", "libopus"),
        "audio/wav": ("wav", "pcm_s16le"),
    }[content_type]
    out = io.BytesIO()
    with av.open(out, "w", format=name) as file:
        file.metadata.update({"title": secret, "comment": secret, "location": secret, "artist": secret})
        stream = file.add_stream(codec, rate=48_000)
        stream.layout = "mono"
        stream.metadata.update({"title": secret, "location": secret})
        for number in range(100):
            frame = av.AudioFrame(format="s16", layout="mono", samples=960)
            frame.sample_rate, frame.pts = 48_000, number * 960
            frame.planes[0].update(struct.pack("<960h", *(int(9000 * math.sin(one / 9)) for one in range(960))))
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return _with_more_tags(out.getvalue(), content_type, secret.encode())


def _with_more_tags(content: bytes, content_type: str, secret: bytes) -> bytes:
    if content_type == "audio/mpeg":
        return content + b"APETAGEX" + struct.pack("<IIII8x", 2000, 32, 0, 0) + secret + b"TAG" + secret.ljust(125)
    if content_type == "audio/wav":
        more = b"".join(kind + struct.pack("<I", 700) + secret.ljust(700) for kind in (b"id3 ", b"bext", b"iXML"))
        return b"RIFF" + struct.pack("<I", len(content) + len(more) - 8) + content[8:] + more
    return content
