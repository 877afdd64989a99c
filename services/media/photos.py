"""Photos: decoded and written anew, so that nothing but pixels and colour profile goes on (no EXIF, no GPS, no XMP)."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageSequence

from services.media.inspection import Facts, Refused
from services.media.model import variant_name

#: Pillow counts a picture's own pixels; an animation's are summed up over its frames.
PIXEL_LIMIT = 50_000_000
ANIMATION_PIXEL_LIMIT = 150_000_000
LONGEST_SIDE = 4096
THUMBNAIL_SIDE = 640
#: Further sizes of photos that stand still: longest side in pixels and format. AVIF is smaller, WebP is everywhere.
_RENDITIONS = ((640, "avif"), (1280, "avif"), (1280, "webp"), (2048, "webp"))
_RENDITION_OPTIONS: dict[str, dict[str, Any]] = {
    "avif": {"quality": 60, "speed": 9},
    "webp": {"quality": 80, "method": 2},
}
_PLACEHOLDER_SIDE = 16
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}

_SAVED: dict[str, dict[str, Any]] = {
    "image/jpeg": {"quality": 90, "optimize": True},
    "image/png": {},
    "image/webp": {"quality": 90, "method": 4},
    "image/gif": {},
}


def convert(source: Path, content_type: str, original: Path, thumbnail: Path) -> Facts:
    """Write the clean picture and its WebP thumbnail (at most 640 pixels wide and high).

    Raises:
        Refused: ``too-many-pixels``, ``unreadable``.
    """
    try:
        with Image.open(source, formats=[_FORMATS[content_type]]) as picture:
            _check_pixels(picture)
            animated = getattr(picture, "is_animated", False) and content_type in ("image/gif", "image/webp")
            facts = _animation(picture, content_type, original) if animated else _still(picture, content_type, original)
        with Image.open(original) as clean:
            clean.seek(0)
            small = clean.convert("RGBA" if _has_alpha(clean) else "RGB")
            small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
            small.save(thumbnail, "WEBP", quality=80, method=4)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused("too-many-pixels") from error
    except Exception as error:
        # Damaged files make Pillow raise whatever its decoders run into (OSError, SyntaxError, struct.error, …).
        raise Refused("unreadable") from error
    return facts


def renditions(original: Path, folder: Path) -> tuple[str, ...]:
    """Write the clean picture in further sizes and formats; their names. None of an animation, none enlarged."""
    names: list[str] = []
    with Image.open(original) as clean:
        if getattr(clean, "is_animated", False):
            return ()
        picture = clean.convert("RGBA" if _has_alpha(clean) else "RGB")
    longest = max(picture.size)
    for side, extension in sorted(_RENDITIONS, reverse=True):
        if side > THUMBNAIL_SIDE and longest <= side:
            continue
        # From the largest down: each is made of the one before, which has less to throw away.
        picture.thumbnail((side, side), Image.Resampling.BICUBIC)
        name = variant_name(picture.width, extension)
        picture.save(folder / name, extension.upper(), **_RENDITION_OPTIONS[extension])
        names.insert(0, name)
    return tuple(names)


def placeholder(thumbnail: Path) -> str:
    """A picture of at most 16 pixels a side as a ``data:`` URL: some 100 to 300 characters."""
    with Image.open(thumbnail) as small:
        tiny = small.convert("RGB")
    tiny.thumbnail((_PLACEHOLDER_SIDE, _PLACEHOLDER_SIDE), Image.Resampling.BOX)
    out = io.BytesIO()
    tiny.save(out, "WEBP", quality=20, method=6)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()


def _check_pixels(picture: Image.Image) -> None:
    pixels = picture.width * picture.height
    if pixels > PIXEL_LIMIT or pixels * getattr(picture, "n_frames", 1) > ANIMATION_PIXEL_LIMIT:
        raise Refused("too-many-pixels")


def _still(picture: Image.Image, content_type: str, original: Path) -> Facts:
    profile = picture.info.get("icc_profile")
    upright: Image.Image = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if content_type == "image/jpeg" and upright.mode not in ("RGB", "L", "CMYK"):
        upright = upright.convert("RGB")
    clean = Image.new(upright.mode, upright.size)
    if upright.mode == "P":
        clean = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
        clean.info.clear()
    else:
        clean.paste(upright)
    options = dict(_SAVED[content_type])
    if profile and content_type != "image/gif":
        options["icc_profile"] = profile
    clean.save(original, _FORMATS[content_type], **options)
    return Facts(clean.width, clean.height)


def _animation(picture: Image.Image, content_type: str, original: Path) -> Facts:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(picture):
        durations.append(int(frame.info.get("duration", 100)))
        clean = frame.convert("RGBA")
        clean.info.clear()
        frames.append(clean)
    frames[0].save(
        original,
        _FORMATS[content_type],
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=int(picture.info.get("loop", 0)),
        disposal=2 if content_type == "image/gif" else 0,
    )
    return Facts(picture.width, picture.height, sum(durations))


def _has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
