"""Every size of a picture shows the same pixels as a browser shows for the original."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.media import photos
from tests.support.pictures import (
    GRAY,
    GRAY_ALPHA,
    P3_PRIMARIES,
    PALETTE,
    RGB,
    RGBA,
    SRGB_PRIMARIES,
    cmyk_profile,
    gray_profile,
    iccp,
    png,
    rgb_profile,
    samples,
)  # fmt: skip

SIDE = 32


def blocks(left: list[int], right: list[int]) -> list[list[int]]:
    """A left and a right half: large enough that compression does not mix their centres."""
    return [left * (SIDE // 2) + right * (SIDE // 2)] * SIDE


def shown(content: bytes, content_type: str, tmp_path: Path) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The RGBA values at the centre of both halves, for the cleaned picture and each of its sizes."""
    source, original, thumbnail = (tmp_path / name for name in ("source", "original", "thumb.webp"))
    source.write_bytes(content)
    photos.convert(source, content_type, original, thumbnail)
    names = photos.renditions(original, tmp_path)
    assert names
    found = []
    for path in (original, thumbnail, *(tmp_path / name for name in names)):
        with Image.open(path) as picture:
            assert "icc_profile" not in picture.info
            whole = picture.convert("RGBA")
        width, height = whole.size
        left, right = (whole.getpixel((round(width * at), height // 2)) for at in (0.2, 0.8))
        assert isinstance(left, tuple)
        assert isinstance(right, tuple)
        found.append((left, right))
    return found


def close(found: tuple[int, ...], expected: tuple[int, ...], tolerance: int = 6) -> bool:
    """The colour of fully transparent pixels is ignored."""
    if found[3] <= tolerance and expected[3] == 0:
        return True
    return all(abs(one - other) <= tolerance for one, other in zip(found, expected, strict=True))


def gray(value: int, alpha: int = 255) -> tuple[int, ...]:
    return (value, value, value, alpha)


def chrm(*values: float) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(one * 100_000) for one in values))


GONE = gray(0, 0)
#: White, red, green and blue of Display P3, as x and y chromaticity.
P3 = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
PNGS: dict[str, tuple[bytes, tuple[int, ...], tuple[int, ...]]] = {
    "1-bit": (png(SIDE, 1, GRAY, blocks([0], [1])), gray(0), gray(255)),
    "2-bit": (png(SIDE, 2, GRAY, blocks([1], [3])), gray(85), gray(255)),
    "4-bit": (png(SIDE, 4, GRAY, blocks([5], [12])), gray(85), gray(204)),
    "16-bit": (png(SIDE, 16, GRAY, blocks([0x4000], [0xC0FF])), gray(0x40), gray(0xC0)),
    "16-bit colour": (
        png(SIDE, 16, RGB, blocks([0xFF00, 0x8000, 0], [0, 0x8000, 0xFFFF])), (255, 128, 0, 255), (0, 128, 255, 255),
    ),
    "16-bit grey with alpha": (
        png(SIDE, 16, GRAY_ALPHA, blocks([0x8000, 0], [0x8000, 0xFFFF])), GONE, gray(128),
    ),
    "16-bit colour with alpha": (
        png(SIDE, 16, RGBA, blocks([0xFFFF, 0, 0, 0x8000], [0, 0xFFFF, 0, 0xFFFF])), (255, 0, 0, 128), (0, 255, 0, 255),
    ),
    "grey with alpha": (png(SIDE, 8, GRAY_ALPHA, blocks([90, 128], [200, 255])), gray(90, 128), gray(200)),
    "grey with a key": (png(SIDE, 8, GRAY, blocks([90], [200]), (b"tRNS", samples(90))), GONE, gray(200)),
    "1-bit with a key": (png(SIDE, 1, GRAY, blocks([1], [0]), (b"tRNS", samples(1))), GONE, gray(0)),
    "2-bit with a key": (png(SIDE, 2, GRAY, blocks([1], [3]), (b"tRNS", samples(1))), GONE, gray(255)),
    "4-bit with a key": (png(SIDE, 4, GRAY, blocks([5], [12]), (b"tRNS", samples(12))), gray(85), GONE),
    "16-bit with a key": (
        png(SIDE, 16, GRAY, blocks([0x8001], [0x8002]), (b"tRNS", samples(0x8001))), GONE, gray(128),
    ),
    "colour with a key": (
        png(SIDE, 8, RGB, blocks([0, 0, 0], [0, 0, 200]), (b"tRNS", samples(0, 0, 0))), GONE, (0, 0, 200, 255),
    ),
    "16-bit colour with a key": (
        png(SIDE, 16, RGB, blocks([0x8001] * 3, [0x8001, 0x8001, 0x8002]), (b"tRNS", samples(*[0x8001] * 3))),
        GONE, gray(128),
    ),
    "palette": (
        png(SIDE, 8, PALETTE, blocks([0], [1]), (b"PLTE", bytes((250, 0, 0, 0, 0, 250)))),
        (250, 0, 0, 255), (0, 0, 250, 255),
    ),
    "palette with alpha": (
        png(SIDE, 4, PALETTE, blocks([0], [1]), (b"PLTE", bytes((250, 0, 0, 0, 0, 250))), (b"tRNS", b"\x80")),
        (250, 0, 0, 128), (0, 0, 250, 255),
    ),
    "palette with a hole": (
        png(SIDE, 2, PALETTE, blocks([0], [1]), (b"PLTE", bytes((250, 0, 0, 0, 0, 250))), (b"tRNS", b"\xff\0")),
        (250, 0, 0, 255), GONE,
    ),
    "linear light by gAMA": (
        png(SIDE, 8, GRAY, blocks([55], [255]), (b"gAMA", (100_000).to_bytes(4, "big"))), gray(128), gray(255),
    ),
    "sRGB that says so": (
        png(SIDE, 8, GRAY, blocks([55], [255]), (b"sRGB", b"\0"), (b"gAMA", (100_000).to_bytes(4, "big"))),
        gray(55), gray(255),
    ),
    "Display P3": (
        png(SIDE, 8, RGB, blocks([200, 100, 100], [128] * 3), iccp(rgb_profile(P3_PRIMARIES, 2.2))),
        (213, 96, 97, 255), gray(128),
    ),
    "Display P3 by cHRM": (
        png(SIDE, 8, RGB, blocks([200, 100, 100], [128] * 3), (b"gAMA", (45_455).to_bytes(4, "big")), chrm(*P3)),
        (215, 93, 97, 255), gray(128),
    ),
    "cHRM without sense": (
        png(SIDE, 8, RGB, blocks([200, 100, 100], [128] * 3), (b"gAMA", (45_455).to_bytes(4, "big")), chrm(*[0] * 8)),
        (200, 100, 100, 255), gray(128),
    ),
    "Display P3 by cICP": (
        png(SIDE, 8, RGB, blocks([200, 100, 100], [128] * 3), (b"cICP", b"\x0c\x0d\0\1")),
        (215, 93, 97, 255), gray(128),
    ),
    "cICP goes before a profile": (
        png(SIDE, 8, RGB, blocks([200, 100, 100], [128] * 3), (b"cICP", b"\1\x0d\0\1"),
            iccp(rgb_profile(P3_PRIMARIES, 1))),
        (200, 100, 100, 255), gray(128),
    ),
    "cICP, linear, with alpha": (
        png(SIDE, 8, RGBA, blocks([55, 55, 55, 128], [255] * 4), (b"cICP", b"\1\x08\0\1")), gray(128, 128), gray(255),
    ),
    "cICP, PQ: white is at 58 %": (
        png(SIDE, 8, RGB, blocks([148] * 3, [220] * 3), (b"cICP", b"\x09\x10\0\1")), gray(255), gray(255),
    ),
    "cICP that is not of RGB": (
        png(SIDE, 8, RGB, blocks([200, 100, 100], [128] * 3), (b"cICP", b"\x0c\x0d\1\1")),
        (200, 100, 100, 255), gray(128),
    ),
    "damaged EXIF": (png(SIDE, 8, GRAY, blocks([90], [200]), (b"eXIf", b"junk")), gray(90), gray(200)),
    "a comment that grows": (
        png(SIDE, 8, GRAY, blocks([90], [200]), (b"zTXt", b"k\0\0" + zlib.compress(b"a" * 3_000_000))),
        gray(90), gray(200),
    ),
    "a comment with a wrong checksum": (
        png(SIDE, 8, GRAY, blocks([90], [200]), (b"tEXt", b"k\0comment")).replace(b"comment", b"Comment"),
        gray(90), gray(200),
    ),
    "16-bit grey, linear profile": (
        png(SIDE, 16, GRAY, blocks([0x3700], [0xFFFF]), iccp(gray_profile(1.0))), gray(128), gray(255),
    ),
    "colour with alpha, linear profile": (
        png(SIDE, 8, RGBA, blocks([55, 55, 55, 128], [0, 0, 0, 255]), iccp(rgb_profile(SRGB_PRIMARIES, 1.0))),
        gray(128, 128), gray(0),
    ),
    "a profile of another kind": (
        png(SIDE, 8, RGB, blocks([55] * 3, [200] * 3), iccp(gray_profile(1.0))), gray(55), gray(200),
    ),
    "a damaged profile": (png(SIDE, 8, GRAY, blocks([55], [200]), iccp(b"no profile")), gray(55), gray(200)),
}  # fmt: skip


@pytest.mark.parametrize("name", PNGS)
def test_a_png_looks_as_browsers_show_it(name: str, tmp_path: Path) -> None:
    content, left, right = PNGS[name]
    for number, (first, second) in enumerate(shown(content, "image/png", tmp_path)):
        assert close(first, left), (number, first, left)
        assert close(second, right), (number, second, right)


def halves(mode: str, left: Any, right: Any) -> Image.Image:
    picture = Image.new(mode, (SIDE, SIDE), right)
    picture.paste(left, (0, 0, SIDE // 2, SIDE))
    return picture


def written(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


LINEAR = rgb_profile(SRGB_PRIMARIES, 1.0)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
OTHERS: dict[str, tuple[str, Callable[[], bytes], tuple[int, ...], tuple[int, ...]]] = {
    "JPEG": ("jpeg", lambda: written(halves("RGB", (200, 40, 40), (40, 40, 200)), "JPEG", quality=95, subsampling=0),
             (200, 40, 40, 255), (40, 40, 200, 255)),
    "JPEG, grey": ("jpeg", lambda: written(halves("L", 60, 220), "JPEG"), gray(60), gray(220)),
    "JPEG, grey, linear": ("jpeg", lambda: written(halves("L", 55, 255), "JPEG", icc_profile=gray_profile(1.0)),
                           gray(128), gray(255)),
    "JPEG, linear": ("jpeg", lambda: written(halves("RGB", (55,) * 3, (255,) * 3), "JPEG", icc_profile=LINEAR),
                     gray(128), gray(255)),
    "JPEG, CMYK": ("jpeg", lambda: written(halves("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), "JPEG"), gray(255), gray(0)),
    "JPEG, CMYK with a profile": (
        "jpeg", lambda: written(halves("CMYK", (255, 255, 255, 0), (0, 0, 0, 255)), "JPEG", icc_profile=cmyk_profile()),
        gray(255), gray(0)),
    "JPEG, progressive": (
        "jpeg", lambda: written(halves("RGB", (200, 40, 40), (40, 40, 200)), "JPEG", quality=95, progressive=True),
        (200, 40, 40, 255), (40, 40, 200, 255)),
    "JPEG with further pictures": (
        "jpeg",
        lambda: written(halves("L", 60, 220), "MPO", save_all=True, append_images=[Image.new("L", (SIDE, SIDE))]),
        gray(60), gray(220)),
    "JPEG with damaged EXIF": ("jpeg", lambda: written(halves("L", 60, 220), "JPEG", exif=b"Exif\0\0junk"),
                               gray(60), gray(220)),
    "JPEG turned by XMP alone": ("jpeg", lambda: written(halves("L", 60, 220), "JPEG", xmp=XMP), gray(60), gray(220)),
    "WebP turned by XMP alone": ("webp", lambda: written(halves("L", 60, 220), "WEBP", xmp=XMP), gray(60), gray(220)),
    "WebP": ("webp", lambda: written(halves("RGB", (200, 40, 40), (40, 40, 200)), "WEBP", lossless=True),
             (200, 40, 40, 255), (40, 40, 200, 255)),
    "WebP, linear, with alpha": (
        "webp",
        lambda: written(halves("RGBA", (55, 55, 55, 128), (255,) * 4), "WEBP", lossless=True, icc_profile=LINEAR),
        gray(128, 128), gray(255)),
    "GIF": ("gif", lambda: written(halves("RGB", (255, 0, 0), (0, 0, 255)), "GIF"), (255, 0, 0, 255), (0, 0, 255, 255)),
    "GIF with a hole": ("gif", lambda: written(halves("RGBA", (0, 0, 0, 0), (0, 0, 255, 255)), "GIF"),
                        GONE, (0, 0, 255, 255)),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_a_photo_looks_as_browsers_show_it(name: str, tmp_path: Path) -> None:
    kind, make, left, right = OTHERS[name]
    for number, (first, second) in enumerate(shown(make(), f"image/{kind}", tmp_path)):
        # JPEG and lossy WebP store chroma at half the resolution.
        assert close(first, left, 14), (number, first, left)
        assert close(second, right, 14), (number, second, right)


#: EXIF orientation → the side that shows the file's left edge.
TURNED = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", TURNED)
def test_a_photo_is_upright(kind: str, orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    picture = halves("RGB", (255, 0, 0), (0, 0, 255)).resize((64, 32), Image.Resampling.NEAREST)
    (tmp_path / "source").write_bytes(written(picture, kind, exif=exif))
    facts, _ = photos.convert(tmp_path / "source", f"image/{kind.lower()}", tmp_path / "original", tmp_path / "thumb")
    assert (facts.width, facts.height) == ((64, 32) if orientation < 5 else (32, 64))
    at = {"left": (0.1, 0.5), "right": (0.9, 0.5), "top": (0.5, 0.1), "bottom": (0.5, 0.9)}[TURNED[orientation]]
    for name in ("original", "thumb"):
        with Image.open(tmp_path / name) as clean:
            assert not clean.getexif()
            place = (int(clean.width * at[0]), int(clean.height * at[1]))
            red, _, blue = clean.convert("RGB").getpixel(place)  # type: ignore[misc]
            assert red > 200 > 60 > blue


def test_a_ramp_of_16_bits_stays_a_ramp(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(png(256, 16, GRAY, [[at * 257 for at in range(256)]] * 4))
    photos.convert(tmp_path / "source", "image/png", tmp_path / "original", tmp_path / "thumb")
    with Image.open(tmp_path / "original") as clean:
        assert [clean.getpixel((at, 1)) for at in range(256)] == list(range(256))


def test_the_placeholder_of_a_picture_with_transparency_is_small(tmp_path: Path) -> None:
    halves("RGBA", (0, 0, 0, 0), (255, 0, 0, 255)).save(tmp_path / "thumb", "WEBP")
    text = photos.placeholder(tmp_path / "thumb")
    assert len(text) < 400
