"""User-entered text: blank texts, trimming, control characters."""

from __future__ import annotations

import random
import sys

import pytest
import regex

from services.common.errors import BadRequest
from services.common.text import _ENDS, GRAPHEME, clean, graphemes, is_blank, isolated

#: Spaces and invisible characters of many scripts, fillers in letter categories, combining marks without a letter.
_BLANKS = [
    "", " ", "\t\n", "\u00a0", "\u00ad", "\u034f", "\u061c", "\u070f", "\u115f", "\u1160", "\u1680", "\u17b4",
    "\u17b5", "\u180b", "\u180e", "\u2000", "\u200a", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2028",
    "\u2029", "\u202e", "\u202f", "\u205f", "\u2060", "\u2064", "\u2066", "\u206f", "\u2800", "\u3000", "\u3164",
    "\ufe0f", "\ufeff", "\uffa0", "\U0001d173", "\U000e0001", "\U000e0020", "\U000e0100", "\u0301", "\u20dd",
]  # fmt: skip


@pytest.mark.parametrize("text", _BLANKS)
def test_invisible_text_counts_as_blank(text: str) -> None:
    for blank in (text, text * 3, f" {text}\u200b", f"\u3164{text}"):
        assert is_blank(blank)
        assert clean("text", blank, limit=10) == ""
        with pytest.raises(BadRequest):
            clean("text", blank, limit=10, least=1)


@pytest.mark.parametrize("text", ["a", "。", "🎉", "❤️", "👨‍👩‍👧", "🇯🇵", "1️⃣", "क्ष", "می‌خواهم", "e\u0301", "\ue000", "—"])
def test_visible_text_is_kept_without_its_blank_ends(text: str) -> None:
    assert not is_blank(text)
    assert clean("text", f"\u200b {text}\u3164\n", limit=10, least=1) == clean("text", text, limit=10) != ""


@pytest.mark.parametrize(
    ("text", "least", "expected", "got"),
    [
        ("abcd", 0, "at most 3 characters", "4 characters"),
        ("abcd", 1, "1 to 3 characters", "4 characters"),
        (" ", 1, "1 to 3 characters", "0 characters"),
        ("a" * 97, 0, "at most 3 characters", "97 code points"),
        ("\0", 0, "text without control characters", r"'\x00'"),
        ("a\x1bb", 0, "text without control characters", r"'a\x1bb'"),
        ("\ud800", 0, "text without control characters", r"'\ud800'"),
        ("\x7f" + "a" * 40, 0, "text without control characters", repr("\x7f" + "a" * 31)),
    ],
)
def test_a_refusal_names_the_field_what_is_expected_and_what_came(
    text: str, least: int, expected: str, got: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        clean("bio", text, limit=3, least=least)
    problem = refused.value.to_problem()
    assert problem["detail"] == f"bio: expected {expected}."
    assert problem["errors"] == [{"field": "bio", "expected": expected, "got": got}]


def test_a_text_of_the_greatest_length_is_taken() -> None:
    assert clean("bio", "👨‍👩‍👧bc", limit=3) == "👨‍👩‍👧bc"
    longest = ("x" + "\u0335" * 31) * 3
    assert clean("bio", longest, limit=3) == longest
    with pytest.raises(BadRequest, match="at most 3 characters"):
        clean("bio", longest + "\u0335", limit=3)


def test_at_most_32_combining_marks_may_follow_each_other() -> None:
    """More would make the normalization of 16,000 characters take seconds."""
    assert clean("bio", "x" + "\u0335" * 32, limit=3) == "x" + "\u0335" * 32
    with pytest.raises(BadRequest) as refused:
        clean("bio", "x" + "\u0301\u0327" * 16 + "\u0301", limit=3)
    assert refused.value.to_problem()["errors"] == [
        {"field": "bio", "expected": "at most 32 combining marks in a row", "got": "more"}
    ]


def test_white_space_of_every_script_is_taken_away_at_the_ends() -> None:
    white = {chr(one) for one in range(sys.maxunicode + 1) if chr(one).isspace()} - set("\x1c\x1d\x1e\x1f")
    assert white <= set(_ENDS)
    assert all(is_blank(one) for one in _ENDS)


def test_grapheme_clusters_are_those_of_unicode() -> None:
    chance = random.Random(20_261_202)
    parts = [
        "🇯",
        "🇵",
        "\u200d",
        "\u0301",
        "\u0600",
        "a",
        "👨",
        "\ufe0f",
        "का",
        "\u0903",
        "🏽",
        "\r",
        "\n",
        "क्",
        "ᄀ",
        "ᅡ",
    ]
    for _ in range(5_000):
        text = "".join(chance.choices(parts, k=chance.randint(1, 9)))
        assert GRAPHEME.findall(text) == regex.findall(r"\X", text)


@pytest.mark.parametrize(
    ("text", "length"),
    [("🇯" * 320_000, 160_000), ("a" + " " * 320_000 + "b", 320_002), ("\u0600🇯" * 160_000, 160_000)],
)
def test_a_long_hostile_text_is_counted_and_kept(text: str, length: int) -> None:
    """Quadratic time would make this test take hours."""
    assert graphemes(text) == length
    assert clean("bio", text, limit=length) == text


def test_line_ends_and_accents_have_one_form() -> None:
    assert clean("bio", "a\r\nb\rc\n\td", limit=10) == "a\nb\nc\n\td"
    assert clean("bio", "e\u0301", limit=1) == "\u00e9"


def test_blank_characters_inside_a_text_stay() -> None:
    assert clean("text", "a\u200bb\u3164c", limit=10) == "a\u200bb\u3164c"


@pytest.mark.parametrize("text", ["Hana", "花", "é 🎉", "1 2"])
def test_text_of_one_direction_is_left_as_it_is(text: str) -> None:
    assert isolated(text) == text


@pytest.mark.parametrize("text", ["\u202eevil", "שלום", "مرحبا", "a\u2066b", "a\u2069b\u202e", "\u200fx"])
def test_text_that_would_reverse_its_sentence_is_isolated(text: str) -> None:
    found = isolated(text)
    assert (found[0], found[-1]) == ("\u2068", "\u2069")
    assert not set(found[1:-1]) & set("\u2066\u2067\u2068\u2069")
