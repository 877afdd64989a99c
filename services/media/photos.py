"""Photos: decoded and written anew, so that nothing but pixels and colour profile goes on (no EXIF, no GPS, no XMP)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageSequence

from services.media.examination import Facts, Refused

#: Pillow counts a picture's own pixels; an animation's are summed up over its frames.
PIXEL_LIMIT = 50_000_000
ANIMATION_PIXEL_LIMIT = 150_000_000
LONGEST_SIDE = 4096
THUMBNAIL_SIDE = 640
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
