"""Which texts are a single emoji, and how reactions are counted."""

from __future__ import annotations

import pytest

from services.common.errors import BadRequest
from services.common.events import PostReacted, PostUnreacted
from services.common.streams import Change
from services.posts.events import deltas_of, events_of
from services.posts.reactions import checked_emoji, reactions_of


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        ("👍", "👍"),
        ("👍🏽", "👍🏽"),
        ("❤", "❤️"),
        ("❤️", "❤️"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("🏳️‍🌈", "🏳️‍🌈"),
        ("🇯🇵", "🇯🇵"),
        ("1️⃣", "1️⃣"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        ("👍\ufe0f", "👍"),
    ],
)
def test_one_emoji_is_accepted(text: str, emoji: str) -> None:
    assert checked_emoji(text) == emoji


@pytest.mark.parametrize(
    "text", ["", "a", "1", "#", "👍👍", "👍 ", "🇯", "あ", "<b>", "\u200d", "\ufe0f", "👍a", "👍" * 99, "\ufe0f1"]
)
def test_text_other_than_one_emoji_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        checked_emoji(text)


def _edge(emoji: str) -> dict[str, str]:
    return {"type": "reaction", "postId": "p", "authorId": "a", "userId": "u", "emoji": emoji}


def test_another_emoji_moves_the_count_and_publishes_both_changes() -> None:
    change = Change("e", _edge("👍"), _edge("🎉"))
    assert {(one.attribute, one.amount) for one in deltas_of(change)} == {("reaction:👍", -1), ("reaction:🎉", 1)}
    taken_back, given = events_of(change)
    assert isinstance(taken_back, PostUnreacted)
    assert isinstance(given, PostReacted)
    assert (taken_back.emoji, given.emoji) == ("👍", "🎉")
    assert events_of(Change("e", _edge("👍"), _edge("👍"))) == []


def test_the_most_used_reactions_come_first_and_unused_ones_are_left_out() -> None:
    counts = {"likes": 3, "reaction:👍": 1, "reaction:🎉": 4, "reaction:😀": 0}
    assert reactions_of(counts) == {"🎉": 4, "👍": 1}
    assert list(reactions_of(counts)) == ["🎉", "👍"]
