"""Arrays that pictures are painted with: coordinates, gradients, smooth noise. All deterministic by seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]
Colour = tuple[float, float, float]


def grid(width: int, height: int) -> tuple[Plane, Plane]:
    """x and y of every pixel, both from 0 to 1, y downwards."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return x.astype(np.float32), y.astype(np.float32)


def colour(text: str) -> Colour:
    """``#ff8800`` as three numbers from 0 to 1."""
    return (int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255)


def gradient(position: Plane, stops: list[tuple[float, str]]) -> Plane:
    """Colours by position (0 to 1), linear between stops; shape (height, width, 3)."""
    places = [place for place, _ in stops]
    channels = [np.interp(position, places, [colour(c)[i] for _, c in stops]) for i in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def smooth_noise(width: int, height: int, cells: float, seed: int, octaves: int = 5) -> Plane:
    """Value noise from 0 to 1: ``cells`` features across, finer octaves of half the strength each."""
    total = np.zeros((height, width), np.float32)
    strength, whole = 1.0, 0.0
    random = np.random.default_rng(seed)
    for octave in range(octaves):
        across = max(2, round(cells * 2**octave))
        down = max(2, round(across * height / width))
        total += strength * _stretch(random.random((down + 2, across + 2)).astype(np.float32), width, height)
        whole += strength
        strength /= 2
    return np.asarray(total / whole, np.float32)


def _stretch(coarse: Plane, width: int, height: int) -> Plane:
    """Bicubic, so that no grid shows; the outermost cells only give the edges their slope."""
    rows, columns = coarse.shape[0] - 2, coarse.shape[1] - 2
    inner = (0.5, 0.5, columns + 1.5, rows + 1.5)
    stretched = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC, box=inner)
    return np.asarray(np.clip(np.asarray(stretched), 0, 1), np.float32)


def ridge(width: int, cells: float, seed: int, roughness: float = 0.55) -> Plane:
    """A mountain line over ``width`` columns, values from 0 to 1."""
    random = np.random.default_rng(seed)
    total, strength, whole = np.zeros(width, np.float32), 1.0, 0.0
    x = np.linspace(0, 1, width, dtype=np.float32)
    for octave in range(8):
        points = max(2, round(cells * 2**octave))
        values = random.random(points + 2)
        total += strength * np.interp(x * points, np.arange(points + 2), values).astype(np.float32)
        whole += strength
        strength *= roughness
    return np.asarray((total - total.min()) / max(float(np.ptp(total)), 1e-6), np.float32)


def glow(x: Plane, y: Plane, centre: tuple[float, float], radius: float, aspect: float) -> Plane:
    """A soft round light: 1 in the centre, falling off with the distance; ``aspect`` is width by height."""
    distance = np.hypot((x - centre[0]) * aspect, y - centre[1])
    return np.asarray(np.exp(-((distance / radius) ** 2)), np.float32)


def blend(below: Plane, above: Plane | Colour, share: Plane) -> Plane:
    """``above`` laid over ``below``; ``share`` from 0 to 1 per pixel."""
    painted = np.asarray(above, np.float32) - below
    painted *= np.asarray(share, np.float32)[..., None]
    painted += below
    return np.asarray(painted, np.float32)
