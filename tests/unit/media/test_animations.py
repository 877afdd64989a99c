"""Animated pictures keep their frames, delays and loop count; metadata in their files is removed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.media import photos
from tests.support.pictures import SRGB_PRIMARIES, rgb_profile

COLOURS = ((250, 0, 0), (0, 250, 0), (0, 0, 250))
TYPES = {"GIF": "image/gif", "WEBP": "image/webp", "PNG": "image/png"}


def animated(kind: str, times: list[int], *, mode: str = "RGBA", **options: Any) -> bytes:
    frames = [Image.new("RGB", (16, 16), colour).convert(mode) for colour in COLOURS]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=times, **options)
    return out.getvalue()


class Clean:
    """The cleaned picture: frames in RGBA, delays, and loop count (``None``: the file does not set it)."""

    def __init__(self, content: bytes, kind: str, tmp_path: Path) -> None:
        source, self.path = tmp_path / "source", tmp_path / "original"
        source.write_bytes(content)
        self.facts, _ = photos.convert(source, TYPES[kind], self.path, tmp_path / "thumb")
        self.frames, self.times = [], []
        with Image.open(self.path) as picture:
            self.format, self.rounds = picture.format, picture.info.get("loop")
            for number in range(getattr(picture, "n_frames", 1)):
                picture.seek(number)
                picture.load()
                self.frames.append(picture.convert("RGBA"))
                self.times.append(round(picture.info["duration"]))

    def colours(self, at: tuple[int, int] = (8, 8)) -> list[Any]:
        return [frame.getpixel(at) for frame in self.frames]


def near(found: Any, expected: tuple[int, ...]) -> bool:
    return all(abs(one - other) <= 16 for one, other in zip(found, expected, strict=False))


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("times", [[200, 1000, 600], [40, 40, 40], [20, 30, 5000]])
def test_each_frame_stays_as_long_as_it_did(kind: str, times: list[int], tmp_path: Path) -> None:
    clean = Clean(animated(kind, times, loop=0), kind, tmp_path)
    assert (clean.format, clean.times, clean.facts.duration_ms) == (kind, times, sum(times))
    assert all(near(found, colour) for found, colour in zip(clean.colours(), COLOURS, strict=True))


@pytest.mark.parametrize("kind", TYPES)
def test_frames_without_times_are_counted_as_browsers_show_them(kind: str, tmp_path: Path) -> None:
    clean = Clean(animated(kind, [0, 10, 20], loop=0), kind, tmp_path)
    assert (clean.times, clean.facts.duration_ms) == ([0, 10, 20], 220)


def test_the_colours_of_a_gif_are_the_same(tmp_path: Path) -> None:
    ramps = [Image.linear_gradient("L").rotate(turn) for turn in (0, 90, 180)]
    frame = Image.merge("RGB", ramps).resize((64, 64)).quantize(250)
    out = io.BytesIO()
    frame.save(out, "GIF", save_all=True, append_images=[frame.rotate(180)], duration=100, loop=0)
    clean = Clean(out.getvalue(), "GIF", tmp_path)
    with Image.open(tmp_path / "source") as source:
        for number, found in enumerate(clean.frames):
            source.seek(number)
            assert found.tobytes() == source.convert("RGBA").tobytes()


@pytest.mark.parametrize("kind", TYPES)
def test_the_thumbnail_shows_the_first_frame_that_can_be_seen(kind: str, tmp_path: Path) -> None:
    frames = [Image.new("RGBA", (16, 16), colour) for colour in ((0, 0, 0, 0), (250, 0, 0, 255), (0, 0, 250, 255))]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100, disposal=2)
    clean = Clean(out.getvalue(), kind, tmp_path)
    assert len(clean.frames) == 3
    with Image.open(tmp_path / "thumb") as still:
        assert near(still.convert("RGB").getpixel((8, 8)), (250, 0, 0))


def test_an_animation_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    first = Image.new("RGB", (32, 16), (0, 0, 250))
    first.paste((250, 0, 0), (0, 0, 16, 16))
    out = io.BytesIO()
    first.save(out, "PNG", save_all=True, append_images=[Image.new("RGB", (32, 16))], duration=100, exif=exif)
    clean = Clean(out.getvalue(), "PNG", tmp_path)
    assert (clean.facts.width, clean.facts.height) == clean.frames[0].size == (16, 32)
    assert [clean.frames[0].getpixel(at) for at in ((8, 4), (8, 28))] == [(250, 0, 0, 255), (0, 0, 250, 255)]


@pytest.mark.parametrize(
    ("kind", "rounds"),
    [("GIF", None), *((kind, rounds) for kind in TYPES for rounds in (0, 1, 7))],
)
def test_an_animation_keeps_its_loop_count(kind: str, rounds: int | None, tmp_path: Path) -> None:
    options = {} if rounds is None else {"loop": rounds}
    content = animated(kind, [100, 200, 300], **options)
    assert (b"NETSCAPE" in content) is (kind == "GIF" and rounds is not None)
    clean = Clean(content, kind, tmp_path)
    assert clean.rounds == rounds
    assert (b"NETSCAPE" in clean.path.read_bytes()) is (kind == "GIF" and rounds is not None)


@pytest.mark.parametrize("disposal", [1, 2])
def test_the_disposal_of_gif_frames_is_applied(disposal: int, tmp_path: Path) -> None:
    first = Image.new("RGBA", (16, 16), (250, 0, 0, 255))
    second = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    second.paste((0, 0, 250, 255), (8, 8, 16, 16))
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=[second], duration=100, disposal=disposal, optimize=False)
    with Image.open(io.BytesIO(out.getvalue())) as picture:
        picture.seek(1)
        seen = picture.convert("RGBA").getpixel((2, 2))
    clean = Clean(out.getvalue(), "GIF", tmp_path)
    assert clean.frames[1].getpixel((2, 2)) == seen
    assert near(clean.frames[1].getpixel((12, 12)), (0, 0, 250, 255))


def test_the_blending_of_apng_frames_is_applied(tmp_path: Path) -> None:
    first, second = Image.new("RGBA", (16, 16), (250, 0, 0, 255)), Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    second.paste((0, 0, 250, 255), (8, 8, 16, 16))
    out = io.BytesIO()
    first.save(out, "PNG", save_all=True, append_images=[second], duration=100, blend=1, disposal=0)
    clean = Clean(out.getvalue(), "PNG", tmp_path)
    assert [clean.frames[1].getpixel(at) for at in ((2, 2), (12, 12))] == [(250, 0, 0, 255), (0, 0, 250, 255)]


def test_the_default_image_of_an_apng_is_not_a_frame(tmp_path: Path) -> None:
    content = animated("PNG", [100, 200], default_image=True, loop=3)
    clean = Clean(content, "PNG", tmp_path)
    assert (clean.times, clean.rounds, clean.facts.duration_ms) == ([100, 200], 3, 300)
    assert [one[:3] for one in clean.colours()] == list(COLOURS[1:])


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_frames_are_shown_by_the_profile_of_the_file(kind: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), (shade,) * 3) for shade in (55, 255)]
    out = io.BytesIO()
    lossless = {"lossless": True} if kind == "WEBP" else {}
    profile = rgb_profile(SRGB_PRIMARIES, 1.0)
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100, icc_profile=profile, **lossless)  # type: ignore[arg-type]
    clean = Clean(out.getvalue(), kind, tmp_path)
    assert all(near(found, (shade,) * 3) for found, shade in zip(clean.colours(), (128, 255), strict=True))
    assert b"iCCP" not in clean.path.read_bytes()
    assert b"ICCP" not in clean.path.read_bytes()


@pytest.mark.parametrize("kind", TYPES)
def test_transparent_areas_stay_transparent(kind: str, tmp_path: Path) -> None:
    frames = [Image.new("RGBA", (16, 16), (0, 0, 0, 0)) for _ in range(2)]
    for number, frame in enumerate(frames):
        frame.paste((*COLOURS[number], 255), (0, 0, 8, 16))
    out = io.BytesIO()
    own: dict[str, Any] = {"GIF": {"disposal": 2}, "WEBP": {"lossless": True}, "PNG": {}}[kind]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100, **own)
    clean = Clean(out.getvalue(), kind, tmp_path)
    with Image.open(tmp_path / "thumb") as still:
        for frame in (*clean.frames, still.convert("RGBA")):
            alpha = frame.getchannel("A")
            assert (alpha.getpixel((3, 3)), alpha.getpixel((14, 3))) in {(255, 0), (255, 1)}
