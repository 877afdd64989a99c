"""Pictures for the seed: painted landscapes, a night street, cherry blossoms, a wave pattern. No file is shipped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kit.seed.noise import Colour, Plane, blend, colour, glow, gradient, grid, ridge, smooth_noise

Scene = Callable[[int, int, int], Plane]


def mountains(width: int, height: int, seed: int, sky: list[tuple[float, str]], far: str, near: str) -> Plane:
    """Ranges behind each other, each lower and darker than the one behind, mist between them."""
    x, y = grid(width, height)
    aspect = width / height
    picture = gradient(y, sky)
    random = np.random.default_rng(seed)
    sun = (0.2 + 0.6 * float(random.random()), 0.36)
    warm = colour("#fff1d0")
    picture = blend(picture, warm, 0.75 * glow(x, y, sun, 0.30, aspect))
    picture = blend(picture, (1.0, 0.97, 0.88), np.clip(glow(x, y, sun, 0.045, aspect) * 3, 0, 1))
    clouds = smooth_noise(width, height, 4, seed + 5) * (1 - y)
    picture = blend(picture, warm, np.clip((clouds - 0.42) * 1.6, 0, 0.55))
    layers = 6
    for layer in range(layers):
        depth = layer / (layers - 1)
        crest = 0.46 + 0.40 * depth**1.15 - (0.24 - 0.12 * depth) * ridge(width, 2.2 + 2 * depth, seed + 11 * layer)
        inside = np.clip((y - crest[None, :]) * height / 1.5, 0, 1)
        tone = np.asarray(colour(far)) * (1 - depth) + np.asarray(colour(near)) * depth
        texture = 0.88 + 0.24 * smooth_noise(width, height, 26, seed + layer, 3)
        slope = np.asarray(tone, np.float32) * texture[..., None]
        below_crest = np.clip((y - crest[None, :]) / 0.2, 0, 1)
        body = blend(slope, warm, (0.10 + 0.32 * below_crest) * (1 - depth))
        picture = blend(picture, body, inside)
    return picture


def dawn(width: int, height: int, seed: int) -> Plane:
    sky = [(0.0, "#274a7d"), (0.28, "#8fa8d0"), (0.45, "#f6c9a0"), (0.6, "#ffdfb0")]
    return mountains(width, height, seed, sky, "#8d9fc2", "#152238")


def dusk(width: int, height: int, seed: int) -> Plane:
    sky = [(0.0, "#1d1b47"), (0.25, "#6b3f7a"), (0.42, "#e0685e"), (0.58, "#ffbe76")]
    return mountains(width, height, seed, sky, "#8a5a86", "#160f24")


def spring_hills(width: int, height: int, seed: int) -> Plane:
    sky = [(0.0, "#4e9bdd"), (0.35, "#a9d4f2"), (0.6, "#eaf5f6")]
    return mountains(width, height, seed, sky, "#9fc3a2", "#1f4d2b")


def sea(width: int, height: int, seed: int) -> Plane:
    """A low sun over water, its light broken by waves."""
    x, y = grid(width, height)
    aspect, horizon = width / height, 0.52
    picture = gradient(y, [(0.0, "#28406e"), (0.3, "#c9788a"), (0.46, "#ffb36b"), (0.52, "#ffe2a6")])
    sun = (0.62, 0.455)
    clouds = smooth_noise(width, height, 3, seed) * smooth_noise(width, height * 3, 9, seed + 1)[::3]
    picture = blend(picture, colour("#ffd9b8"), np.clip((clouds - 0.26) * 3.2, 0, 0.6) * (y < horizon))
    picture = blend(picture, (1.0, 0.93, 0.75), np.clip(glow(x, y, sun, 0.22, aspect) * 0.8, 0, 1))
    picture = blend(picture, (1.0, 0.98, 0.9), np.clip(glow(x, y, sun, 0.05, aspect) * 4, 0, 1))
    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)
    water = gradient(depth, [(0.0, "#e3a183"), (0.2, "#8a6b87"), (1.0, "#14243f")])
    rows = 1.0 / (depth + 0.03)
    waves = np.sin(rows * 9 + 7 * smooth_noise(width, height, 7, seed + 2)) * 0.5 + 0.5
    ripples = smooth_noise(width, height * 6, 40, seed + 3, 3)[::6] * waves
    path = np.exp(-(((x - sun[0]) * aspect / (0.05 + 0.22 * depth)) ** 2))
    water = blend(water, (1.0, 0.86, 0.62), np.clip((ripples - 0.18) * 2.4, 0, 1) * (0.12 + 0.85 * path))
    return blend(picture, water, np.clip((y - horizon) * height / 1.5, 0, 1))


def night_sky(width: int, height: int, seed: int) -> Plane:
    """Stars, a band of the galaxy and an aurora over dark hills."""
    x, y = grid(width, height)
    random = np.random.default_rng(seed)
    picture = gradient(y, [(0.0, "#050b1f"), (0.55, "#12294d"), (0.85, "#2c5560")])
    band = np.exp(-(((y - 0.75 + 0.8 * x - 0.25 * smooth_noise(width, height, 3, seed)) / 0.17) ** 2))
    picture = blend(picture, colour("#8f86b8"), 0.5 * band * smooth_noise(width, height, 9, seed + 1))
    curtain = smooth_noise(width, 8, 7, seed + 2, 4)[4][None, :]
    fall = np.clip((y - 0.16 - 0.25 * curtain) / 0.42, 0, 1)
    aurora = np.clip(curtain - 0.32, 0, 1) * 2.4 * fall * np.exp(-fall * 2.4) * 2
    rays = 0.55 + 0.45 * smooth_noise(width, 8, 90, seed + 3, 2)[4][None, :]
    picture = blend(picture, colour("#4df2b0"), np.clip(aurora * rays, 0, 0.75))
    stars = np.zeros((height, width), np.float32)
    count = width * height // 900
    brightness = random.random(count) ** 4
    stars[random.integers(0, height, count), random.integers(0, width, count)] = brightness
    halo = stars + 0.35 * (np.roll(stars, 1, 0) + np.roll(stars, -1, 0) + np.roll(stars, 1, 1) + np.roll(stars, -1, 1))
    picture = np.clip(picture + halo[..., None] * np.asarray([0.95, 0.97, 1.0], np.float32), 0, 1)
    crest = 0.80 + 0.12 * ridge(width, 3, seed + 9)
    return blend(picture, colour("#04070d"), np.clip((y - crest[None, :]) * height / 1.5, 0, 1))


def _discs(picture: Plane, spots: list[tuple[float, float, float, Colour, float]]) -> Plane:
    """Out-of-focus lights: (x, y, radius, colour, strength), added as film would."""
    height, width = picture.shape[:2]
    result = picture.copy()
    for cx, cy, radius, tint, strength in spots:
        reach = int(radius * height) + 2
        column, row = int(cx * width), int(cy * height)
        top, bottom = max(0, row - reach), min(height, row + reach)
        left, right = max(0, column - reach), min(width, column + reach)
        if top >= bottom or left >= right:
            continue
        yy, xx = np.mgrid[top:bottom, left:right]
        distance = np.hypot(xx - column, yy - row) / (radius * height)
        disc = np.clip((1 - distance) * radius * height / 2, 0, 1) * (0.7 + 0.3 * np.clip(distance, 0, 1) ** 3)
        patch = result[top:bottom, left:right]
        light = disc[..., None].astype(np.float32) * strength * np.asarray(tint, np.float32)
        result[top:bottom, left:right] = 1 - (1 - patch) * (1 - np.clip(light, 0, 1))
    return result


def city_lights(width: int, height: int, seed: int) -> Plane:
    """A wet street at night, out of focus: lights above, their reflections below."""
    _, y = grid(width, height)
    picture = gradient(y, [(0.0, "#0a0d1d"), (0.5, "#1c1f3b"), (0.56, "#2b2440"), (1.0, "#07080f")])
    picture = picture * (0.8 + 0.4 * smooth_noise(width, height, 5, seed)[..., None])
    random = np.random.default_rng(seed)
    tints = [colour(c) for c in ("#ff9d4d", "#ffd27a", "#ff4f6d", "#54c8ff", "#9b7bff", "#fff2d8")]
    spots = []
    for _ in range(95):
        cx, cy = float(random.random()), 0.53 - abs(float(random.normal(0, 0.17)))
        radius, tint = 0.012 + 0.05 * float(random.random()) ** 2, tints[int(random.integers(len(tints)))]
        strength = 0.25 + 0.5 * float(random.random())
        spots.append((cx, cy, radius, tint, strength))
        spots.append((cx + float(random.normal(0, 0.004)), 1.1 - cy, radius * 1.5, tint, strength * 0.30))
    wet = _discs(picture, spots)
    streaks = smooth_noise(width, height * 5, 50, seed + 1, 2)[::5]
    return blend(wet, wet * 0.55, np.clip((y - 0.56) * 6, 0, 1) * np.clip(streaks * 1.2, 0, 1))


def blossoms(width: int, height: int, seed: int) -> Plane:
    """Cherry blossoms against a spring sky, most of them out of focus."""
    _, y = grid(width, height)
    picture = gradient(y, [(0.0, "#8fc3ea"), (0.6, "#d7e9f4"), (1.0, "#f7e9ee")])
    random = np.random.default_rng(seed)
    haze = smooth_noise(width, height, 3, seed)
    picture = blend(picture, colour("#f9d3de"), np.clip((haze - 0.35) * 2.2, 0, 0.85))
    tints = [colour(c) for c in ("#ffb3cb", "#ff8fb3", "#ffe3ec", "#f76f9c")]
    spots = []
    for size, count, strength in ((0.075, 45, 0.35), (0.04, 90, 0.5), (0.018, 190, 0.85)):
        for _ in range(count):
            cx, cy = float(random.random()), float(random.random()) ** 1.3
            spots.append(
                (cx, cy, size * (0.6 + 0.8 * float(random.random())), tints[int(random.integers(4))], strength)
            )
    return _discs(picture * 0.74, spots)


def tea_rows(width: int, height: int, seed: int) -> Plane:
    """Rows of a tea field running to the hills."""
    x, y = grid(width, height)
    picture = spring_hills(width, height, seed)
    horizon = 0.55
    depth = np.clip((y - horizon) / (1 - horizon), 1e-3, 1)
    across = (x - 0.5) / (0.16 + depth) + 0.10 * np.sin(depth * 3 + seed)
    rows = np.abs(np.sin(across * 15))
    leaves = smooth_noise(width, height, 70, seed + 1, 3)
    green = gradient(
        np.clip(rows * 0.75 + leaves * 0.35, 0, 1), [(0.0, "#12301a"), (0.45, "#3f7a2f"), (1.0, "#b9d97a")]
    )
    light = 0.75 + 0.35 * smooth_noise(width, height, 3, seed + 2)
    return blend(picture, green * light[..., None], np.clip((y - horizon) * height / 2, 0, 1))


def waves_pattern(width: int, height: int, seed: int) -> Plane:
    """Seigaiha, the blue ocean waves of Japanese textiles, on indigo with the unevenness of dye."""
    x, y = grid(width, height)
    radius = 0.13
    aspect = width / height
    picture = np.broadcast_to(np.asarray(colour("#16305e"), np.float32), (height, width, 3)).copy()
    for row in range(-1, int(2 / radius) + 2):
        cy = row * radius / 2
        offset = radius if row % 2 else 0.0
        near = np.round((x * aspect - offset) / (2 * radius)) * 2 * radius + offset
        distance = np.hypot(x * aspect - near, y - cy) / radius
        rings = (np.cos(distance * np.pi * 5) > 0.25).astype(np.float32)
        inside = ((distance < 1) & (y <= cy)).astype(np.float32)
        tone = blend(
            np.broadcast_to(np.asarray(colour("#1d4382"), np.float32), picture.shape), colour("#e8f0f7"), rings
        )
        picture = blend(picture, tone, inside)
    dye = 0.82 + 0.3 * smooth_noise(width, height, 6, seed) - 0.06 * smooth_noise(width, height, 120, seed + 1, 2)
    return np.clip(picture * dye[..., None], 0, 1)


def latte(width: int, height: int, seed: int) -> Plane:
    """Milk drawn through coffee, seen from above."""
    x, y = grid(width, height)
    aspect = width / height
    u, v = (x - 0.5) * aspect, y - 0.5
    distance, angle = np.hypot(u, v), np.arctan2(v, u)
    wood = gradient(
        np.clip(0.5 + 0.5 * np.sin(y * 60 + 9 * smooth_noise(width, height, 3, seed)) * 0.35, 0, 1),
        [(0.0, "#5a3a22"), (1.0, "#9a6b40")],
    )
    saucer = np.clip((0.47 - distance) * height / 2, 0, 1)
    picture = blend(
        wood * (0.75 + 0.4 * smooth_noise(width, height, 8, seed + 1)[..., None]), colour("#f3efe8"), saucer
    )
    picture = picture * (1 - 0.35 * np.exp(-(((distance - 0.40) / 0.03) ** 2)))[..., None]
    leaf = np.cos(18 * (np.abs(u) * 1.3 + v) + 2.2 * np.sin(6 * v)) * np.exp(-((u / 0.17) ** 2))
    crema = gradient(
        np.clip(0.5 + 0.3 * smooth_noise(width, height, 14, seed + 2) - distance, 0, 1),
        [(0, "#5a2f16"), (1, "#b87a45")],
    )
    coffee = blend(crema, colour("#fbf2e2"), np.clip((leaf - 0.05) * 5, 0, 1) * (np.abs(v + 0.02) < 0.25))
    picture = blend(picture, coffee, np.clip((0.36 - distance) * height / 2, 0, 1))
    return np.asarray(np.clip(picture * (1.05 - 0.25 * np.cos(angle + 0.8)[..., None] * 0.3), 0, 1), np.float32)


SCENES: dict[str, Scene] = {
    "dawn": dawn,
    "dusk": dusk,
    "hills": spring_hills,
    "sea": sea,
    "night": night_sky,
    "city": city_lights,
    "blossoms": blossoms,
    "tea": tea_rows,
    "waves": waves_pattern,
    "latte": latte,
}
