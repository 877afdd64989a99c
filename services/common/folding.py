"""Removes accents, so that *cafe* finds ``café``. The analyzer handles case, width and ligatures.

Folded are Latin and Greek; vowel signs of Arabic and Hebrew, which most people leave out, and the letters of Arabic and
Persian that are typed for each other; the nukta of Devanagari; of Cyrillic only ё and marks of stress: й is a letter of
its own, as か and が are.
Sources: Unicode Standard, Decomposition_Mapping; UTR #30 (withdrawn), Diacritic folding; Lucene, ArabicNormalizer and
PersianNormalizer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

#: Letters that have no decomposition, and what people type for them.
_LETTERS = {
    "đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n",
    "ƒ": "f", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ɛ": "e", "ɔ": "o", "ё": "е",
    "ٱ": "ا", "ى": "ي", "ی": "ي", "ے": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه", "\u0640": "",
}  # fmt: skip
_FOLDED = _LETTERS | {
    one.upper(): plain.upper() for one, plain in _LETTERS.items() if len(one.upper()) == 1 and one.upper() != one
}
#: Scripts whose letters may have an accent; words of other scripts need no second look.
_ACCENTS = r"\p{Script=Latin}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}"
_ALPHABETIC = regex.compile(rf"[{_ACCENTS}\p{{Script=Cyrillic}}\p{{Script=Devanagari}}]")
_ACCENTED = regex.compile(rf"[{_ACCENTS}]")
_NUKTA = "\u093c"
_STRESS = frozenset("\u0300\u0301")


def has_alphabet(text: str) -> bool:
    """Whether any letter could have, or lack, an accent."""
    return bool(_ALPHABETIC.search(text))


def unaccented(text: str) -> str:
    """The text without accents; the same text where it has none."""
    return "".join(piece for _, piece in _pieces(text))


def aligned(text: str) -> tuple[str, list[int]]:
    """The text without accents, and for each place in it (and its end) the place in ``text``."""
    found, places = [], []
    for place, piece in _pieces(text):
        found.append(piece)
        places += [place] * len(piece)
    return "".join(found), [*places, len(text)]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    base = ""
    for place, char in enumerate(text):
        if char.isascii():
            base = char
            yield place, char
        elif unicodedata.combining(char):
            yield place, "" if _is_accent(base, char) else char
        else:
            base, folded = char, _letter(char)
            yield place, folded


def _letter(char: str) -> str:
    plain = _FOLDED.get(char)
    if plain is not None:
        return plain
    decomposed = unicodedata.normalize("NFD", char)
    first = decomposed[0]
    if first == decomposed or not (_ACCENTED.match(first) or decomposed[1] == _NUKTA):
        return char
    return _FOLDED.get(first, first)


def _is_accent(base: str, mark: str) -> bool:
    if _ACCENTED.match(base):
        return True
    return mark == _NUKTA or (mark in _STRESS and bool(_ALPHABETIC.match(base)))
