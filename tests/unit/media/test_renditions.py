"""Renditions besides the original: sizes and formats of photos, posters of videos, waveforms of audio."""

from __future__ import annotations

import base64
import io
import math
import struct
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from services.media import photos, video
from services.media.model import Kind
from services.media.processing import prepare
from tests.support.files import clip, mp4, tone, wav


def test_a_large_photo_has_smaller_sizes_and_formats(tmp_path: Path) -> None:
    original = tmp_path / "original"
    Image.radial_gradient("L").resize((2400, 1800)).convert("RGB").save(original, "JPEG", quality=95)
    names = photos.renditions(original, tmp_path)
    assert names == ("w640.avif", "w1280.avif", "w1280.webp", "w2048.webp")
    for name in names:
        with Image.open(tmp_path / name) as picture:
            assert picture.width == int(name[1:].split(".")[0])
            assert picture.format == name.split(".")[1].upper()
            assert abs(picture.width / picture.height - 4 / 3) < 0.01


def test_nothing_is_enlarged_and_animations_stay_as_they_are(tmp_path: Path) -> None:
    small = tmp_path / "small"
    Image.new("RGBA", (90, 300), (1, 2, 3, 4)).save(small, "PNG")
    assert photos.renditions(small, tmp_path) == ("w90.avif",)
    with Image.open(tmp_path / "w90.avif") as picture:
        assert picture.mode == "RGBA"
    moving = tmp_path / "moving"
    frames = [Image.new("RGB", (2000, 20), (shade, 0, 0)) for shade in (0, 90)]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    assert photos.renditions(moving, tmp_path) == ()


def test_the_placeholder_is_a_tiny_picture_of_the_same_colour(tmp_path: Path) -> None:
    thumbnail = tmp_path / "thumb.webp"
    Image.new("RGB", (640, 320), (200, 30, 30)).save(thumbnail, "WEBP")
    text = photos.placeholder(thumbnail)
    assert len(text) < 400
    with Image.open(io.BytesIO(base64.b64decode(text.partition(",")[2]))) as tiny:
        assert tiny.size == (16, 8)
        red, green, _ = tiny.convert("RGB").getpixel((8, 4))  # type: ignore[misc]
        assert red > 150 > 80 > green


@pytest.mark.parametrize(("container", "content_type"), [("mp4", "video/mp4"), ("webm", "video/webm")])
def test_a_video_has_a_poster_and_its_true_size(tmp_path: Path, container: str, content_type: str) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(clip(container, seconds=2, size=(320, 180)))
    ready = prepare(Kind.VIDEO, content_type, upload, tmp_path)
    assert (ready.facts.width, ready.facts.height) == (320, 180)
    assert ready.facts.duration_ms == pytest.approx(2000, abs=120)
    assert ready.thumbnail is not None
    with Image.open(ready.thumbnail) as poster:
        assert (poster.format, poster.size) == ("WEBP", (320, 180))
        assert poster.convert("L").getextrema() != (0, 0)
    assert ready.placeholder


@pytest.mark.parametrize(("shape", "size"), [(Fraction(4, 3), (427, 180)), (Fraction(1, 2), (320, 360))])
def test_a_video_of_pixels_that_are_not_square_has_the_size_that_is_seen(
    tmp_path: Path, shape: Fraction, size: tuple[int, int]
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(clip("mp4", seconds=1, shape=shape))
    ready = prepare(Kind.VIDEO, "video/mp4", upload, tmp_path)
    assert (ready.facts.width, ready.facts.height) == size
    assert ready.thumbnail is not None
    with Image.open(ready.thumbnail) as poster:
        assert poster.size == size


#: Clockwise rotation in degrees → where in the frame the yellow square of the upper left corner appears.
@pytest.mark.parametrize(("turn", "corner"), [(90, (0.8, 0.1)), (180, (0.9, 0.8)), (270, (0.2, 0.9))])
def test_the_poster_of_a_turned_video_is_upright(tmp_path: Path, turn: int, corner: tuple[float, float]) -> None:
    content = bytearray(clip("mp4", seconds=1))
    cos, sin = ((0, 1), (-1, 0), (0, -1))[turn // 90 - 1]
    # The matrix of the track header (ISO/IEC 14496-12, 8.3.2), 40 bytes into its content.
    at = content.index(b"tkhd") + 4 + 40
    struct.pack_into(">8i", content, at, *(one * 65536 for one in (cos, sin, 0, -sin, cos, 0, 0, 0)))
    upload = tmp_path / "upload"
    upload.write_bytes(content)
    ready = prepare(Kind.VIDEO, "video/mp4", upload, tmp_path)
    size = (320, 180) if turn == 180 else (180, 320)
    assert (ready.facts.width, ready.facts.height) == size
    assert ready.thumbnail is not None
    with Image.open(ready.thumbnail) as poster:
        assert poster.size == size
        red, _, blue = poster.convert("RGB").getpixel((int(corner[0] * size[0]), int(corner[1] * size[1])))  # type: ignore[misc]
    assert red > 200 > 100 > blue


def test_renditions_of_a_picture_one_pixel_wide_have_unique_names(tmp_path: Path) -> None:
    original = tmp_path / "original"
    Image.new("RGB", (1, 4096), (9, 9, 9)).save(original, "PNG")
    names = photos.renditions(original, tmp_path)
    assert sorted(names) == ["w1.avif", "w1.webp"]
    with Image.open(tmp_path / "w1.webp") as largest:
        assert largest.size == (1, 2048)


def test_a_video_whose_frames_cannot_be_decoded_has_no_poster(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(mp4(1))
    ready = prepare(Kind.VIDEO, "video/mp4", upload, tmp_path)
    assert ready.thumbnail is None


def test_the_waveform_follows_the_loudness(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(tone(2, lambda at: math.sin(at * 2000) * (0.25 if at < 1 else 1)))
    peaks = prepare(Kind.AUDIO, "audio/wav", upload, tmp_path).peaks
    assert len(peaks) == video.PEAKS
    assert max(peaks) == 100
    assert all(20 <= one <= 30 for one in peaks[2:30])
    assert all(one > 90 for one in peaks[34:62])


def test_silence_is_flat_and_too_little_sound_has_no_waveform(tmp_path: Path) -> None:
    path = tmp_path / "sound"
    path.write_bytes(wav(1))
    assert video.peaks(path, "audio/wav") == (0,) * video.PEAKS
    path.write_bytes(wav(0.001))
    assert video.peaks(path, "audio/wav") == ()


def test_a_demuxer_is_never_guessed(tmp_path: Path) -> None:
    """A playlist that references other files is not an accepted format: FFmpeg's format detection would follow it."""
    path = tmp_path / "list"
    path.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    assert video.peaks(path, "audio/mpeg") == ()
    assert video.poster(path, "video/mp4", tmp_path / "x.webp", 640) is None
    assert not (tmp_path / "x.webp").exists()
