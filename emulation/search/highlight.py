"""Highlighting of whole fields (``number_of_fragments: 0``): every word that the query found, marked in
place.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from emulation.search.builder import HighlightTerms
from emulation.search.errors import Unsupported, require_keys
from emulation.search.mapping import Mapping
from emulation.search.tokens import Token

_KNOWN = {
    "fragment_size", "boundary_scanner", "boundary_chars", "boundary_max_scan", "boundary_scanner_locale",
    "force_source", "fragmenter", "fragment_offset", "highlight_query", "matched_fields", "no_match_size",
    "order",
    "phrase_limit", "tags_schema", "max_analyzer_offset", "options",
}  # fmt: skip
_OPTIONS = {"pre_tags", "post_tags", "encoder", "number_of_fragments", "type", "require_field_match"}


@dataclass(frozen=True)
class Style:
    before: str
    after: str
    encoder: str


class Highlighter:
    """Marks the source text of the requested fields.

    Args:
        body: the ``highlight`` object of the request.
        terms: what the query looked for.
    """

    def __init__(self, body: dict[str, Any], mapping: Mapping, terms: HighlightTerms) -> None:
        require_keys(body, _OPTIONS | {"fields"}, "highlight", _KNOWN)
        self._mapping, self._terms = mapping, terms
        self._styles: dict[str, Style] = {}
        for path, options in body.get("fields", {}).items():
            require_keys(options, _OPTIONS, f"highlight field {path}", _KNOWN)
            merged = {**{key: value for key, value in body.items() if key != "fields"}, **options}
            if "*" in path:
                raise Unsupported("field patterns in highlight")
            self._styles[path] = _style(merged)

    def highlight(self, source: dict[str, Any]) -> dict[str, list[str]]:
        """The marked fields of one document; a field without a match is left out."""
        out: dict[str, list[str]] = {}
        for path, style in self._styles.items():
            field = self._mapping.field(path)
            if field is None or field.kind != "text" or field.analyzer is None:
                continue
            value = source.get(field.source)
            for text in value if isinstance(value, list) else [value]:
                if not isinstance(text, str):
                    continue
                spans = self._spans(path, field.analyzer.analyze(text))
                if spans:
                    out.setdefault(path, []).append(_mark(text, spans, style))
        return out

    def _spans(self, path: str, tokens: list[Token]) -> list[tuple[int, int]]:
        terms = self._terms.terms.get(path, set())
        prefixes = tuple(self._terms.prefixes.get(path, ()))
        spans = {
            (token.start, token.end)
            for token in tokens
            if token.text in terms
            or (prefixes and token.text.startswith(prefixes))
            or any(_near(token.text, *one) for one in self._terms.nearly.get(path, ()))
        }
        for phrase in self._terms.phrases.get(path, []):
            spans.update(_phrase_spans(tokens, phrase))
        return sorted(span for span in spans if span[0] < span[1])


def _near(text: str, wanted: str, distance: int, prefix_length: int) -> bool:
    if abs(len(text) - len(wanted)) > distance or text[:prefix_length] != wanted[:prefix_length]:
        return False
    return edits(text, wanted) <= distance


def edits(left: str, right: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _phrase_spans(tokens: list[Token], phrase: list[tuple[int, str]]) -> Iterable[tuple[int, int]]:
    by_place = {(token.position, token.text): token for token in tokens}
    for token in tokens:
        if token.text != phrase[0][1]:
            continue
        found = [by_place.get((token.position + offset, word)) for offset, word in phrase]
        if all(found):
            yield from ((one.start, one.end) for one in found if one)


def _style(options: dict[str, Any]) -> Style:
    if int(options.get("number_of_fragments", 5)) != 0:
        raise Unsupported("highlight with fragments (set number_of_fragments to 0)")
    if options.get("type", "unified") != "unified":
        raise Unsupported(f"highlighter [{options['type']}]")
    if not options.get("require_field_match", True):
        raise Unsupported("highlight without require_field_match")
    encoder = options.get("encoder", "default")
    if encoder not in {"default", "html"}:
        raise Unsupported(f"highlight encoder [{encoder}]")
    before, after = options.get("pre_tags", ["<em>"]), options.get("post_tags", ["</em>"])
    return Style(before[0], after[0], encoder)


def _mark(text: str, spans: list[tuple[int, int]], style: Style) -> str:
    def encode(part: str) -> str:
        return html.escape(part) if style.encoder == "html" else part

    parts: list[str] = []
    last = 0
    for start, end in spans:
        if start < last:
            continue
        parts += [encode(text[last:start]), style.before, encode(text[start:end]), style.after]
        last = end
    return "".join([*parts, encode(text[last:])])
