"""Chooses the parts of a found text to highlight: the engine's matches, words without accents, emoji and signs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from services.common.folding import aligned
from services.search.model import Segment, segments_of
from services.search.query_language import Query
from services.search.symbols import looked_for, symbols_in

Span = tuple[int, int]


def wanted_symbols(query: Query) -> frozenset[str]:
    """The symbols that a query looks for, for ``segments``."""
    clauses = [one for part in query.parts for one in part if one.kind in {"word", "phrase"} and not one.negated]
    return frozenset(symbol.exact for clause in clauses for symbol in looked_for(clause.value)[1])


def segments(hit: Mapping[str, Any], wanted: Collection[str] = ()) -> list[Segment]:
    """The whole text of a hit in segments; nothing where nothing is marked."""
    text = str(hit.get("_source", {}).get("text", ""))
    marked = hit.get("highlight", {})
    spans = [
        *(span for one in marked.get("text", ()) for span in _marked_spans(one)[1]),
        *(span for one in marked.get("unaccented", ()) for span in _accented_spans(text, one)),
        *((one.start, one.end) for one in symbols_in(text) if wanted and {one.exact, one.loose} & set(wanted)),
    ]
    return _cut(text, _joined(spans)) if spans else []


def _marked_spans(marked: str) -> tuple[str, list[Span]]:
    """Text without marks, and the marked ranges."""
    text, spans = "", []
    for one in segments_of(marked):
        if one.match:
            spans.append((len(text), len(text) + len(one.text)))
        text += one.text
    return text, spans


def _accented_spans(text: str, marked: str) -> list[Span]:
    plain, places = aligned(text)
    found, spans = _marked_spans(marked)
    return [(places[start], places[end]) for start, end in spans] if found == plain else []


def _joined(spans: list[Span]) -> list[Span]:
    """The ranges in order; adjacent ones are merged."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _cut(text: str, spans: list[Span]) -> list[Segment]:
    pieces, last = [], 0
    for start, end in spans:
        pieces += [Segment(text[last:start], False), Segment(text[start:end], True)]
        last = end
    pieces.append(Segment(text[last:], False))
    return [one for one in pieces if one.text]
