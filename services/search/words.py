"""The query of a word or a phrase: as written first, then without accents, in the other kana, by its symbols."""

from __future__ import annotations

from typing import Any

from services.common.folding import has_alphabet, unaccented
from services.search.symbols import Symbol, looked_for

Body = dict[str, Any]
#: More than fresh posts are lifted: what is spelt as asked for comes before what only looks like it.
EXACT_BOOST = 3
_LIKE_BOOST = 0.1
_HIRAGANA = range(0x3041, 0x3097)
_KATAKANA = range(0x30A1, 0x30F7)
_KANA_DISTANCE = 0x60


def word(text: str, lone: bool) -> Body:
    """A word in the text. One in kana also finds the same word in the other kana, as a phrase, ranked below exact
    spelling.

    A word that the analyzer drops (a particle, punctuation) is ignored beside other words, and finds nothing alone.
    """
    letters, symbols = looked_for(text)
    return _with_symbols(symbols, [_plain(letters, lone and not symbols)] if letters or not symbols else [])


def phrase(text: str, lone: bool) -> Body:
    """Words in this order; symbols between them must be in the text, at any place."""
    letters, symbols = looked_for(text)
    dropped = "none" if lone and not symbols else "all"
    written: Body = {"match_phrase": {"text": {"query": letters, "zero_terms_query": dropped}}}
    likes = [{"match_phrase": {field: {"query": like}}} for field, like in _likes(letters)]
    return _with_symbols(symbols, [_exact_first(written, likes)] if letters or not symbols else [])


def _plain(text: str, lone: bool) -> Body:
    options = {"operator": "and", "zero_terms_query": "none" if lone else "all"}
    written: Body = {"match": {"text": {"query": text, **options}}}
    other = other_kana(text)
    if other is not None:
        return {"dis_max": {"queries": [written, constant({"match_phrase": {"text": {"query": other}}}, 1)]}}
    likes = [{"match": {field: {"query": like, "operator": "and"}}} for field, like in _likes(text)]
    return _exact_first(written, likes)


def _likes(text: str) -> list[tuple[str, str]]:
    """Where to look without accents: in texts that had some, and in those that never had."""
    if not has_alphabet(text):
        return []
    plain = unaccented(text)
    return [("unaccented", plain), *([("text", plain)] if plain != text else [])]


def _exact_first(written: Body, likes: list[Body]) -> Body:
    if not likes:
        return written
    exact = {"bool": {"must": [written], "should": [{"match_all": {"boost": EXACT_BOOST}}]}}
    return {"dis_max": {"queries": [exact, *(constant(one, _LIKE_BOOST) for one in likes)]}}


def _with_symbols(symbols: list[Symbol], others: list[Body]) -> Body:
    must = [*others, *(symbol(one) for one in symbols)]
    return must[0] if len(must) == 1 else {"bool": {"must": must}}


def symbol(one: Symbol) -> Body:
    """An emoji without a skin tone also finds those with one, ranked lower."""
    exact = constant({"term": {"symbols": one.exact}}, EXACT_BOOST)
    if one.exact != one.loose:
        return exact
    return {"dis_max": {"queries": [exact, constant({"term": {"looseSymbols": one.loose}}, _LIKE_BOOST)]}}


def other_kana(text: str) -> str | None:
    """らーめん for ラーメン and the other way round; None when the word is not all kana of one kind."""
    points = [ord(char) for char in text if char != "ー"]
    if points and all(point in _HIRAGANA for point in points):
        return "".join(chr(ord(char) + _KANA_DISTANCE) if char != "ー" else char for char in text)
    if points and all(point in _KATAKANA for point in points):
        return "".join(
            chr(ord(char) - _KANA_DISTANCE) if ord(char) - _KANA_DISTANCE in _HIRAGANA else char for char in text
        )
    return None


def constant(query: Body, boost: float) -> Body:
    """``query`` as a filter that scores ``boost``."""
    return {"constant_score": {"filter": query, "boost": boost}}
