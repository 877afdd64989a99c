"""The server's tokenizer against the test vectors that it shares with the web UI, and both against each other."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.tokenizer import folded_tag, tokens_of, values
from tests.support.work import calls_of

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "frontend-static/tests/vectors/tokens.json").read_text("utf-8"))
CASES = [
    pytest.param(case["text"], case["tokens"], id=f"{group['about']}: {case['text'][:40]}")
    for group in VECTORS
    for case in group["cases"]
]
#: Characters that tokens contain, and characters that end them.
PARTS = (
    "https://", "http://", "HTTPS://", "example.com", "日本.jp", "[::1]", ":8080", ":99999", "/", "?", "#", "@", "＃",
    "＠", "user", "hana", "東京", "を", "ひ", "カ", "・", "〜", "～", "「", "」", "(", ")", "[", "]", "*", "_", "~",
    "'s", "’", ".", ",", " ", "\n", "\u200c", "\u200d", "\u200b", "é", "ß", "Σ", "゛", "゠", "☆", "\ufe0f",
    "\u3164", "〇", "ı", "İ", "क्", "🎉", "a", "1", "-", "`", "|",
)  # fmt: skip

#: Each repeated makes a tokenizer read a text again and again that searches without memory.
HOSTILE = (
    "https://a.example/(", "https://a.example/", "https://a.example/[(", "https://a.example/()", "https://a.example/)",
    "https://a.example/#(a", "https://a@", "https://[1", "https://a_", "https://a-.", "@abc ", "é@abc.", "#a ", "#〜",
    "#a〜", "@hana", "https://", "([", "https://a.b/" + "'s" * 9, "https://a:1", "を", "_",
)  # fmt: skip


@pytest.mark.parametrize(("text", "tokens"), CASES)
def test_a_text_has_these_tokens(text: str, tokens: list[list[str]]) -> None:
    assert [[one.kind, one.value] for one in tokens_of(text)] == tokens


def test_tokens_are_in_order_and_never_overlap() -> None:
    for text in [*_texts(2_000), "https://a.example/https://b.example/", "#東京https://a.example/@hana"]:
        end = 0
        for token in tokens_of(text):
            assert end <= token.start < token.end <= len(text)
            end = token.end


def test_offsets_count_code_points() -> None:
    text = "👨‍👩‍👧 #家族"
    (token,) = tokens_of(text)
    assert text[token.start : token.end] == "#家族"


def test_a_link_has_at_most_2000_characters_wherever_it_begins() -> None:
    link = "https://example.com/" + "a" * 1_980
    assert [one.value for one in tokens_of("b " * 500 + link)] == [link]
    assert tokens_of("b " * 500 + link + "a") == []


def test_links_in_a_link_that_is_too_long_are_no_links() -> None:
    assert tokens_of("https://a.example/" * 200) == []
    after = [one.value for one in tokens_of("https://a.example/" * 200 + " https://b.example")]
    assert after == ["https://b.example"]


@pytest.mark.parametrize(("written", "folded"), [("か\u309b", "が"), ("は\u309c", "ぱ"), ("ﾊﾟ", "パ"), ("〜～", "〜〜")])
def test_tags_that_look_the_same_are_the_same(written: str, folded: str) -> None:
    assert folded_tag(written) == folded


def test_values_of_a_kind_are_listed_once_in_the_order_of_first_use() -> None:
    found = tokens_of("#b @ann #a #B https://a.example #a")
    assert values(found, "tag") == ["b", "a"]
    assert values(found, "mention") == ["ann"]
    assert values(found, "link") == ["https://a.example"]


@given(st.text(max_size=12))
def test_folding_twice_changes_nothing(tag: str) -> None:
    assert folded_tag(folded_tag(tag)) == folded_tag(tag)


@pytest.mark.parametrize("part", HOSTILE)
def test_four_times_the_text_takes_four_times_the_work(part: str) -> None:
    """Work is counted in calls of functions and patterns. A post has at most 16,000 characters."""
    short, long = (calls_of(tokens_of, part * count) for count in (100, 400))
    assert long <= 4 * short


@pytest.mark.timeout(30)
@pytest.mark.parametrize("part", HOSTILE)
def test_a_long_hostile_text_ends(part: str) -> None:
    """What the work inside a pattern is, only time shows: quadratic time would make this test take minutes."""
    tokens = tokens_of(part * (80_000 // len(part)))
    assert all(one.end <= other.start for one, other in pairwise(tokens))


def _texts(count: int) -> list[str]:
    chance = random.Random(20_260_003)
    return ["".join(chance.choices(PARTS, k=chance.randint(1, 14))) for _ in range(count)]
