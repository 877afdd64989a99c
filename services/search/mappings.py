"""The indices: settings, analyzers and explicit mappings, each version behind its alias.

Analysis uses what every Amazon OpenSearch Service domain has (kuromoji and ICU), the Docker image has after
``opensearch-plugin install``, and the embedded engine implements. A change of a mapping is a new version: the number
in the name goes up, ``make reindex`` fills it and moves the alias.

Source: docs.aws.amazon.com, Supported plugins; opensearch.org, Text analysis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

POSTS, PEOPLE, TAGS = "posts", "people", "tags"

ANALYSIS: dict[str, Any] = {
    "char_filter": {"fold": {"type": "icu_normalizer", "name": "nfkc_cf", "mode": "compose"}},
    "tokenizer": {"japanese": {"type": "kuromoji_tokenizer", "mode": "search", "discard_compound_token": True}},
    "filter": {
        "english": {"type": "stemmer", "language": "porter2"},
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
            "filter": ["kuromoji_baseform", "kuromoji_part_of_speech", "kuromoji_stemmer", "english"],
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

    @property
    def name(self) -> str:
        return f"{self.alias}-v{self.version}"

    @property
    def body(self) -> dict[str, Any]:
        """Body of the request that creates it."""
        return {"settings": _SETTINGS, "mappings": {"dynamic": "strict", "properties": self.properties}}


INDICES = {
    POSTS: IndexDefinition(
        POSTS,
        1,
        {
            "id": _KEYWORD,
            "authorId": _KEYWORD,
            "text": _PROSE,
            "lang": _KEYWORD,
            "createdAt": {"type": "date"},
            "visibility": _KEYWORD,
            "replyTo": _KEYWORD,
            "has": _KEYWORD,
            "tags": _FOLDED,
            "mentions": _KEYWORD,
            "to": _KEYWORD,
        },
    ),
    PEOPLE: IndexDefinition(
        PEOPLE,
        1,
        {
            "id": _KEYWORD,
            "handle": {**_FOLDED, "fields": {"prefix": _BEGINNINGS}},
            "displayName": _NAME,
            "bio": _PROSE,
            "createdAt": {"type": "date"},
        },
    ),
    TAGS: IndexDefinition(TAGS, 1, {"tag": _TAG, "createdAt": {"type": "date"}}),
}
