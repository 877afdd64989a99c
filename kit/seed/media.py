"""Files for the seed: photos as JPEG, avatars as PNG, a short MP4, a short WAV. The same bytes on every run."""

from __future__ import annotations

import io
import math
import tempfile
import wave
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

from kit.seed.noise import Plane, grid, smooth_noise
from kit.seed.scenes import SCENES

PHOTO_SIZE = (1080, 720)
VIDEO_SIZE = (640, 360)
_FRAMES_PER_SECOND, _VIDEO_SECONDS = 24, 5
_SAMPLES_PER_SECOND, _AUDIO_SECONDS = 22_050, 7


def photo(scene: str, seed: int, size: tuple[int, int] = PHOTO_SIZE) -> bytes:
    """A JPEG of a scene, with a lens's vignette and film grain."""
    return _jpeg(_develop(SCENES[scene](*size, seed), seed))


def _develop(picture: Plane, seed: int) -> Plane:
    height, width = picture.shape[:2]
    x, y = grid(width, height)
    vignette = 1 - 0.28 * np.clip(np.hypot(x - 0.5, y - 0.5) / 0.71, 0, 1) ** 2.4
    grain = np.random.default_rng(seed).normal(0, 0.012, (height, width, 1))
    return np.asarray(np.clip(picture * vignette[..., None] + grain, 0, 1), np.float32)


def _jpeg(picture: Plane) -> bytes:
    sink = io.BytesIO()
    Image.fromarray((picture * 255).astype(np.uint8)).save(sink, "JPEG", quality=86)
    return sink.getvalue()


def avatar(hue: float, seed: int) -> bytes:
    """A 256-pixel PNG: a face of simple shapes before a soft background; ``hue`` from 0 to 1 tells people apart."""
    size = 256
    random = np.random.default_rng(seed)
    _, y = grid(size, size)
    base = _hsv(hue, 0.42, 0.95)
    other = _hsv(hue + 0.12, 0.55, 0.78)
    share = np.clip(y * 0.8 + 0.4 * smooth_noise(size, size, 3, seed) - 0.15, 0, 1)[..., None]
    picture = Image.fromarray(((base * (1 - share) + other * share) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    skin = _bytes(
        _hsv(
            0.07 + 0.02 * float(random.random()),
            0.25 + 0.3 * float(random.random()),
            0.96 - 0.35 * float(random.random()),
        )
    )
    hair = _bytes(_hsv(0.05 + 0.1 * float(random.random()), 0.5, 0.12 + 0.3 * float(random.random())))
    shirt = _bytes(_hsv(hue + 0.5, 0.5, 0.7))
    draw.ellipse((38, 190, 218, 380), fill=shirt)
    draw.rounded_rectangle((108, 160, 148, 215), 18, fill=skin)
    draw.ellipse((66, 44, 190, 186), fill=hair)
    draw.ellipse((80, 72, 176, 190), fill=skin)
    fringe = int(random.integers(0, 3))
    draw.pieslice((76, 50, 180, 140), 180 - 15 * fringe, 360 - 20 * (2 - fringe), fill=hair)
    for eye in (108, 148):
        draw.ellipse((eye - 6, 124, eye + 6, 136), fill=(38, 30, 34))
        draw.ellipse((eye - 1, 126, eye + 3, 130), fill=(255, 255, 255))
    draw.arc((110, 136, 146, 166), 25, 155, fill=(140, 60, 60), width=4)
    sink = io.BytesIO()
    picture.save(sink, "PNG", optimize=False)
    return sink.getvalue()


def _hsv(hue: float, saturation: float, value: float) -> Plane:
    offsets = np.asarray([0.0, 2 / 3, 1 / 3])
    ramp = np.clip(np.abs(((hue + offsets) % 1) * 6 - 3) - 1, 0, 1)
    return np.asarray(value * (1 - saturation * (1 - ramp)), np.float32)


def _bytes(tint: Plane) -> tuple[int, int, int]:
    red, green, blue = (int(channel * 255) for channel in tint)
    return red, green, blue


def video(seed: int) -> bytes:
    """Five seconds of a pan over mountains at dusk: H.264 in MP4, index first, so that it plays while it loads."""
    width, height = VIDEO_SIZE
    wide = _develop(SCENES["dusk"](width * 2, height, seed), seed)
    stars = SCENES["night"](width * 2, height, seed + 1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pan.mp4")
        _encode(file, wide, stars)
        return file.read_bytes()


def _encode(file: Path, wide: Plane, stars: Plane) -> None:
    """Pan over ``wide`` while ``stars`` come out. A file, because moving the index to the front reads it again."""
    width, height = VIDEO_SIZE
    with av.open(str(file), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=_FRAMES_PER_SECOND, options={"crf": "26", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frames = _FRAMES_PER_SECOND * _VIDEO_SECONDS
        for number in range(frames):
            progress = number / (frames - 1)
            left = int((0.5 - 0.5 * math.cos(progress * math.pi)) * width)
            dark = np.float32(0.75 * progress**1.5)
            view = wide[:, left : left + width] * (1 - dark) + stars[:, left : left + width] * dark
            frame = av.VideoFrame.from_ndarray((view * 255).astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def audio(seed: int) -> bytes:
    """Seven seconds of plucked strings in a Japanese scale (Karplus-Strong): WAV, 16 bit, mono."""
    random = np.random.default_rng(seed)
    scale = [220.0, 233.08, 293.66, 329.63, 349.23, 440.0, 466.16, 587.33]
    melody = [5, 4, 3, 1, 0, 3, 4, 5, 7, 5, 4, 3, 0]
    mixed = np.zeros(_SAMPLES_PER_SECOND * _AUDIO_SECONDS, np.float32)
    for beat, step in enumerate(melody):
        start = int((0.1 + beat * 0.45) * _SAMPLES_PER_SECOND)
        note = _pluck(scale[step], 1.8, random)
        end = min(start + len(note), len(mixed))
        mixed[start:end] += note[: end - start] * (0.8 if beat % 4 else 1.0)
    mixed *= 0.8 / max(float(np.abs(mixed).max()), 1e-6)
    sink = io.BytesIO()
    with wave.open(sink, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_SAMPLES_PER_SECOND)
        out.writeframes((mixed * 32767).astype("<i2").tobytes())
    return sink.getvalue()


def _pluck(frequency: float, seconds: float, random: np.random.Generator) -> Plane:
    """A string after Karplus and Strong (1983): noise in a delay line, averaged each round, a period at a time."""
    period = int(_SAMPLES_PER_SECOND / frequency)
    line = random.uniform(-1, 1, period).astype(np.float32)
    rounds = []
    for _ in range(int(seconds * frequency)):
        rounds.append(line)
        line = np.asarray(0.996 * 0.5 * (line + np.roll(line, 1)), np.float32)
    return np.concatenate(rounds)
