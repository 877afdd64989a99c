"""Which texts a muted word matches."""

from __future__ import annotations

import pytest

from services.common.clock import now_text
from services.profiles.mutes import MutedWord, Mutes


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("cat", "The CAT sat", True),
        ("cat", "a category", False),
        ("cat", "bobcat", False),
        ("cat", "猫catねこ", True),
        ("Ｃａｔ", "cat!", True),
        ("straße", "STRASSE", True),
        ("ネタバレ", "映画のﾈﾀﾊﾞﾚです", True),
        ("猫", "黒猫だ", True),
        ("#tag", "so ＃Tag", True),
        ("#tag", "#tags", False),
        ("good morning", "Good morning all", True),
        ("a.b", "axb", False),
        ("кот", "Кот спит", True),
        ("кот", "которая", False),
        ("🍥", "x🍥x", True),
        ("한국", "한국어", True),
    ],
)
def test_muted_words_match_words_tags_and_cjk_text(word: str, text: str, found: bool) -> None:
    mutes = Mutes(words=(MutedWord("1", word, now_text()),))
    assert mutes.hides("somebody", None, text) is found
