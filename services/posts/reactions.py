"""Reactions: one emoji per person and post, besides the like."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import regex

from services.common.errors import BadRequest, FieldError
from services.common.text import graphemes

#: An emoji of Unicode's RGI set is at most ten code points long (a family, a subdivision's flag has seven).
_LONGEST = 16
#: Presentation by default, keycaps, flags, and text symbols that U+FE0F turns into emoji (UTS #51).
_EMOJI = regex.compile(
    r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}|[0-9#*](?=\uFE0F?\u20E3)|\p{Regional_Indicator}{2})"
    r"[\p{Emoji_Modifier}\uFE0F\u20E3\u200D\p{Extended_Pictographic}\p{Emoji_Presentation}\U000E0020-\U000E007F]*"
)
_COUNTER = "reaction:"


def checked_emoji(text: str) -> str:
    """One emoji in the form in which equal ones are equal: NFC, text symbols with the variation selector U+FE0F.

    Raises:
        BadRequest: it is not exactly one grapheme cluster, or no emoji.
    """
    emoji = unicodedata.normalize("NFC", text[: _LONGEST + 1])
    if len(emoji) > _LONGEST or graphemes(emoji) != 1 or not _EMOJI.fullmatch(emoji) or _is_half_flag(emoji):
        raise BadRequest("emoji: expected one emoji.", FieldError("emoji", "one emoji", repr(text[:_LONGEST])))
    return _qualified(emoji)


def _is_half_flag(emoji: str) -> bool:
    return bool(regex.match(r"\p{Regional_Indicator}", emoji)) and len(emoji) != 2


def _qualified(emoji: str) -> str:
    """``❤`` and ``❤️`` are the same to people; a lone symbol without emoji presentation gets its selector."""
    if len(emoji) == 1 and not regex.match(r"\p{Emoji_Presentation}", emoji):
        return emoji + "\ufe0f"
    if len(emoji) == 2 and emoji[1] == "\ufe0f" and regex.match(r"\p{Emoji_Presentation}", emoji[0]):
        return emoji[0]
    return emoji


def counter_of(emoji: str) -> str:
    """Name of the counter of one emoji in the post's ``COUNTS`` item."""
    return _COUNTER + emoji


def reactions_of(counts: Mapping[str, Any]) -> dict[str, int]:
    """Emoji → how many, the most used first, from a ``COUNTS`` item."""
    found = {name.removeprefix(_COUNTER): int(value) for name, value in counts.items() if name.startswith(_COUNTER)}
    return dict(sorted(((one, n) for one, n in found.items() if n > 0), key=lambda pair: (-pair[1], pair[0])))
