"""Animated GIF, WebP and PNG: whole frames with the times and the number of rounds that the file says.

A frame is the whole visible picture: Pillow has applied the file's disposal and blending.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from services.media.inspection import Facts
from services.media.pixels import ImageSource, shown, source_of, turned

#: The delay that browsers use for frames of 10 ms or less.
_HASTY_MS, _HASTY_SHOWN_MS = 10, 100
#: libwebp 1.6 writes lossy frames without any alpha where it is 0 or 255 only; of 255, 1 is not to be seen.
_NEVER_ZERO = [max(one, 1) for one in range(256)]
#: Each frame replaces the one before, transparent pixels too.
WRITTEN: dict[str, tuple[str, dict[str, Any]]] = {
    # Without ``optimize`` Pillow writes whole frames: what it leaves out of others stays after all, instead of going.
    "image/gif": ("GIF", {"disposal": 2, "optimize": False}),
    "image/webp": ("WEBP", {"quality": 90, "method": 2}),
    "image/png": ("PNG", {"disposal": 0, "blend": 0}),
}


def rewrite(picture: Image.Image, content_type: str, target: Path) -> Facts:
    """Write the frames, and nothing else of the file; the duration of one round."""
    kind, options = WRITTEN[content_type]
    source = source_of(picture)
    frames, times = [], []
    for frame, milliseconds in _frames(picture, source, content_type):
        frames.append(frame)
        times.append(milliseconds)
    if kind == "GIF":
        frames = _paletted(frames)
    rounds = picture.info.get("loop")
    if rounds is not None:
        # A GIF without the block plays once; the others always say how often.
        options = {**options, "loop": int(rounds)}
    frames[0].save(target, kind, save_all=True, append_images=frames[1:], duration=times, **options)
    shown_ms = sum(one if one > _HASTY_MS else _HASTY_SHOWN_MS for one in times)
    return Facts(frames[0].width, frames[0].height, shown_ms)


def _frames(picture: Image.Image, source: ImageSource, content_type: str) -> Iterator[tuple[Image.Image, int]]:
    """Each with its time in milliseconds, which some formats know only when the frame is decoded."""
    if content_type == "image/webp":
        # Also where no frame has alpha: what none of them covers is transparent, and Pillow would make it black.
        picture.rawmode = picture._mode = "RGBA"  # type: ignore[attr-defined]
    # A PNG may have a picture for viewers that know no animation, which is none of its frames.
    first = 1 if getattr(picture, "default_image", False) else 0
    for number in range(first, getattr(picture, "n_frames", 1)):
        picture.seek(number)
        picture.load()
        frame = turned(shown(picture, source), picture).convert("RGBA")
        frame.info.clear()
        if content_type == "image/webp":
            frame.putalpha(frame.getchannel("A").point(_NEVER_ZERO))
        yield frame, round(picture.info.get("duration") or 0)


def _paletted(frames: list[Image.Image]) -> list[Image.Image]:
    """Each frame in a palette of 256 colours of its own, without loss if it has no more. If any frame is transparent,
    one entry of every palette is."""
    holes = any(frame.getchannel("A").getextrema()[0] == 0 for frame in frames)
    return [_with_hole(frame) if holes else _in_colours(frame, 256) for frame in frames]


def _with_hole(frame: Image.Image) -> Image.Image:
    found = _in_colours(frame, 255)
    found.paste(255, (0, 0), frame.getchannel("A").point([255] + [0] * 255))
    found.info["transparency"] = 255
    return found


def _in_colours(frame: Image.Image, colours: int) -> Image.Image:
    return frame.convert("RGB").quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
