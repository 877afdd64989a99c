"""Mutes in DynamoDB. Access patterns and keys: docs/contexts/profiles.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import Repository, batch_get, is_conditional_failure, plain
from services.common.errors import FieldError, Unprocessable
from services.common.ids import new_id
from services.profiles.keys import mutes_key
from services.profiles.mutes import MOST, MutedWord, Mutes, mutes_of_item, words_of


class MuteRepository(Repository):
    """The item ``MUTES`` of each person."""

    def mutes_of(self, user_id: str) -> Mutes:
        """A person's mutes in force, for timelines and notifications."""
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
        return words_of(self._item(owner))

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
        raise Unprocessable(f"You have reached the limit of muted {kind}.", fault)

    def _begin(self, owner: str) -> None:
        """The first item of a person; without effect when there is one."""
        pk, sk = mutes_key(owner)
        first = {"pk": pk, "sk": sk, "type": "mutes", **{kind: {} for kind in MOST}}
        try:
            self.table.put_item(Item=first, ConditionExpression="attribute_not_exists(pk)")
        except ClientError as error:
            if not is_conditional_failure(error):
                raise
