"""Analyzers from index settings: character filters, one tokenizer, token filters, each by OpenSearch's name.

Other components are refused, never approximated. Source: opensearch.org, Text analysis.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tantivy

from emulation.search import japanese
from emulation.search.errors import IllegalArgument, ParsingError, Unsupported, require_keys
from emulation.search.tokens import SourceText, Token, normalize, replace

CharFilter = Callable[[SourceText], SourceText]
Tokenizer = Callable[[SourceText], list[Token]]
TokenFilter = Callable[[Iterable[Token]], Iterator[Token]]

# Lucene's standard tokenizer (UAX 29) for our purposes: ideographs and hiragana one by one, all else in
# words.
_IDEOGRAPH = r"\u3040-\u309f\u3400-\u9fff\uf900-\ufaff"
_WORD = rf"[^\W\u30a0-\u30ff{_IDEOGRAPH}]+"
_STANDARD = re.compile(rf"[{_IDEOGRAPH}]|[\u30a0-\u30ff]+|{_WORD}(?:['’.]{_WORD})*")
_LATIN = re.compile("[a-z]")
_WHITESPACE = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Analyzer:
    """Turns text into tokens. A normalizer is an analyzer whose tokenizer is ``keyword``."""

    name: str
    char_filters: tuple[CharFilter, ...]
    tokenizer: Tokenizer
    filters: tuple[TokenFilter, ...]

    def analyze(self, text: str) -> list[Token]:
        source = SourceText(text)
        for char_filter in self.char_filters:
            source = char_filter(source)
        tokens: Iterable[Token] = self.tokenizer(source)
        for token_filter in self.filters:
            tokens = token_filter(tokens)
        return [token for token in tokens if token.text]

    def normalize(self, text: str) -> str:
        """The single term of a keyword value."""
        tokens = self.analyze(text)
        return tokens[0].text if tokens else ""


def _by_pattern(pattern: re.Pattern[str]) -> Tokenizer:
    def tokenize(source: SourceText) -> list[Token]:
        return [
            Token(match.group(), source.start(match.start()), source.end(match.end()), position)
            for position, match in enumerate(pattern.finditer(source.text))
        ]

    return tokenize


def _keyword(source: SourceText) -> list[Token]:
    if not source.text:
        return []
    return [Token(source.text, source.start(0), source.end(len(source.text)), 0)]


def _lowercase(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        token.text = token.text.lower()
        yield token


@lru_cache(maxsize=1)
def _porter2() -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    return builder.filter(tantivy.Filter.stemmer("english")).build()


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return _porter2().analyze(word)[0] if _LATIN.search(word) else word


def _stem_english(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        token.text = _stem(token.text)
        yield token


def _edge_ngram(low: int, high: int) -> TokenFilter:
    def grams(tokens: Iterable[Token]) -> Iterator[Token]:
        for token in tokens:
            for size in range(low, min(high, len(token.text)) + 1):
                yield Token(token.text[:size], token.start, token.end, token.position, token.kind)

    return grams


def _shingles(low: int, high: int, separator: str) -> TokenFilter:
    """Runs of neighbouring tokens joined to one, besides the tokens themselves; gaps are not bridged."""

    def join(tokens: Iterable[Token]) -> Iterator[Token]:
        row = list(tokens)
        for place, first in enumerate(row):
            yield first
            for size in range(low, min(high, len(row) - place) + 1):
                run = row[place : place + size]
                text = separator.join(token.text for token in run)
                yield Token(text, first.start, run[-1].end, first.position, "shingle")

    return join


_TOKENIZERS: dict[str, Tokenizer] = {
    "standard": _by_pattern(_STANDARD),
    "whitespace": _by_pattern(_WHITESPACE),
    "keyword": _keyword,
}
_FILTERS: dict[str, TokenFilter] = {
    "lowercase": _lowercase,
    "kuromoji_baseform": japanese.base_form,
    "kuromoji_part_of_speech": japanese.part_of_speech_stop,
    "kuromoji_stemmer": japanese.katakana_stem,
    "kuromoji_readingform": japanese.reading_form,
}
_NORMALIZER_FILTERS = {"lowercase", "icu_transform"}


class AnalysisRegistry:
    """The analyzers and normalizers of one index.

    Args:
        settings: ``settings.index.analysis`` of the index, or ``{}``.

    Raises:
        SearchError: a component is unknown (400) or not part of this engine (501).
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        kinds = {"char_filter", "tokenizer", "filter", "analyzer", "normalizer"}
        require_keys(settings, kinds, "analysis")
        self._settings = settings
        self._analyzers = {
            "standard": Analyzer("standard", (), _TOKENIZERS["standard"], (_lowercase,)),
            "keyword": Analyzer("keyword", (), _keyword, ()),
            "whitespace": Analyzer("whitespace", (), _TOKENIZERS["whitespace"], ()),
        }
        for name, definition in settings.get("analyzer", {}).items():
            self._analyzers[name] = self._custom(name, definition)
        self._normalizers = {"lowercase": Analyzer("lowercase", (), _keyword, (_lowercase,))}
        for name, definition in settings.get("normalizer", {}).items():
            self._normalizers[name] = self._normalizer(name, definition)

    def analyzer(self, name: str) -> Analyzer:
        if name not in self._analyzers:
            raise IllegalArgument(f"analyzer [{name}] has not been configured in mappings")
        return self._analyzers[name]

    def normalizer(self, name: str) -> Analyzer:
        if name not in self._normalizers:
            raise IllegalArgument(f"normalizer [{name}] not found")
        return self._normalizers[name]

    def _custom(self, name: str, definition: dict[str, Any]) -> Analyzer:
        require_keys(definition, {"type", "char_filter", "tokenizer", "filter"}, f"analyzer {name}")
        if definition.get("type", "custom") != "custom":
            raise Unsupported(f"analyzer type [{definition['type']}]")
        if "tokenizer" not in definition:
            raise IllegalArgument(f"analyzer [{name}] must specify either an analyzer type, or a tokenizer")
        return Analyzer(
            name,
            tuple(self._char_filter(item) for item in definition.get("char_filter", [])),
            self._tokenizer(definition["tokenizer"]),
            tuple(self._filter(item) for item in definition.get("filter", [])),
        )

    def _normalizer(self, name: str, definition: dict[str, Any]) -> Analyzer:
        require_keys(definition, {"type", "char_filter", "filter"}, f"normalizer {name}")
        for item in definition.get("filter", []):
            if self._definition("filter", item)["type"] not in _NORMALIZER_FILTERS:
                raise IllegalArgument(f"Custom normalizer [{name}] may not use filter [{item}]")
        return self._custom(name, {**definition, "type": "custom", "tokenizer": "keyword"})

    def _definition(self, kind: str, name: str) -> dict[str, Any]:
        definition: dict[str, Any] = self._settings.get(kind, {}).get(name, {"type": name})
        if "type" not in definition:
            raise IllegalArgument(f"{kind} [{name}] must have a type associated with it")
        return definition

    def _char_filter(self, name: str) -> CharFilter:
        definition = self._definition("char_filter", name)
        if definition["type"] == "icu_normalizer":
            require_keys(definition, {"type", "name", "mode"}, f"char_filter {name}")
            form = definition.get("name", "nfkc_cf")
            if form not in {"nfkc", "nfkc_cf"} or definition.get("mode", "compose") != "compose":
                raise Unsupported(f"char_filter [{name}] other than nfkc and nfkc_cf, compose")
            return lambda source: normalize(source, casefold=form == "nfkc_cf")
        if definition["type"] == "mapping":
            require_keys(definition, {"type", "mappings"}, f"char_filter {name}")
            table = dict(_mapping_rule(rule) for rule in definition.get("mappings", []))
            return lambda source: replace(source, table)
        raise Unsupported(f"char_filter type [{definition['type']}]")

    def _tokenizer(self, name: str) -> Tokenizer:
        definition = self._definition("tokenizer", name)
        kind = definition["type"]
        if kind == "kuromoji_tokenizer":
            require_keys(definition, {"type", "mode", "discard_compound_token"}, f"tokenizer {name}")
            if definition.get("mode", "search") != "search" or not definition.get("discard_compound_token", False):
                raise Unsupported("kuromoji_tokenizer other than mode search with discard_compound_token")
            return japanese.tokenize
        require_keys(definition, {"type"}, f"tokenizer {name}")
        if kind not in _TOKENIZERS:
            raise Unsupported(f"tokenizer type [{kind}]")
        return _TOKENIZERS[kind]

    def _filter(self, name: str) -> TokenFilter:
        definition = self._definition("filter", name)
        kind = definition["type"]
        if kind == "edge_ngram":
            require_keys(definition, {"type", "min_gram", "max_gram"}, f"filter {name}")
            return _edge_ngram(int(definition.get("min_gram", 1)), int(definition.get("max_gram", 2)))
        if kind == "shingle":
            require_keys(
                definition, {"type", "min_shingle_size", "max_shingle_size", "token_separator"}, f"filter {name}"
            )
            low, high = int(definition.get("min_shingle_size", 2)), int(definition.get("max_shingle_size", 2))
            return _shingles(low, high, definition.get("token_separator", " "))
        if kind == "stemmer":
            require_keys(definition, {"type", "language"}, f"filter {name}")
            if definition.get("language") != "porter2":
                raise Unsupported("stemmer of another language than porter2")
            return _stem_english
        if kind == "icu_transform":
            require_keys(definition, {"type", "id"}, f"filter {name}")
            if definition.get("id") != "Hiragana-Katakana":
                raise Unsupported("icu_transform other than Hiragana-Katakana")
            return japanese.hiragana_to_katakana
        if kind == "kuromoji_part_of_speech":
            require_keys(definition, {"type", "stoptags"}, f"filter {name}")
            return _part_of_speech_stop(definition.get("stoptags"))
        require_keys(definition, {"type"}, f"filter {name}")
        if kind not in _FILTERS:
            raise Unsupported(f"filter type [{kind}]")
        return _FILTERS[kind]


def _part_of_speech_stop(given: list[str] | None) -> TokenFilter:
    tags = japanese.STOPTAGS if given is None else frozenset(given)
    if tags | {japanese.MISCELLANEOUS} != japanese.STOPTAGS:
        raise Unsupported(f"stoptags other than Lucene's, with or without {japanese.MISCELLANEOUS}")
    with_letters = japanese.MISCELLANEOUS not in tags
    return japanese.part_of_speech_stop_but_letters if with_letters else japanese.part_of_speech_stop


def _mapping_rule(rule: str) -> tuple[str, str]:
    left, arrow, right = rule.partition("=>")
    if not arrow:
        raise ParsingError(f"Invalid mapping rule: [{rule}]", "illegal_argument_exception")
    return left.strip(), right.strip()
