"""Which marks are left out so that a search without them finds the word, and which are letters of their own."""

from __future__ import annotations

import unicodedata

import pytest

from services.common.folding import aligned, has_alphabet, unaccented


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("café", "cafe"), ("Ǿ ǿ ø", "O o o"), ("Łódź", "Lodz"), ("άλφα", "αλφα"), ("smørrebrød", "smorrebrod"),
        ("مُحَمَّد", "محمد"), ("فارسی", "فارسي"), ("שָׁלוֹם", "שלום"), ("क़लम", "कलम"),
        ("за\u0301мок", "замок"),
    ],
)  # fmt: skip
def test_accents_vowel_signs_and_stress_are_left_out(form: str, text: str, plain: str) -> None:
    assert unaccented(unicodedata.normalize(form, text)) == plain  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", ["йод", "ガギグ", "がぎ", "か\u0301", "ไม่", "한글", "कि", "日本", "\u0301a", "plain"])
def test_letters_of_their_own_and_other_marks_stay(form: str, text: str) -> None:
    text = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    assert unaccented(text) == text


def test_places_lead_back_to_the_text() -> None:
    assert aligned("cafe\u0301s") == ("cafes", [0, 1, 2, 3, 5, 6])
    assert aligned("æb") == ("aeb", [0, 0, 1, 2])


@pytest.mark.parametrize(
    ("text", "found"), [("日本 a", True), ("мир", True), ("कलम", True), ("日本", False), ("", False)]
)
def test_only_texts_with_an_alphabet_need_a_second_look(text: str, found: bool) -> None:
    assert has_alphabet(text) is found
