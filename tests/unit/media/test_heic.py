"""HEIC photos from phones: decoded by the media layer, served in formats that every browser shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from services.media.inspection import Refused, content_types
from services.media.model import Kind
from services.media.processing import prepare
from tests.support.heic import heic


def _picture() -> Image.Image:
    picture = Image.new("RGB", (128, 96), "navy")
    ImageDraw.Draw(picture).rectangle((0, 0, 40, 30), fill="red")
    return picture


def _near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return isinstance(pixel, tuple) and all(abs(a - b) < 24 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("declared", ["image/heic", "image/heif"])
def test_a_heic_photo_becomes_a_jpeg_with_all_sizes(tmp_path: Path, declared: str) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(heic(_picture()))
    ready = prepare(Kind.PHOTO, declared, upload, tmp_path)
    assert ready.content_type == "image/jpeg"
    assert (ready.facts.width, ready.facts.height, ready.facts.duration_ms) == (128, 96, None)
    with Image.open(ready.original, formats=["JPEG"]) as shown:
        assert _near(shown.getpixel((10, 10)), (255, 0, 0))
        assert _near(shown.getpixel((100, 80)), (0, 0, 128))
        assert not shown.getexif()
    assert ready.thumbnail is not None
    assert content_types(ready.thumbnail.read_bytes()) == {"image/webp"}


def test_a_heic_photo_is_rotated_by_its_transform(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(heic(_picture(), turned=1))
    ready = prepare(Kind.PHOTO, "image/heic", upload, tmp_path)
    assert (ready.facts.width, ready.facts.height) == (96, 128)
    with Image.open(ready.original) as shown:
        assert _near(shown.getpixel((10, 118)), (255, 0, 0))


def test_a_damaged_heic_photo_is_refused(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(heic(_picture())[:-200])
    with pytest.raises(Refused, match="unreadable"):
        prepare(Kind.PHOTO, "image/heic", upload, tmp_path)


@pytest.mark.parametrize(
    ("brand", "declared"), [(b"avif", "image/heic"), (b"isom", "image/heic"), (b"heic", "video/mp4")]
)
def test_other_families_of_the_container_are_recognized(tmp_path: Path, brand: bytes, declared: str) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(60))
    kind = Kind.VIDEO if declared.startswith("video") else Kind.PHOTO
    with pytest.raises(Refused, match="type-mismatch"):
        prepare(kind, declared, upload, tmp_path)
