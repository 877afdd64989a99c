"""Decodes video and sound: a still for the poster, loudness for the waveform. By FFmpeg (PyAV).

Files are untrusted: decoding is bounded in pixels, packets and time. A file that cannot be decoded here has no poster;
the containers were checked before.
"""

from __future__ import annotations

import itertools
import time
from array import array
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

from services.common.observability import logger
from services.media.decoding import opened

_PIXEL_LIMIT = 50_000_000
_PACKET_LIMIT = 2_000
_SECONDS = 8.0
_RATE = 8_000
PEAKS = 64
#: The maximum of sound that is decoded, in samples: an hour.
_SAMPLE_LIMIT = 3600 * _RATE


def poster(path: Path, content_type: str, target: Path, longest: int) -> tuple[int, int] | None:
    """Write a frame from a tenth into the video as WebP; the size of the frame, or ``None`` without one."""
    try:
        with opened(path, content_type) as container:
            image = _still(container)
    except Exception as error:
        # FFmpeg says of a damaged file whatever its decoders run into.
        logger.info("no poster", extra={"reason": repr(error)[:200]})
        return None
    if image is None:
        return None
    size = image.size
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    image.save(target, "WEBP", quality=80, method=2)
    return size


def _still(container: Any) -> Image.Image | None:
    stream = container.streams.video[0]
    if stream.codec_context.width * stream.codec_context.height > _PIXEL_LIMIT:
        return None
    if container.duration:
        container.seek(container.duration // 10)
    until = time.monotonic() + _SECONDS
    for number, packet in enumerate(container.demux(stream)):
        for frame in packet.decode():
            if frame.width * frame.height > _PIXEL_LIMIT:
                return None
            shape = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
            image = _of_square_pixels(frame.to_image(), shape)
            return image.rotate(frame.rotation, expand=True) if frame.rotation else image
        if number > _PACKET_LIMIT or time.monotonic() > until:
            break
    return None


def _of_square_pixels(image: Image.Image, shape: Fraction | None) -> Image.Image:
    """Browsers stretch the width for wide pixels, and the height for high ones."""
    if not shape or shape == 1:
        return image
    width, height = image.size
    size = (round(width * shape), height) if shape > 1 else (width, round(height / shape))
    return image.resize(size, Image.Resampling.BICUBIC) if size[0] * size[1] <= _PIXEL_LIMIT else image


def peaks(path: Path, content_type: str) -> tuple[int, ...]:
    """The greatest loudness in each of 64 equal pieces, 0 to 100 of the loudest; nothing where it can't be told."""
    try:
        with opened(path, content_type) as container:
            samples = _samples(container)
    except Exception as error:
        logger.info("no waveform", extra={"reason": repr(error)[:200]})
        return ()
    if len(samples) < PEAKS:
        return ()
    edges = [len(samples) * number // PEAKS for number in range(PEAKS + 1)]
    pieces = [samples[start:end] for start, end in itertools.pairwise(edges)]
    loud = [max(max(piece), -min(piece)) for piece in pieces]
    top = max(loud)
    return tuple(round(one * 100 / top) for one in loud) if top else (0,) * PEAKS


def held_ms(path: Path, content_type: str) -> int | None:
    """The end of a file's last packet in milliseconds, independent of its header; 0 without packets.

    ``None`` when there are too many packets to read.
    """
    end = 0.0
    until = time.monotonic() + _SECONDS
    try:
        with opened(path, content_type) as container:
            for packet in container.demux([*container.streams.video, *container.streams.audio]):
                if packet.pts is not None and packet.time_base is not None:
                    end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
                if time.monotonic() > until:
                    return None
    except Exception as error:
        logger.info("no further packets", extra={"reason": repr(error)[:200]})
    return int(end * 1000)


def _samples(container: Any) -> array[int]:
    """Mono, 8 kHz, 16 bit."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    samples: array[int] = array("h")
    until = time.monotonic() + _SECONDS
    for frame in container.decode(container.streams.audio[0]):
        for piece in resampler.resample(frame):
            samples.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
        if len(samples) > _SAMPLE_LIMIT or time.monotonic() > until:
            raise TimeoutError(f"too long: {len(samples)} samples so far")
    return samples
