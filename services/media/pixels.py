"""Pixels as a browser would show them: eight bits a channel, sRGB, with the transparency that the file describes.

PNG Specification (Third Edition), 11.3.1 (tRNS), 11.3.2 (colour space) and 13.12 (sample depth rescaling).
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageCms

from services.common.lazy_dataclasses import dataclass
from services.media import png, profiles

#: Colour space that a profile names → modes of pictures that it can describe.
_PROFILED = {"RGB": ("RGB", "RGBA"), "GRAY": ("L", "LA"), "CMYK": ("CMYK",)}
_SRGB_GAMMA = 0.45455
_DEEPEST, _DEEP = 255, 16
_ORIENTATION_TAG = 274
#: EXIF 2.32, 4.6.4 A: Orientation. What browsers turn back when they show a picture.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class ImageSource:
    """A file's metadata about its pixels, read before decoding, after which Pillow drops some of it."""

    profile: bytes | None = None
    gamma: float | None = None
    #: Bits per sample of a PNG.
    depth: int = 8


def source_of(picture: Image.Image) -> ImageSource:
    """Read the metadata before pixels are loaded. ``picture`` is an open file."""
    info = picture.info
    profile = _numbered_profile(picture) or info.get("icc_profile")
    gamma = info.get("gamma") if "srgb" not in info and not profile else None
    return ImageSource(profile, float(gamma) if gamma else None, _depth(picture))


def _numbered_profile(picture: Image.Image) -> bytes | None:
    """The profile of a PNG whose colour space is given by numbers: ``cICP`` takes precedence, ``cHRM`` is the last
    choice."""
    if picture.format != "PNG":
        return None
    info = picture.info
    coding = png.coding_of(Path(picture.filename))  # type: ignore[attr-defined]
    if coding is not None and (profile := profiles.of_coding(coding)):
        return profile
    if not {"chromaticity", "gamma"} <= info.keys() or {"srgb", "icc_profile"} & info.keys():
        return None
    try:
        return profiles.of_chromaticities(info["chromaticity"], float(info["gamma"]))
    except (ValueError, ArithmeticError):
        return None


def shown(picture: Image.Image, source: ImageSource) -> Image.Image:
    """In mode ``L``, ``RGB`` or ``RGBA``. A profile that does not fit the pixels is ignored, as browsers do."""
    plain = _eight_bits(picture, source.depth)
    profiled = _by_profile(plain, source.profile) if source.profile else None
    if profiled is not None:
        plain = profiled
    elif source.gamma and abs(source.gamma - _SRGB_GAMMA) > 0.01:
        plain = _by_gamma(plain, source.gamma)
    if plain.mode in ("L", "RGB", "RGBA"):
        return plain
    return plain.convert("RGBA" if has_alpha(plain) else "RGB")


def turned(pixels: Image.Image, picture: Image.Image) -> Image.Image:
    """Rotate by the EXIF of the loaded ``picture``. Browsers don't use XMP, and ignore damaged EXIF."""
    exif = Image.Exif()
    try:
        # Not ``getexif``: it takes the orientation of XMP where EXIF has none.
        exif.load(picture.info.get("exif", b""))
        way = _UPRIGHT.get(exif.get(_ORIENTATION_TAG, 1))
    except Exception:
        # Pillow raises whatever reading damaged tags runs into (SyntaxError, struct.error, …).
        return pixels
    return pixels if way is None else pixels.transpose(way)


def has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _depth(picture: Image.Image) -> int:
    """From the header of a PNG: the byte after width and height."""
    if picture.format != "PNG" or picture.fp is None:  # type: ignore[attr-defined]
        return 8
    file: Any = picture.fp  # type: ignore[attr-defined]
    place = file.tell()
    file.seek(24)
    depth = file.read(1)
    file.seek(place)
    return depth[0] if depth else 8


def _eight_bits(picture: Image.Image, depth: int) -> Image.Image:
    key = picture.info.get("transparency")
    if picture.mode.startswith("I;16"):
        return _deep_gray(picture, key)
    if picture.mode in ("1", "L") and isinstance(key, int):
        # Pillow spreads samples of fewer bits over 0 to 255, but leaves the key as it was.
        spread = _DEEPEST // ((1 << min(depth, 8)) - 1)
        return _keyed(picture.convert("L"), [min(key * spread, _DEEPEST)])
    if picture.mode == "RGB" and isinstance(key, tuple):
        return _deep_colour(picture, key) if depth == _DEEP else _keyed(picture, key)
    if picture.mode == "P":
        return picture.convert("RGBA" if has_alpha(picture) else "RGB")
    return picture.convert("L") if picture.mode == "1" else picture


def _deep_gray(picture: Image.Image, key: Any) -> Image.Image:
    data = picture.tobytes()
    low, high = data[0::2], data[1::2]
    if picture.mode == "I;16B":
        low, high = high, low
    gray = Image.frombytes("L", picture.size, high)
    if not isinstance(key, int):
        return gray
    return _keyed(gray, [key >> 8], Image.frombytes("L", picture.size, low), [key & 255])


def _deep_colour(picture: Image.Image, key: tuple[int, ...]) -> Image.Image:
    """Pillow has the upper halves of 16-bit samples; the file is decoded again for the lower ones."""
    with Image.open(picture.filename, formats=["PNG"]) as again:  # type: ignore[attr-defined]
        again.tile = [again.tile[0]._replace(args="RGB;16L")]
        again.load()
        low = again.copy()
    return _keyed(picture, [one >> 8 for one in key], low, [one & _DEEPEST for one in key])


def _keyed(picture: Image.Image, key: Any, low: Image.Image | None = None, low_key: Any = None) -> Image.Image:
    """With the one colour ``key`` transparent."""
    hit = _equal(picture, key)
    if low is not None:
        hit = ImageChops.darker(hit, _equal(low, low_key))
    whole = picture.convert("RGBA")
    whole.putalpha(ImageChops.invert(hit))
    return whole


def _equal(picture: Image.Image, key: Any) -> Image.Image:
    """255 where every channel has its value of ``key``, else 0."""
    found: Image.Image | None = None
    for band, value in zip(picture.split(), key, strict=True):
        same = band.point([255 if one == value else 0 for one in range(256)])
        found = same if found is None else ImageChops.darker(found, same)
    assert found is not None
    return found


def _by_profile(picture: Image.Image, profile: bytes) -> Image.Image | None:
    """In sRGB; ``None`` when the profile is damaged, or of another kind of picture."""
    try:
        described = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if picture.mode not in _PROFILED.get(described.profile.xcolor_space.strip(), ()):
            return None
        alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
        bare = picture.convert(picture.mode.removesuffix("A")) if alpha else picture
        result = ImageCms.profileToProfile(bare, described, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    if result is not None and alpha is not None:
        result.putalpha(alpha)
    return result


def _by_gamma(picture: Image.Image, gamma: float) -> Image.Image:
    """PNG's gAMA: samples are light to the power of ``gamma``."""
    table = [round(_DEEPEST * _encoded((value / _DEEPEST) ** (1 / gamma))) for value in range(256)]
    keep = list(range(256))
    tables = {"L": table, "RGB": table * 3, "RGBA": table * 3 + keep, "LA": table + keep}
    return picture.point(tables[picture.mode]) if picture.mode in tables else picture


def _encoded(light: float) -> float:
    """IEC 61966-2-1."""
    return 12.92 * light if light <= 0.0031308 else 1.055 * math.pow(light, 1 / 2.4) - 0.055
