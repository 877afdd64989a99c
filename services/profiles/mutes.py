"""What a person does not want to see: people, threads and words. Only they know of it.

All of a person's mutes are one item, bounded by conditions: a reader gets them with one key of a batch read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from services.common.clock import from_text, now, now_text
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import Repository, batch_get, is_conditional_failure, plain
from services.common.errors import BadRequest, FieldError, Unprocessable
from services.common.ids import new_id
from services.common.text import clean, folded
from services.profiles.keys import mutes_key

#: Of one person; at these the item stays below 100 KB.
MOST = {"people": 1000, "threads": 200, "words": 200}
WORD_LIMIT = 100
#: Scripts that set their words apart: there a muted word must be a whole one ("cat" is not in "category").
#: In Japanese and the like it may stand anywhere.
_SPACED = r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"


@dataclass(frozen=True)
class MutedWord:
    """``expires_at`` is RFC 3339, or ``None`` for ever; ``id`` is a ULID of the client's making."""

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

    def to_json(self) -> dict[str, Any]:
        """The MutedWord resource of API v1."""
        return {"id": self.id, "word": self.word, "mutedAt": self.muted_at, "expiresAt": self.expires_at}


def _is_over(expires_at: str | None) -> bool:
    return expires_at is not None and from_text(expires_at) <= now()


def _pattern(word: str) -> re.Pattern[str]:
    before = rf"(?<!{_SPACED})" if re.match(_SPACED, word) else ""
    after = rf"(?!{_SPACED})" if re.match(_SPACED, word[-1:]) else ""
    return re.compile(before + re.escape(word) + after)


@dataclass(frozen=True)
class Mutes:
    """Those in force now. ``people`` are user ids, ``threads`` ids of the posts at their roots."""

    people: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    words: tuple[MutedWord, ...] = ()

    def hides(self, author_id: str, thread_id: str | None = None, *texts: str) -> bool:
        """Whether something by this person, in this thread, with these texts is muted.

        The owner's own posts are for the caller to leave alone.
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
        tuple(word for word in _words(item) if not word.is_over),
    )


def _words(item: Mapping[str, Any]) -> list[MutedWord]:
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


class MuteRepository(Repository):
    """The item ``MUTES`` of each person."""

    setting = "table_profiles"

    def mutes_of(self, user_id: str) -> Mutes:
        """What is in force for a person: for timelines and notifications."""
        return self.mutes_of_many([user_id])[user_id]

    def mutes_of_many(self, user_ids: list[str]) -> dict[str, Mutes]:
        """The same for several people, in one request per hundred."""
        found = batch_get({self.name: [mutes_key(one) for one in user_ids]})
        return {one: mutes_of_item(found.get((self.name, *mutes_key(one)))) for one in user_ids}

    def people(self, owner: str, cursor: Cursor | None, limit: int) -> Page[str]:
        """Muted people, the last muted first."""
        return self._page(owner, "people", cursor, limit)

    def threads(self, owner: str, cursor: Cursor | None, limit: int) -> Page[str]:
        """Muted threads, the last muted first."""
        return self._page(owner, "threads", cursor, limit)

    def words(self, owner: str) -> list[MutedWord]:
        """Also those that are over, newest first."""
        return _words(self._item(owner))

    def mute_person(self, owner: str, user_id: str, expires_at: str | None = None) -> None:
        """Raises: Unprocessable (there are as many as there may be)."""
        self._set(owner, "people", user_id, {"since": new_id(), "expiresAt": expires_at})

    def mute_thread(self, owner: str, root_id: str) -> None:
        """Raises: Unprocessable (there are as many as there may be)."""
        self._set(owner, "threads", root_id, {"since": new_id()})

    def mute_word(self, owner: str, word: MutedWord) -> None:
        """Add it, or replace the one of its id. Raises: Unprocessable (there are as many as there may be)."""
        value = {"word": word.word, "at": word.muted_at, "expiresAt": word.expires_at}
        self._set(owner, "words", word.id, value)

    def unmute(self, owner: str, kind: str, key: str) -> None:
        """``kind`` as in ``MOST``; without effect when it is not muted."""
        pk, sk = mutes_key(owner)
        try:
            self.table.update_item(
                Key={"pk": pk, "sk": sk},
                UpdateExpression="REMOVE #kind.#key",
                ConditionExpression="attribute_exists(#kind.#key)",
                ExpressionAttributeNames={"#kind": kind, "#key": key},
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise

    def _item(self, owner: str) -> dict[str, Any]:
        pk, sk = mutes_key(owner)
        item: dict[str, Any] = plain(self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item"))
        return item or {}

    def _page(self, owner: str, kind: str, cursor: Cursor | None, limit: int) -> Page[str]:
        rows = sorted(((mute["since"], key) for key, mute in self._item(owner).get(kind, {}).items()), reverse=True)
        if cursor is not None and cursor.direction == "newer":
            rows = [row for row in reversed(rows) if row[0] > cursor.key]
        elif cursor is not None:
            rows = [row for row in rows if row[0] < cursor.key]
        page = page_of(rows[: limit + 1], scope=f"muted-{kind}", cursor=cursor, limit=limit, key=lambda row: row[0])
        return Page([key for _, key in page.items], page.older, page.newer)

    def _set(self, owner: str, kind: str, key: str, value: Mapping[str, Any]) -> None:
        pk, sk = mutes_key(owner)
        kept = {name: one for name, one in value.items() if one is not None}
        for is_first in (True, False):
            try:
                self.table.update_item(
                    Key={"pk": pk, "sk": sk},
                    UpdateExpression="SET #kind.#key = :value",
                    ConditionExpression="attribute_exists(#kind.#key) OR size(#kind) < :most",
                    ExpressionAttributeNames={"#kind": kind, "#key": key},
                    ExpressionAttributeValues={":value": kept, ":most": MOST[kind]},
                )
            except ClientError as error:
                if not is_conditional_failure(error):
                    raise
            else:
                return
            if is_first:
                self._begin(owner)
        fault = FieldError("id", f"at most {MOST[kind]} muted {kind}", f"{MOST[kind]} others")
        raise Unprocessable(f"There are as many muted {kind} as there may be.", fault)

    def _begin(self, owner: str) -> None:
        """The first item of a person; without effect when there is one."""
        pk, sk = mutes_key(owner)
        first = {"pk": pk, "sk": sk, "type": "mutes", **{kind: {} for kind in MOST}}
        try:
            self.table.put_item(Item=first, ConditionExpression="attribute_not_exists(pk)")
        except ClientError as error:
            if not is_conditional_failure(error):
                raise


def new_word(word_id: str, word: str, expires_at: str | None) -> MutedWord:
    """Checked. Raises: BadRequest."""
    return MutedWord(word_id, checked_word(word), now_text(), checked_expiry(expires_at))
