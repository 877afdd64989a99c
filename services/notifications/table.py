"""Shared by writers of the notifications table: reads, parts of transactions, and retries."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from services.common.clock import epoch_in
from services.common.dynamo import Item, Repository, batch_get, cancellation_codes, plain, transact
from services.common.errors import Unavailable
from services.common.lazy_dataclasses import dataclass
from services.notifications.items import (
    FACTS,
    GONE,
    PREFIX,
    about_key,
    attributes_of,
    gone_key,
    left_key,
    marks_of,
    notification_of,
    user_key,
)
from services.notifications.model import GONE_DAYS, KEPT_DAYS, Marks, Notice, Notification, NotificationType

Result = TypeVar("Result")
_ATTEMPTS = 12
_BACKOFF = 0.01
#: What tells two states of a fact apart.
_IDENTITY = ("at", "sequence", "withdrawn")


class Contended(Exception):
    """An item changed between the read and the write: retry."""


def read_mark_key(group: str | None) -> str:
    """How far a person has read a conversation, as notifications know it."""
    return f"READ#{group}"


def _unchanged(marks: Marks) -> tuple[str, dict[str, int] | None]:
    """The condition, and its values, that a person's marks are still these."""
    return ("revision = :before", {":before": marks.revision}) if marks.revision else ("attribute_not_exists(pk)", None)


@dataclass(frozen=True)
class Correction:
    """The change of one person's notification: ``after`` is ``None`` when it is gone. ``onces`` are the facts whose
    pushes change; none if devices' pushes stay correct."""

    before: Notification
    after: Notification | None
    marks: Marks
    onces: tuple[str, ...]

    @property
    def recipient(self) -> str:
        return self.before.recipient


