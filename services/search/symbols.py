"""Emoji and other signs, which word analyzers drop: indexed as terms of their own.

A term is one visible sign (a grapheme cluster: 👩🏽‍💻, 🇯🇵, 1️⃣, ☆, $), or a short word with its sign (``c++``, ``c#``,
``.net``, ``$aapl``). The *loose* form has no skin tone, so that 👍 also finds 👍🏽.

Sources: UAX #29 (grapheme clusters), UTS #51 (emoji sequences, variation selectors, modifiers).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

from services.common.lazy_dataclasses import dataclass
from services.common.text import GRAPHEME, folded

_SIGN = regex.compile(
    r"(?![\p{Default_Ignorable_Code_Point}\u2800])"
    r"(?:[\p{S}#@%&*\u2020\u2021\u2030\u203B\u2042\u00A7\u00B6]|(?![0-9])[\p{Extended_Pictographic}\p{Regional_Indicator}])"
    r"|[0-9]\uFE0F?\u20E3"
)
_PICTURE = regex.compile(r"[^\x00-\x7F\p{Sc}]|[0-9#*]\u20E3")
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_SELECTORS = regex.compile(r"[\uFE0E\uFE0F]")
_SKIN_TONES = regex.compile(r"(?<=.)\p{Emoji_Modifier}")
#: Of scripts that are written with spaces; in Japanese a word would run into its sentence.
_W = r"[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{M}\p{N}]"
_SIGNED_WORD = regex.compile(
    rf"(?<!{_W}){_W}{{1,20}}(?:[+＋]{{1,3}}|[#＃♯])(?!{_W}|[+＋#＃♯])"
    rf"|(?<![.．])[.．](?!\p{{N}}){_W}{{1,20}}(?!{_W})"
    rf"|(?<!{_W})\p{{Sc}}(?!\p{{N}}){_W}{{1,12}}(?!{_W})"
)


@dataclass(frozen=True)
class Symbol:
    """``exact`` and ``loose`` are terms of the index; ``start`` and ``end`` its place in the text."""

    start: int
    end: int
    exact: str
    loose: str


def symbols_in(text: str) -> list[Symbol]:
    """All signs and signed words of a text, each where it stands."""
    return [*_signs(text), *_signed_words(text)]


def looked_for(text: str) -> tuple[str, list[Symbol]]:
    """Splits a query into words for the analyzer, and symbols that a post must have.

    Signs inside words are no condition (*R&D*, *@alice*), but emoji are; if nothing else is left, all signs are.
    """
    signs, words = list(_signs(text)), list(_signed_words(text))
    rest = _blanked(text, [*signs, *words])
    if "://" in text or not (signs or words):
        return text, []
    if not _LETTER.search(rest):
        return "", words + [one for one in signs if not words or _PICTURE.match(one.exact)]
    return rest, words + [one for one in signs if _PICTURE.match(one.exact)]


def _blanked(text: str, symbols: list[Symbol]) -> str:
    letters = list(text)
    for one in symbols:
        letters[one.start : one.end] = " " * (one.end - one.start)
    return " ".join("".join(letters).split())


def _signs(text: str) -> Iterator[Symbol]:
    for match in GRAPHEME.finditer(text):
        exact = _term(match.group())
        if _SIGN.match(exact):
            yield Symbol(match.start(), match.end(), exact, _SKIN_TONES.sub("", exact))


def _signed_words(text: str) -> Iterator[Symbol]:
    for match in _SIGNED_WORD.finditer(text):
        term = folded(match.group()).replace("♯", "#")
        yield Symbol(match.start(), match.end(), term, term)


def _term(cluster: str) -> str:
    """The indexed form: without variation selectors, narrow (＃ is #); a sign that would become letters (™, ㊗) stays
    itself."""
    bare = _SELECTORS.sub("", cluster)
    narrow = unicodedata.normalize("NFKC", bare)
    return narrow if _SIGN.match(narrow) else bare
