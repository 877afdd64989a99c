"""Data of an analyzer: tokens, and text that keeps the origin of each character."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache


@dataclass(slots=True)
class Token:
    """One term of a text; offsets are characters of the original text, end exclusive."""

    text: str
    start: int
    end: int
    position: int
    kind: str = "word"
    part_of_speech: str = ""
    base: str = ""
    reading: str = ""


@dataclass(frozen=True, slots=True)
class SourceText:
    """Text after character filters.

    ``spans[i]`` is where character i came from: (start, end) in the original.
    """

    text: str
    spans: tuple[tuple[int, int], ...] | None = None

    def span(self, index: int) -> tuple[int, int]:
        return (index, index + 1) if self.spans is None else self.spans[index]

    def start(self, index: int) -> int:
        return self.span(index)[0]

    def end(self, index: int) -> int:
        """Original end offset of a non-empty slice that ends (exclusive) at ``index``."""
        return self.span(index - 1)[1]


# Characters that NFKC_Casefold removes (Unicode property Default_Ignorable_Code_Point), those seen in posts.
_IGNORABLE = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufeff") | frozenset(
    chr(point)
    for low, high in (
        (0x180B, 0x180F),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x206F),
        (0xFE00, 0xFE0F),
    )
    for point in range(low, high + 1)
)
_HALF_WIDTH_MARKS = "\uff9e\uff9f"


@lru_cache(maxsize=20_000)
def _fold(chunk: str, casefold: bool) -> str:
    folded = unicodedata.normalize("NFKC", chunk)
    if casefold:
        folded = unicodedata.normalize("NFKC", folded.casefold())
        folded = "".join(c for c in folded if c not in _IGNORABLE)
    return folded


def _fold_one_to_one(text: str, casefold: bool) -> str | None:
    """The folded text where every character stays one character, which most text does; None otherwise."""
    if not unicodedata.is_normalized("NFKC", text):
        return None
    if not casefold:
        return text
    folded = text.casefold()
    # Case folding never shortens a character: an equal length means one for one.
    if len(folded) != len(text) or not unicodedata.is_normalized("NFKC", folded):
        return None
    return None if _IGNORABLE.intersection(folded) else folded


def normalize(source: SourceText, casefold: bool) -> SourceText:
    """NFKC (or NFKC_Casefold) as ICU's ``icu_normalizer`` does it, offsets kept.

    Source: Unicode Standard Annex 15; opensearch.org, ICU normalizer character filter.
    """
    text = source.text
    if source.spans is None and (simple := _fold_one_to_one(text, casefold)) is not None:
        return SourceText(simple)
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    index = 0
    while index < len(text):
        stop = index + 1
        while stop < len(text) and (unicodedata.combining(text[stop]) or text[stop] in _HALF_WIDTH_MARKS):
            stop += 1
        folded = _fold(text[index:stop], casefold)
        out.append(folded)
        spans.extend([(source.start(index), source.end(stop))] * len(folded))
        index = stop
    return SourceText("".join(out), tuple(spans))


def replace(source: SourceText, table: dict[str, str]) -> SourceText:
    """The ``mapping`` character filter: longest key first at each place."""
    longest = max((len(key) for key in table), default=0)
    text, index = source.text, 0
    out: list[str] = []
    spans: list[tuple[int, int]] = []
    while index < len(text):
        for size in range(min(longest, len(text) - index), 0, -1):
            value = table.get(text[index : index + size])
            if value is not None:
                break
        else:
            size, value = 1, text[index]
        out.append(value)
        spans.extend([(source.start(index), source.end(index + size))] * len(value))
        index += size
    return SourceText("".join(out), tuple(spans))
