"""The guess at a text's language."""

from __future__ import annotations

import pytest

from services.posts.entities import language_of


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Hello world", "en"),
        ("こんにちは", "ja"),
        ("東京都", "ja"),
        ("これは test です", "ja"),
        ("😀😀", "und"),
        ("Привет мир", "und"),
        ("https://example.com/hello", "und"),
        ("#東京 is great", "en"),
        ("", "und"),
    ],
)
def test_language(text: str, lang: str) -> None:
    assert language_of(text) == lang
