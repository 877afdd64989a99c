"""Bars as SVG, readable in light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_COLOURS = (
    "#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0",
    "#1b7f8c", "#b58900", "#7a5195",
)  # fmt: skip
_WIDTH, _BAR, _LEFT, _RIGHT, _GAP = 860, 34, 150, 120, 22
_LEGEND_COLUMNS, _LEGEND_ROW = 4, 20


def stacked(title: str, rows: Sequence[tuple[str, str, Mapping[str, float]]]) -> str:
    """One bar per row, as wide as the others: the shares of its parts. A row: name, what stands at its end, parts."""
    parts = list(dict.fromkeys(part for _, _, values in rows for part in values))
    colours = {part: _COLOURS[number % len(_COLOURS)] for number, part in enumerate(parts)}
    body, top = [], 40
    for name, total, values in rows:
        body.append(_text(_LEFT - 10, top + _BAR / 2 + 5, name, "end"))
        body += _bar(values, colours, top)
        body.append(_text(_WIDTH - _RIGHT + 10, top + _BAR / 2 + 5, total))
        top += _BAR + _GAP
    body += _legend(colours, top)
    height = top + _LEGEND_ROW * -(-len(parts) // _LEGEND_COLUMNS) + 10
    return _svg(title, body, height)


def _bar(values: Mapping[str, float], colours: Mapping[str, str], top: float) -> list[str]:
    whole, left, drawn = sum(values.values()) or 1.0, float(_LEFT), []
    for part, value in values.items():
        width = value / whole * (_WIDTH - _LEFT - _RIGHT)
        said = f"<title>{escape(part)}: {value:,.0f} USD</title>"
        drawn.append(
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{colours[part]}">{said}</rect>'
        )
        left += width
    return drawn


def _legend(colours: Mapping[str, str], top: float) -> list[str]:
    drawn = []
    for number, (part, colour) in enumerate(colours.items()):
        left = _LEFT - 130 + number % _LEGEND_COLUMNS * 205
        row = top + number // _LEGEND_COLUMNS * _LEGEND_ROW
        drawn.append(f'<rect x="{left}" y="{row}" width="12" height="12" fill="{colour}"/>')
        drawn.append(_text(left + 18, row + 11, part))
    return drawn


def _text(left: float, top: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{left:.0f}" y="{top:.0f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(title: str, body: Sequence[str], height: float) -> str:
    style = (
        "text{font:13px system-ui,sans-serif;fill:#24292f}"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}}"
    )  # fmt: skip
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img">'
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", f"<style>{style}</style>", _text(20, 22, title), *body, "</svg>", ""]
    )
