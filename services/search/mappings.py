"""The indices: settings, analyzers and explicit mappings, each version behind its alias.

Analysis uses what every Amazon OpenSearch Service domain has (kuromoji and ICU), the Docker image has after
``opensearch-plugin install``, and the embedded engine implements. A change of a mapping is a new version: the number
in the name goes up, ``make reindex`` fills it and moves the alias.

Source: docs.aws.amazon.com, Supported plugins; opensearch.org, Text analysis.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any

from services.common.lazy_dataclasses import dataclass

POSTS, PEOPLE, TAGS = "posts", "people", "tags"

_STOPTAGS = [
    "接続詞", "助詞", "助詞-格助詞", "助詞-格助詞-一般", "助詞-格助詞-引用", "助詞-格助詞-連語",
    "助詞-接続助詞", "助詞-係助詞", "助詞-副助詞", "助詞-間投助詞", "助詞-並立助詞", "助詞-終助詞",
    "助詞-副助詞／並立助詞／終助詞", "助詞-連体化", "助詞-副詞化", "助詞-特殊", "助動詞", "記号", "記号-読点",
    "記号-句点", "記号-空白", "記号-括弧開", "記号-括弧閉", "その他-間投", "フィラー", "非言語音",
]  # fmt: skip

ANALYSIS: dict[str, Any] = {
    "char_filter": {"fold": {"type": "icu_normalizer", "name": "nfkc_cf", "mode": "compose"}},
    "tokenizer": {"japanese": {"type": "kuromoji_tokenizer", "mode": "search", "discard_compound_token": True}},
    "filter": {
        "english": {"type": "stemmer", "language": "porter2"},
        # Lucene's stop tags without 記号-一般: so kuromoji calls words of scripts that it does not know (Arabic,
        # Hebrew, Devanagari, Hangul, …). Punctuation and symbols don't get that far.
        "words": {"type": "kuromoji_part_of_speech", "stoptags": _STOPTAGS},
        "prefixes": {"type": "edge_ngram", "min_gram": 1, "max_gram": 24},
        "joined": {"type": "shingle", "min_shingle_size": 2, "max_shingle_size": 4, "token_separator": ""},
        "katakana": {"type": "icu_transform", "id": "Hiragana-Katakana"},
    },
    "analyzer": {
        # Words of Japanese and English text in one field: base forms, no particles, stems.
        "prose": {
            "type": "custom",
            "char_filter": ["fold"],
            "tokenizer": "japanese",
            "filter": ["kuromoji_baseform", "words", "kuromoji_stemmer", "english"],
        },
        # Every beginning of a name, and a name as typed.
        "beginnings": {
            "type": "custom", "char_filter": ["fold"], "tokenizer": "keyword", "filter": ["prefixes"],
        },
        "as_typed": {"type": "custom", "char_filter": ["fold"], "tokenizer": "keyword"},
        # Every beginning of how a name is read (京都 as キョウト), and kana as typed.
        "readings": {
            "type": "custom", "char_filter": ["fold"], "tokenizer": "japanese",
            "filter": ["kuromoji_readingform", "katakana", "joined", "prefixes"],
        },
        "kana_as_typed": {
            "type": "custom", "char_filter": ["fold"], "tokenizer": "keyword", "filter": ["katakana"],
        },
    },
    "normalizer": {"folded": {"type": "custom", "char_filter": ["fold"]}},
}  # fmt: skip

_SETTINGS: dict[str, Any] = {
    "index": {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "1s",
        # How long a delete's version is remembered: longer than a stream event can be retried.
        "gc_deletes": "24h",
        "max_shingle_diff": 3,
        "max_ngram_diff": 24,
        "analysis": ANALYSIS,
    }
}

_KEYWORD = {"type": "keyword"}
_FOLDED = {"type": "keyword", "normalizer": "folded", "ignore_above": 256}
_PROSE = {"type": "text", "analyzer": "prose"}
_BEGINNINGS = {"type": "text", "analyzer": "beginnings", "search_analyzer": "as_typed"}
_READINGS = {"type": "text", "analyzer": "readings", "search_analyzer": "kana_as_typed"}
_NAME = {**_PROSE, "fields": {"prefix": _BEGINNINGS, "reading": _READINGS}}
_TAG = {**_FOLDED, "fields": {"prefix": _BEGINNINGS, "reading": _READINGS}}


@dataclass(frozen=True)
class IndexDefinition:
    """One index: ``alias`` is what requests name, ``name`` the version behind it."""

    alias: str
    version: int
    properties: dict[str, Any]
    #: version → the properties that it added; an index of an older version does not take them
    added: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.alias}-v{self.version}"

    def unknown_to(self, index: str) -> frozenset[str]:
        """Properties that an index of this alias lacks because it is of an older version."""
        found = re.search(rf"{self.alias}-v([0-9]+)", index)
        version = int(found.group(1)) if found else self.version
        return frozenset(name for later, names in self.added.items() if later > version for name in names)

    @property
    def body(self) -> dict[str, Any]:
        """Body of the request that creates it."""
        return {"settings": _SETTINGS, "mappings": {"dynamic": "strict", "properties": self.properties}}


INDICES = {
    POSTS: IndexDefinition(
        POSTS,
        4,
        {
            "id": _KEYWORD,
            "authorId": _KEYWORD,
            "text": _PROSE,
            # The text without accents, where it has some; emoji and signs, as written and without skin tones.
            "unaccented": _PROSE,
            "symbols": _KEYWORD,
            "looseSymbols": _KEYWORD,
            "lang": _KEYWORD,
            "createdAt": {"type": "date"},
            "visibility": _KEYWORD,
            "replyTo": _KEYWORD,
            "has": _KEYWORD,
            "tags": _FOLDED,
            "mentions": _KEYWORD,
            "to": _KEYWORD,
        },
        {2: ("unaccented", "symbols", "looseSymbols")},
    ),
    PEOPLE: IndexDefinition(
        PEOPLE,
        4,
        {
            "id": _KEYWORD,
            "handle": {**_FOLDED, "fields": {"prefix": _BEGINNINGS}},
            "displayName": _NAME,
            "bio": _PROSE,
            "unaccentedName": _NAME,
            "unaccentedBio": _PROSE,
            "symbols": _KEYWORD,
            "looseSymbols": _KEYWORD,
            "createdAt": {"type": "date"},
        },
        {2: ("unaccentedName", "unaccentedBio", "symbols", "looseSymbols")},
    ),
    TAGS: IndexDefinition(TAGS, 1, {"tag": _TAG, "createdAt": {"type": "date"}}),
}