class NotificationTable(Repository):
    """All changes of one person's notifications write their marks on condition of the revision: one after the other."""

    def repeatedly(self, change: Callable[[], Result]) -> Result:
        """Raises: Unavailable (others changed the same, twelve tries long)."""
        for attempt in range(_ATTEMPTS):
            try:
                return change()
            except Contended:
                # Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
                time.sleep(random.uniform(0, _BACKOFF * 2 ** min(attempt, 5)))  # noqa: S311
        raise Unavailable("These notifications are changing too fast; try again.")

    def transact(self, operations: Sequence[Mapping[str, Any]]) -> None:
        """Raises: Contended (a condition did not hold)."""
        try:
            transact(operations)
        except ClientError as error:
            if cancellation_codes(error):
                raise Contended from error
            raise

    def item(self, partition: str, sort: str) -> Item | None:
        """One item, strongly consistent."""
        item = self.table.get_item(Key={"pk": partition, "sk": sort}, ConsistentRead=True).get("Item")
        return plain(item) if item else None

    def get(self, user_id: str, sort: str) -> Item | None:
        return self.item(user_key(user_id), sort)

    def marks(self, user_id: str) -> Marks:
        """Strongly consistent."""
        return marks_of(self.get(user_id, "MARKS"))

    def note_gone(self, user_id: str) -> None:
        """Store a marker of a deleted account before its items are deleted, for late events."""
        pk, sk = gone_key(user_id)
        self.table.put_item(Item={"pk": pk, "sk": sk, "ttl": epoch_in(days=GONE_DAYS)})

    def gone_among(self, users: Iterable[str]) -> set[str]:
        """Users whose accounts were deleted. Strongly consistent."""
        wanted = {gone_key(one): one for one in users if one}
        found = batch_get({self.name: list(wanted)}, consistent=True) if wanted else {}
        return {wanted[pk, sk] for _, pk, sk in found}

    def notification(self, user_id: str, notification_id: str) -> Notification | None:
        item = self.get(user_id, f"{PREFIX}{notification_id}")
        return notification_of(item) if item else None

    def holding(self, user_id: str, fact: Mapping[str, Any]) -> Notification | None:
        """The current notification of a fact; its id changes when it grows."""
        found = self.notification(user_id, fact["notificationId"])
        if found or "bundle" not in fact:
            return found
        pointer = self.get(user_id, f"GROUP#{fact.get('group')}")
        if pointer is None or pointer.get("bundle") != fact["bundle"]:
            pointer = self.get(user_id, f"BUNDLE#{fact['bundle']}")
        return self.notification(user_id, pointer["notificationId"]) if pointer else None

    def replace(self, held: Notification, left: Notification | None) -> dict[str, Any]:
        """A transaction's part that puts what is left of a notification in its place, or takes it away."""
        if left is None:
            return self.delete(held.recipient, f"{PREFIX}{held.id}")
        item = {**attributes_of(left), "ttl": epoch_in(days=KEPT_DAYS)}
        return self.put(held.recipient, f"{PREFIX}{held.id}", item, "attribute_exists(pk)")

    def put(
        self, user_id: str, sort: str, attributes: Mapping[str, Any], condition: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """A transaction's ``Put`` of one of a person's items."""
        put = self.put_item(user_key(user_id), sort, attributes)["Put"]
        if condition:
            put["ConditionExpression"] = condition
        if values:
            put["ExpressionAttributeValues"] = values
        return {"Put": put}

    def put_fact(self, user_id: str, once: str, item: Mapping[str, Any], before: Item | None) -> dict[str, Any]:
        """A transaction's ``Put`` of a fact, on condition that what is stored is still what was read: ``before``.

        Every change of a fact gives it another moment or withdraws it; but for its text.
        """
        if before is None:
            return self.put(user_id, f"{FACTS}{once}", item, "attribute_not_exists(pk)")
        values = {f":{name}": before[name] for name in _IDENTITY if name in before}
        same = [f"#{n} = :{n}" if n in before else f"attribute_not_exists(#{n})" for n in _IDENTITY]
        put = self.put(user_id, f"{FACTS}{once}", item, " AND ".join(same), values)
        put["Put"]["ExpressionAttributeNames"] = {f"#{name}": name for name in _IDENTITY}
        return put

    def put_item(self, partition: str, sort: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {"Put": {"TableName": self.name, "Item": {"pk": partition, "sk": sort, **attributes}}}

    def delete(self, user_id: str, sort: str) -> dict[str, Any]:
        """A transaction's ``Delete`` of one of a person's items."""
        return {"Delete": {"TableName": self.name, "Key": {"pk": user_key(user_id), "sk": sort}}}

    def check(
        self, partition: str, sort: str, condition: str, values: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """A transaction's ``ConditionCheck``."""
        check: dict[str, Any] = {
            "TableName": self.name,
            "Key": {"pk": partition, "sk": sort},
            "ConditionExpression": condition,
        }
        return {"ConditionCheck": check | ({"ExpressionAttributeValues": values} if values else {})}

    def read(self, found: Notification, marks: Marks) -> Correction:
        """Marks one as read. Raises: Contended."""
        after = marks.after(marks.unread - marks.counts(found))
        self.transact([self._set_read(found.recipient, found.id), self.update_marks(found.recipient, marks, after)])
        return Correction(found, replace(found, read=True), after, tuple(fact.once for fact in found.facts))

    def _set_read(self, user_id: str, notification_id: str) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self.name,
                "Key": {"pk": user_key(user_id), "sk": f"{PREFIX}{notification_id}"},
                "UpdateExpression": "SET #r = :yes",
                "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(#r)",
                "ExpressionAttributeNames": {"#r": "read"},
                "ExpressionAttributeValues": {":yes": True},
            }
        }

    def check_marks(self, user_id: str, marks: Marks) -> dict[str, Any]:
        """A transaction's check that no notification of this person has changed since ``marks`` were read."""
        return self.check(user_key(user_id), "MARKS", *_unchanged(marks))

    def update_marks(self, user_id: str, before: Marks, after: Marks) -> dict[str, Any]:
        unchanged, known = _unchanged(before)
        values = {
            ":unread": after.unread,
            ":read": after.read_up_to,
            ":seen": after.seen_up_to,
            ":revision": after.revision,
            **(known or {}),
        }
        return {
            "Update": {
                "TableName": self.name,
                "Key": {"pk": user_key(user_id), "sk": "MARKS"},
                "UpdateExpression": "SET unread = :unread, readUpTo = :read, seenUpTo = :seen, revision = :revision",
                "ConditionExpression": unchanged,
                "ExpressionAttributeValues": values,
            }
        }

    def is_past(self, notice: Notice) -> bool:
        """The subject is gone, or was read before the notification was sent."""
        gone = self.item(about_key(notice.about), GONE) if notice.about else None
        if gone and not gone.get("reopened"):
            return True
        if not notice.group or notice.type is not NotificationType.MESSAGE:
            return False
        mark, left = (self.get(notice.recipient, key(notice.group)) for key in (read_mark_key, left_key))
        is_read = bool(notice.seq and mark and mark["seq"] >= notice.seq)
        return is_read or bool(left and left["leftAt"] >= notice.at)
