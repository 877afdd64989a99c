"""The report of one run: a single HTML file with its screenshots, figures and traces."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from kit.demo.browser.script import Scene
from kit.demo.browser.walk import Shown, Walk, inline

_STYLE = Path(__file__).with_name("report.css")
#: Spans of one trace that are drawn, in order of time.
_SPANS = 40


def report(walk: Walk, scenes: list[Scene], minutes: int, took: float) -> str:
    """The document; nothing in it is fetched from anywhere."""
    parts = [_scene(walk, scene, shown) for scene, shown in zip(scenes, walk.shown, strict=False)]
    figures = sum(len(one.figures) for one in walk.shown)
    length = f"{minutes} min · " if minutes else ""
    head = (
        f"<h1>asyncsns</h1><p>{length}{len(walk.shown)} scenes · {figures} figures · {took:.0f} s · "
        f"{html.escape(walk.endpoints.base_url)} · run {walk.run}</p>"
    )
    title = f"asyncsns: demo {walk.run}"
    return (
        f'<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE.read_text('utf-8')}</style></head><body>{head}{''.join(parts)}</body></html>\n"
    )


def _scene(walk: Walk, scene: Scene, shown: Shown) -> str:
    screens = "".join(
        f'<img alt="{html.escape(who)}" src="{inline(picture)}">'
        for who, picture in zip(("Aki", "Ben"), shown.screens, strict=True)
    )
    rows = "".join(
        f"<tr><td>{html.escape(one.what.ja)}<br><small>{html.escape(one.what.en)}</small></td><td>{html.escape(one.value)}</td></tr>"
        for one in shown.figures
    )
    traces = "".join(_trace(what, walk.spans(trace_id)) for trace_id, what in shown.traces.items())
    return (
        f"<section><h2>{html.escape(scene.title.ja)} <small>{html.escape(scene.title.en)}</small></h2>"
        f'<p class="notes">{html.escape(scene.notes.ja)}</p>'
        f'<p class="notes" lang="en">{html.escape(scene.notes.en)}</p>'
        f'<table>{rows}</table><div class="screens">{screens}</div>{traces}</section>'
    )


def _trace(what: str, found: dict[str, Any] | None) -> str:
    """One trace as bars; nothing where X-Ray does not have it."""
    if not found:
        return ""
    total = max(float(found["duration"]), 0.001)
    rows = "".join(_row(span, total) for span in found["spans"][:_SPANS])
    title = f"{html.escape(what)} · {html.escape(found['id'])} · {total * 1000:,.0f} ms"
    return f'<details class="trace"><summary>{title}</summary>{rows}</details>'


def _row(span: dict[str, Any], total: float) -> str:
    """``start`` and ``duration`` are seconds."""
    place = f"left:{100 * span['start'] / total:.2f}%;width:{100 * span['duration'] / total:.2f}%"
    return (
        f'<div class="row"><span>{html.escape(str(span["name"]))}</span>'
        f'<div class="track"><div class="bar" style="{place}"></div></div>'
        f"<span>{span['duration'] * 1000:,.0f} ms</span></div>"
    )
