"""Lines over time as SVG, in the colours of the page around them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 480.0, 200.0, 46.0, 24.0, 10.0
_STEPS: Final = 4
_CLASSES: Final = ("line", "line second")


def chart(at: Sequence[float], series: Sequence[Sequence[float]], title: str) -> str:
    """``series`` of values at the seconds ``at``, on one scale that begins at zero; two at most."""
    most = _rounded_up(max((value for one in series for value in one), default=0))
    last = max(at, default=0) or 1.0
    lines = [_line(at, one, last, most, kind) for one, kind in zip(series, _CLASSES, strict=False)]
    steps = [_step(number, most) for number in range(_STEPS + 1)]
    seconds = "".join(
        f'<text x="{_x(share * last, last):.0f}" y="{_HEIGHT - 6:.0f}" text-anchor="middle">{share * last:.0f} s</text>'
        for share in (0, 0.5, 1)
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH + 20:.0f} {_HEIGHT:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(steps)}{''.join(lines)}{seconds}</svg>"
    )


def _line(at: Sequence[float], values: Sequence[float], last: float, most: float, kind: str) -> str:
    points = " ".join(f"{_x(when, last):.1f},{_y(value, most):.1f}" for when, value in zip(at, values, strict=True))
    return f'<polyline class="{kind}" points="{points}"/>'


def _step(number: int, most: float) -> str:
    value = most * number / _STEPS
    y = _y(value, most)
    text = f"{value:,.4g}" if value < 10_000 else f"{value:,.0f}"
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
    )


def _x(seconds: float, last: float) -> float:
    return _LEFT + seconds / last * (_WIDTH - _LEFT)


def _y(value: float, most: float) -> float:
    return _HEIGHT - _BOTTOM - value / most * (_HEIGHT - _BOTTOM - _TOP)


def _rounded_up(value: float) -> float:
    """To 1, 2 or 5 times a power of ten."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    return next((power * one for one in (1, 2, 5, 10) if power * one >= value), 10 * power)
