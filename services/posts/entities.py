"""Entities of a post's text: links, people, tags; and a guess at its language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import regex

from services.common.tokenizer import Token, tokens_of

MENTION_LIMIT = 20
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")
_LATIN = regex.compile(r"[A-Za-z]")
_LETTER = regex.compile(r"\p{L}")


def with_people(tokens: Sequence[Token], ids: Mapping[str, str]) -> list[Token]:
    """``tokens`` without the mentions of handles that nobody has (``ids``: handle → user id)."""
    return [token for token in tokens if token.kind != "mention" or token.value in ids]


def language_of(text: str) -> str:
    """A guess by script: ``ja`` for kana or kanji, ``en`` where Latin letters are most of the letters, else ``und``."""
    words = " ".join(_words(text))
    if _KANA.search(words) or _HAN.search(words):
        return "ja"
    latin, letters = len(_LATIN.findall(words)), len(_LETTER.findall(words))
    return "en" if latin and latin * 2 > letters else "und"


def _words(text: str) -> Iterator[str]:
    at = 0
    for token in tokens_of(text):
        yield text[at : token.start]
        at = token.end
    yield text[at:]
