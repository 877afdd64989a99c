"""A person's mutes: people, threads and words. Only they can see them.

All of a person's mutes are one item, bounded by conditions: a reader gets them with one key of a batch read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.common.clock import from_text, now, now_text
from services.common.errors import BadRequest, FieldError
from services.common.lazy_dataclasses import dataclass
from services.common.text import clean, folded

#: Of one person; at these the item stays below 100 KB.
MOST = {"people": 1000, "threads": 200, "words": 200}
WORD_LIMIT = 100
#: Scripts that set their words apart: there a muted word must be a whole one ("cat" is not in "category").
#: In Japanese and the like it may stand anywhere.
_SPACED = r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"


@dataclass(frozen=True)
class MutedWord:
    """``expires_at`` is RFC 3339, or ``None`` forever; ``id`` is a ULID of the client's making."""

    id: str
    word: str
    muted_at: str
    expires_at: str | None = None

    @property
    def is_over(self) -> bool:
        return _is_over(self.expires_at)

    def is_in(self, folded_text: str) -> bool:
        """Whether a text that was ``folded`` holds it; for scripts with spaces as a whole word."""
        return _pattern(folded(self.word)).search(folded_text) is not None


def _is_over(expires_at: str | None) -> bool:
    return expires_at is not None and from_text(expires_at) <= now()


def _pattern(word: str) -> re.Pattern[str]:
    before = rf"(?<!{_SPACED})" if re.match(_SPACED, word) else ""
    after = rf"(?!{_SPACED})" if re.match(_SPACED, word[-1:]) else ""
    return re.compile(before + re.escape(word) + after)


@dataclass(frozen=True)
class Mutes:
    """Mutes in force now. ``people`` are user ids, ``threads`` ids of the posts at their roots."""

    people: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    words: tuple[MutedWord, ...] = ()

    def hides(self, author_id: str, thread_id: str | None = None, *texts: str) -> bool:
        """Whether content by this person, in this thread, with these texts is muted.

        The caller must exclude the owner's own posts.
        """
        return author_id in self.people or thread_id in self.threads or self.hides_text(*texts)

    def hides_text(self, *texts: str) -> bool:
        """Whether a muted word is in one of the texts."""
        if not self.words:
            return False
        text = folded("\n".join(texts))
        return any(word.is_in(text) for word in self.words)


NO_MUTES = Mutes()


def mutes_of_item(item: Mapping[str, Any] | None) -> Mutes:
    """The mutes in force from the item ``MUTES``, which is absent until something was muted."""
    if not item:
        return NO_MUTES
    people = item.get("people", {})
    return Mutes(
        frozenset(one for one, mute in people.items() if not _is_over(mute.get("expiresAt"))),
        frozenset(item.get("threads", {})),
        tuple(word for word in words_of(item) if not word.is_over),
    )


def words_of(item: Mapping[str, Any]) -> list[MutedWord]:
    found = item.get("words", {})
    return [
        MutedWord(one, found[one]["word"], found[one]["at"], found[one].get("expiresAt"))
        for one in sorted(found, reverse=True)
    ]


def checked_word(word: str) -> str:
    """Raises: BadRequest (empty, too long, control characters)."""
    return " ".join(clean("word", word, limit=WORD_LIMIT, least=1).split())


def checked_expiry(expires_at: str | None) -> str | None:
    """Raises: BadRequest (no RFC 3339 time, or not in the future)."""
    if expires_at is None:
        return None
    expected = "a time in the future, RFC 3339 with an offset"
    try:
        is_future = from_text(expires_at) > now()
    except ValueError:
        is_future = False
    if not is_future:
        raise BadRequest(f"expiresAt: expected {expected}.", FieldError("expiresAt", expected, expires_at[:64]))
    return expires_at


def new_word(word_id: str, word: str, expires_at: str | None) -> MutedWord:
    """Checked. Raises: BadRequest."""
    return MutedWord(word_id, checked_word(word), now_text(), checked_expiry(expires_at))
