"""Japanese tokenizer and filters with kuromoji's names and outcome, on MeCab with UniDic.

Token boundaries follow UniDic's short units; kuromoji (IPADIC) in ``search`` mode with
``discard_compound_token``
cuts nearly the same. Where the dictionaries differ the two engines differ; ``docs/emulation/search.md`` lists what is
known.

Source: opensearch.org, Japanese (kuromoji) analysis; Lucene's org.apache.lucene.analysis.ja.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import regex
from fugashi import Tagger

from emulation.search.tokens import SourceText, Token

_lock = threading.Lock()
# Parts of speech that kuromoji_part_of_speech drops by default: conjunctions, particles, auxiliary verbs, symbols and
# fillers.
_STOP_POS = {"接続詞", "助詞", "助動詞", "補助記号", "空白", "感動詞-フィラー"}
# A particle to UniDic, a noun to IPADIC (食べるのが); and a verb to UniDic, an auxiliary to IPADIC (ございます).
_KEPT_PARTICLE = "助詞-準体助詞"
_AUXILIARY_BASES = {"ござる"}
# IPADIC's compound particles (助詞-格助詞-連語), which UniDic cuts into particle and verb.
_COMPOUND_PARTICLES = {
    ("に", "つい", "て"), ("に", "おい", "て"), ("に", "おけ", "る"), ("に", "よっ", "て"), ("に", "よる"),
    ("に", "対し", "て"), ("に", "対する"), ("に", "関し", "て"), ("に", "関する"), ("に", "とっ", "て"),
    ("に", "わたっ", "て"), ("に", "つれ", "て"), ("に", "従っ", "て"), ("に", "際し", "て"), ("と", "し", "て"),
    ("と", "いう"), ("と", "いっ", "た"), ("を", "通じ", "て"), ("を", "めぐっ", "て"),
}  # fmt: skip
_KATAKANA_STEM_MINIMUM = 4
#: UniDic's tag for a run of unknown characters. Kuromoji ends such a run at punctuation.
_UNKNOWN_LETTERS = "補助記号"
_LETTERS = regex.compile(r"[^\p{P}\p{S}\p{Z}\p{C}]+")
#: IPADIC's tag for letters of scripts that it does not know (Arabic, Hebrew, Devanagari, Hangul, …): a symbol.
MISCELLANEOUS = "記号-一般"
#: Lucene's stoptags.txt.
STOPTAGS = frozenset({
    MISCELLANEOUS,
    "接続詞", "助詞", "助詞-格助詞", "助詞-格助詞-一般", "助詞-格助詞-引用", "助詞-格助詞-連語",
    "助詞-接続助詞", "助詞-係助詞", "助詞-副助詞", "助詞-間投助詞", "助詞-並立助詞", "助詞-終助詞",
    "助詞-副助詞／並立助詞／終助詞", "助詞-連体化", "助詞-副詞化", "助詞-特殊", "助動詞", "記号", "記号-読点",
    "記号-句点", "記号-空白", "記号-括弧開", "記号-括弧閉", "その他-間投", "フィラー", "非言語音",
})  # fmt: skip


@lru_cache(maxsize=1)
def _tagger() -> Tagger:
    return Tagger()


def _is_symbol(char: str) -> bool:
    return unicodedata.category(char)[0] in "PSZC"


def tokenize(source: SourceText) -> list[Token]:
    """Cut into short units; punctuation and symbols are dropped and leave no gap (kuromoji's default)."""
    # MeCab reads C strings and takes one sentence: neither NUL nor line ends may reach it.
    text = source.text.translate({0: " ", 9: " ", 10: " ", 13: " "})
    tokens: list[Token] = []
    with _lock:
        words = [(w.white_space, w.surface, w.feature, w.is_unk) for w in _tagger()(text)]
    index = 0
    for space, surface, feature, unknown in words:
        begin = text.index(surface, index + len(space)) if surface else index
        index = begin + len(surface)
        if unknown and feature.pos1 == _UNKNOWN_LETTERS:
            pieces = [(match.group(), begin + match.start()) for match in _LETTERS.finditer(surface)]
        else:
            pieces = [(surface, begin)] if surface and not _is_symbol(surface[0]) else []
        for piece, start in pieces:
            tokens.append(
                Token(
                    piece,
                    source.start(start),
                    source.end(start + len(piece)),
                    len(tokens),
                    part_of_speech=f"{feature.pos1}-{feature.pos2}",
                    base="" if unknown else (feature.orthBase or ""),
                    reading="" if unknown else (feature.kana or ""),
                )
            )
    return _mark_compound_particles(tokens)


def _mark_compound_particles(tokens: list[Token]) -> list[Token]:
    for place, token in enumerate(tokens):
        if token.text not in {"に", "と", "を"}:
            continue
        for size in (2, 3):
            run = tokens[place : place + size]
            if tuple(one.text for one in run) in _COMPOUND_PARTICLES:
                for one in run:
                    one.part_of_speech = "助詞-格助詞"
    return tokens


def base_form(tokens: Iterable[Token]) -> Iterator[Token]:
    """食べ (of 食べた) becomes 食べる."""
    for token in tokens:
        if token.base:
            token.text = token.base
        yield token


def part_of_speech_stop(tokens: Iterable[Token]) -> Iterator[Token]:
    """Drop function words, and letters of unknown scripts; positions keep the gap, as Lucene's filtering filters do."""
    return _without_function_words(tokens, keep_letters=False)


def part_of_speech_stop_but_letters(tokens: Iterable[Token]) -> Iterator[Token]:
    """The same with stop tags that lack ``MISCELLANEOUS``."""
    return _without_function_words(tokens, keep_letters=True)


def _without_function_words(tokens: Iterable[Token], *, keep_letters: bool) -> Iterator[Token]:
    for token in tokens:
        kind = token.part_of_speech
        # Punctuation and symbols are gone already: what UniDic calls so here are letters.
        if keep_letters and kind.startswith(_UNKNOWN_LETTERS):
            yield token
            continue
        stopped = kind in _STOP_POS or kind.split("-")[0] in _STOP_POS or token.base in _AUXILIARY_BASES
        if not stopped or kind == _KEPT_PARTICLE:
            yield token


def _is_katakana(text: str) -> bool:
    return all("\u30a0" <= char <= "\u30ff" for char in text)


def katakana_stem(tokens: Iterable[Token]) -> Iterator[Token]:
    """サーバー becomes サーバ: a long katakana word loses its final sound mark."""
    for token in tokens:
        if len(token.text) >= _KATAKANA_STEM_MINIMUM and token.text.endswith("ー") and _is_katakana(token.text):
            token.text = token.text[:-1]
        yield token


def reading_form(tokens: Iterable[Token]) -> Iterator[Token]:
    """京都 becomes キョウト; a word that the dictionary lacks stays as it is."""
    for token in tokens:
        if token.reading:
            token.text = token.reading
        yield token


def hiragana_to_katakana(tokens: Iterable[Token]) -> Iterator[Token]:
    """ICU's ``Hiragana-Katakana`` transform for single characters."""
    for token in tokens:
        token.text = to_katakana(token.text)
        yield token


def to_katakana(text: str) -> str:
    return "".join(chr(ord(char) + 0x60) if "\u3041" <= char <= "\u3096" else char for char in text)
