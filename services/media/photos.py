"""Photos: decoded and re-encoded, so that only visible content is kept (no EXIF, no GPS, no XMP)."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pi_heif
from PIL import Image

from services.media import animations, png
from services.media.inspection import Facts, Refused
from services.media.model import variant_name
from services.media.pixels import has_alpha, shown, source_of, turned

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
_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
}
# Tells Pillow of the decoder, which takes the main picture upright, in eight bits a channel; thumbnails stay unread.
pi_heif.register_heif_opener(thumbnails=False)

_SAVED: dict[str, dict[str, Any]] = {
    "image/jpeg": {"quality": 90, "optimize": True},
    "image/png": {},
    "image/webp": {"quality": 90, "method": 4},
    "image/gif": {},
}


def convert(source: Path, content_type: str, original: Path, thumbnail: Path) -> tuple[Facts, str]:
    """Write the clean picture and its WebP thumbnail (at most 640 pixels wide and high); returns its facts and content
    type, which differs from the source's if browsers do not show that. A duration is that of an animation.

    Raises:
        Refused: ``too-many-pixels``, ``unreadable``.
    """
    try:
        if content_type == "image/png":
            source = png.strip(source, original.with_name("stripped"))
        with Image.open(source, formats=[_FORMATS[content_type]]) as picture:
            _check_pixels(picture)
            served = _served_type(picture, content_type)
            # Several pictures in one HEIC or JPEG file are a burst or a map of light: the first one is shown.
            is_moving = getattr(picture, "is_animated", False) and served in animations.WRITTEN
            facts = (animations.rewrite if is_moving else _still)(picture, served, original)
        with Image.open(original) as clean:
            _seek_visible(clean)
            small = clean.convert("RGBA" if has_alpha(clean) else "RGB")
            small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
            small.save(thumbnail, "WEBP", quality=80, method=4)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused("too-many-pixels") from error
    except Exception as error:
        # Damaged files make Pillow raise whatever its decoders run into (OSError, SyntaxError, struct.error, …).
        raise Refused("unreadable") from error
    return facts, served


def _seek_visible(picture: Image.Image) -> None:
    """Seek to the first frame with visible content, or to the first one if there is none."""
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        # Of 255, 1 is not to be seen (``animations``).
        if not has_alpha(picture) or picture.convert("RGBA").getchannel("A").getextrema()[1] > 1:  # type: ignore[operator]
            return
    picture.seek(0)


def _served_type(picture: Image.Image, content_type: str) -> str:
    """Few browsers show HEIC: it becomes JPEG, or PNG if it has transparency."""
    if _FORMATS[content_type] != "HEIF":
        return content_type
    return "image/png" if has_alpha(picture) else "image/jpeg"


def renditions(original: Path, folder: Path) -> tuple[str, ...]:
    """Write the clean picture in further sizes and formats; their names. None of an animation, none enlarged."""
    names: list[str] = []
    with Image.open(original) as clean:
        if getattr(clean, "is_animated", False):
            return ()
        picture = clean.convert("RGBA" if has_alpha(clean) else "RGB")
    longest = max(picture.size)
    for side, extension in sorted(_RENDITIONS, reverse=True):
        if side > THUMBNAIL_SIDE and longest <= side:
            continue
        # From the largest down: each is made of the one before, which has less to throw away.
        picture.thumbnail((side, side), Image.Resampling.BICUBIC)
        name = variant_name(picture.width, extension)
        if name in names:
            # So narrow that all sizes have one width: the largest stays.
            continue
        picture.save(folder / name, extension.upper(), **_RENDITION_OPTIONS[extension])
        names.insert(0, name)
    return tuple(names)


def placeholder(thumbnail: Path) -> str:
    """A picture of at most 16 pixels a side as a ``data:`` URL: some 100 to 300 characters."""
    with Image.open(thumbnail) as small:
        tiny = small.convert("RGBA" if has_alpha(small) else "RGB")
    tiny.thumbnail((_PLACEHOLDER_SIDE, _PLACEHOLDER_SIDE), Image.Resampling.BOX)
    out = io.BytesIO()
    tiny.save(out, "WEBP", quality=20, method=6)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()


def _check_pixels(picture: Image.Image) -> None:
    pixels = picture.width * picture.height
    if pixels > PIXEL_LIMIT or pixels * getattr(picture, "n_frames", 1) > ANIMATION_PIXEL_LIMIT:
        raise Refused("too-many-pixels")


def _still(picture: Image.Image, content_type: str, original: Path) -> Facts:
    upright = turned(shown(picture, source_of(picture)), picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    clean = Image.new(upright.mode, upright.size)
    clean.paste(upright)
    clean.save(original, _FORMATS[content_type], **_SAVED[content_type])
    return Facts(clean.width, clean.height)
