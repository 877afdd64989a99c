from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.folding import aligned, unaccented
from services.search.highlights import segments
from services.search.mappings import INDICES
from services.search.model import Segment
from services.search.symbols import looked_for, symbols_in


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("❤️❤", ["❤", "❤"]),
        ("👩🏽‍💻", ["👩🏽\u200d💻"]),
        ("🇫🇷🇯🇵", ["🇫🇷", "🇯🇵"]),
        ("1️⃣ 2", ["1\u20e3"]),
        ("＃＠", ["#", "@"]),
        ("C＋＋", ["+", "+", "c++"]),
        ("ASP.NET 3.5", [".net"]),
        ("a\u0301 ー 々 ・ !", []),
        ("\u2800\u200b\ufe0f", []),
    ],
)
def test_symbols_are_the_characters_that_a_reader_sees(text: str, terms: list[str]) -> None:
    assert [one.exact for one in symbols_in(text)] == terms


@pytest.mark.parametrize(
    ("text", "words", "terms"),
    [
        ("R&D", "R D", []),
        ("@alice", "alice", []),
        ("party🎉", "party", ["🎉"]),
        ("C++", "", ["c++"]),
        ("$", "", ["$"]),
        ("https://example.com/?a=b#c", "https://example.com/?a=b#c", []),
        ("京都", "京都", []),
        ("!?", "!?", []),
    ],
)
def test_signs_inside_words_are_ignored_but_emoji_are_search_terms(text: str, words: str, terms: list[str]) -> None:
    letters, symbols = looked_for(text)
    assert (letters, [one.exact for one in symbols]) == (words, terms)


@given(st.text(max_size=60))
def test_unaccented_text_maps_back_to_its_source(text: str) -> None:
    plain, places = aligned(text)
    assert plain == unaccented(text)
    assert len(places) == len(plain) + 1
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)


def test_marks_of_all_kinds_meet_in_one_text() -> None:
    hit = {
        "_source": {"text": "le café 👍🏽 ok"},
        "highlight": {"unaccented": ["le \ue000cafe\ue001 👍🏽 ok"], "text": ["le café 👍🏽 \ue000ok\ue001"]},
    }
    assert segments(hit, {"👍"}) == [
        Segment("le ", False), Segment("café", True), Segment(" ", False), Segment("👍🏽", True), Segment(" ", False),
        Segment("ok", True),
    ]  # fmt: skip


def test_an_index_of_an_older_version_gets_no_field_that_it_lacks() -> None:
    posts = INDICES["posts"]
    assert posts.unknown_to("posts-v1") == {"unaccented", "symbols", "looseSymbols"}
    assert posts.unknown_to("t1-posts-v1-20260101000000") == posts.unknown_to("posts-v1")
    assert posts.unknown_to(posts.name) == frozenset()
