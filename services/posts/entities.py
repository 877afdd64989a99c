"""What a post's text mentions: links, people, tags. Offsets are Unicode code points, the end is exclusive."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import regex

Kind = Literal["link", "mention", "tag"]

_LINK = regex.compile(r"(?<![\p{L}\p{N}_])https?://[^\s\p{Cc}<>\"“”「」『』（）、。！？]+", regex.IGNORECASE)
_MENTION = regex.compile(r"(?<![\p{L}\p{N}_@＠./-])[@＠]([A-Za-z0-9_]{3,20})(?![A-Za-z0-9_@＠])")
_TAG = regex.compile(r"(?<![\p{L}\p{N}_&/#＃])[#＃]([\p{L}\p{M}\p{N}_ー・]+)")
_CLOSING = {")": "(", "]": "[", "}": "{"}
TAG_LIMIT = 50
MENTION_LIMIT = 20
_LINK_LIMIT = 2_000
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")
_LATIN = regex.compile(r"[A-Za-z]")
_LETTER = regex.compile(r"\p{L}")


@dataclass(frozen=True)
class Facet:
    """``value``: the address of a link, the lower-case handle of a mention, the normalised tag."""

    start: int
    end: int
    kind: Kind
    value: str


def facets_of(text: str) -> list[Facet]:
    """All facets of a text, in order, never overlapping. Links win: ``https://a.example/#x`` holds no tag."""
    found: list[Facet] = []
    taken: list[tuple[int, int]] = []
    for one in (*_links(text), *_matches(text, _MENTION, "mention"), *_matches(text, _TAG, "tag")):
        if all(one.end <= start or one.start >= end for start, end in taken):
            found.append(one)
            taken.append((one.start, one.end))
    return sorted(found, key=lambda facet: facet.start)


def normalised_tag(tag: str) -> str:
    """The form by which tags are the same: NFKC, case folded; ``Ｔｏｋｙｏ`` is ``tokyo``."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tag).casefold())


def values(facets: list[Facet], kind: Kind) -> list[str]:
    """Each value once, in the order of first use."""
    return list(dict.fromkeys(facet.value for facet in facets if facet.kind == kind))


def with_people(facets: list[Facet], ids: Mapping[str, str]) -> list[Facet]:
    """``facets`` without the mentions of handles that nobody has (``ids``: handle → user id)."""
    return [facet for facet in facets if facet.kind != "mention" or facet.value in ids]


def language_of(text: str) -> str:
    """A guess by script: ``ja`` for kana or kanji, ``en`` where Latin letters are most of the letters, else ``und``."""
    words = " ".join(_words(text))
    if _KANA.search(words) or _HAN.search(words):
        return "ja"
    latin, letters = len(_LATIN.findall(words)), len(_LETTER.findall(words))
    return "en" if latin and latin * 2 > letters else "und"


def _words(text: str) -> Iterator[str]:
    at = 0
    for facet in facets_of(text):
        yield text[at : facet.start]
        at = facet.end
    yield text[at:]


def _links(text: str) -> Iterator[Facet]:
    for match in _LINK.finditer(text):
        address = _trimmed(match.group())
        if len(address) <= _LINK_LIMIT and _is_web_address(address):
            yield Facet(match.start(), match.start() + len(address), "link", address)


def _trimmed(address: str) -> str:
    """Without the punctuation that ends a sentence, and without a bracket that was opened before the link."""
    while address:
        last = address[-1]
        unopened = last in _CLOSING and address.count(last) > address.count(_CLOSING[last])
        if last not in ".,:;!?'…" and not unopened:
            break
        address = address[:-1]
    return address


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def _matches(text: str, pattern: regex.Pattern[str], kind: Kind) -> Iterator[Facet]:
    for match in pattern.finditer(text):
        value = normalised_tag(match.group(1)) if kind == "tag" else match.group(1).lower()
        if kind == "tag" and (len(value) > TAG_LIMIT or not any(one.isalpha() for one in value)):
            continue
        yield Facet(match.start(), match.end(), kind, value)
