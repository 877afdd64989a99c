"""Mentions and the language of a text."""

from __future__ import annotations

import pytest

from services.common.errors import BadRequest
from services.posts.entities import language_of
from services.posts.model import Entities, Mention, Post, Visibility, checked_lang, entities_of
from services.posts.repository import item_of, post_of


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
def test_the_language_is_told_by_the_script_of_the_words(text: str, lang: str) -> None:
    assert language_of(text) == lang


def test_entities_of_a_text_survive_storage() -> None:
    text = "Hi @Ben and @nobody, #東京 #Tokyo https://a.example/x #tokyo"
    made = entities_of(text, {"ben": "u2"})
    assert made == Entities(("東京", "tokyo"), (Mention("ben", "u2"),), ("https://a.example/x",))
    post = Post("p", "u1", text, "en", "2026-01-01T00:00:00.000Z", Visibility.PUBLIC, entities=made)
    assert post_of(item_of(post)).entities == made


@pytest.mark.parametrize("lang", ["e", "engl", "e2", "日本"])
def test_a_language_is_a_subtag_of_two_or_three_letters(lang: str) -> None:
    with pytest.raises(BadRequest):
        checked_lang(lang, "hi")
