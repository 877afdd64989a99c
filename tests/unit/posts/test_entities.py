"""Links, mentions and tags in text as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.posts.entities import facets_of, language_of, normalised_tag, values


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Tokyo", ["tokyo"]),
        ("今日は#東京タワー に行った", []),
        ("今日は #東京タワー に行った", ["東京タワー"]),
        ("＃全角ハッシュ、", ["全角ハッシュ"]),
        ("#ラーメン！", ["ラーメン"]),
        ("(#a) #b, #c.", ["a", "b", "c"]),
        ("#Ｔｏｋｙｏ #tokyo", ["tokyo"]),
        ("#123 #1st", ["1st"]),
        ("a#b &#35; /#c ##d", []),
        ("https://example.com/#anchor", []),
        ("#" + "x" * 51, []),
        ("#straße", ["strasse"]),
    ],
)
def test_tags(text: str, tags: list[str]) -> None:
    assert values(facets_of(text), "tag") == tags


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@hana hi", ["hana"]),
        ("＠Hana、こんにちは", ["hana"]),
        ("こんにちは @hana_1さん", ["hana_1"]),
        ("mail me@example.com", []),
        ("@ab @" + "x" * 21, []),
        ("@hana@example.com", []),
        ("@hana @HANA @kenta", ["hana", "kenta"]),
        ("https://example.com/@hana", []),
    ],
)
def test_mentions(text: str, handles: list[str]) -> None:
    assert values(facets_of(text), "mention") == handles


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.com.", ["https://example.com"]),
        ("(https://example.com/a_(b))", ["https://example.com/a_(b)"]),
        ("「https://example.com/日本」を見て", ["https://example.com/日本"]),
        ("HTTPS://EXAMPLE.COM/A?b=c&d=1#e!", ["HTTPS://EXAMPLE.COM/A?b=c&d=1#e"]),
        ("javascript:alert(1) ftp://a.example data:text/html,x", []),
        ("https://user:pass@example.com/", []),
        ("https:// http://", []),
    ],
)
def test_links(text: str, links: list[str]) -> None:
    assert values(facets_of(text), "link") == links


@given(st.text(alphabet="#＃@＠ab1_あ漢 .:/()https", max_size=60))
def test_facets_are_in_order_and_never_overlap(text: str) -> None:
    end = 0
    for facet in facets_of(text):
        assert end <= facet.start < facet.end <= len(text)
        end = facet.end


def test_offsets_are_code_points() -> None:
    text = "👨‍👩‍👧 #家族"
    (facet,) = facets_of(text)
    assert text[facet.start : facet.end] == "#家族"


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


def test_tags_that_look_alike_are_the_same() -> None:
    assert normalised_tag("ｶﾞｷﾞ") == normalised_tag("ガギ")
