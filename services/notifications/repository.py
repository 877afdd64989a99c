"""Notifications in DynamoDB. Access patterns and keys: docs/contexts/notifications.md."""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from services.common.clock import epoch_in
from services.common.cursors import Cursor
from services.common.dynamo import Item, Repository, cancellation_codes, plain, query_page, transact
from services.common.errors import Unavailable
from services.notifications.model import (
    KEPT_DAYS,
    Marks,
    Notice,
    Notification,
    NotificationSubject,
    NotificationType,
    id_after,
    made_of,
)

_ATTEMPTS = 12
_BACKOFF = 0.01
PREFIX = "N#"


def user_key(user_id: str) -> str:
    return f"USER#{user_id}"


def kind_key(user_id: str, kind: NotificationType) -> str:
    return f"USER#{user_id}#{kind}"


class NotificationRepository(Repository):
    """The one who knows a person's notifications and their marks."""

    def add(self, notice: Notice) -> tuple[Notification | None, Marks, bool]:
        """Tell a person something, exactly once, whatever is delivered twice or at the same time.

        One transaction: the fact (only if it is new), the notification (in place of the unread one of its group), the
        group's pointer, and the person's marks (only if they have not changed since they were read).

        Returns:
            The notification that stands for the notice now (``None``: it has been grouped away or has expired), the
            marks after it, and whether the notice was new.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """
        for attempt in range(_ATTEMPTS):
            fact = self._get(notice.recipient, f"FACT#{notice.once}")
            marks = self.marks(notice.recipient)
            if fact:
                return self._notification(notice.recipient, fact["notificationId"]), marks, False
            older = self._unread_of_group(notice, marks)
            added = made_of(notice, id_after(marks.read_up_to), older)
            after = Marks(marks.unread + (0 if older else 1), marks.read_up_to, marks.revision + 1)
            try:
                transact(self._add_operations(notice, added, older, marks, after))
            except ClientError as error:
                if not cancellation_codes(error):
                    raise
                _pause(attempt)
            else:
                return added, after, True
        raise Unavailable("These notifications are changing too fast; try again.")

    def others_of_group(self, notice: Notice) -> int:
        """How many beside this one the unread notification of its group stands for, whether or not this one is in it
        already: the queues of the channels don't wait for each other."""
        marks = self.marks(notice.recipient)
        found = self._unread_of_group(notice, marks)
        if found is None:
            return 0
        told = self._get(notice.recipient, f"FACT#{notice.once}") is not None
        return max(0, found.count - told)

    def _add_operations(
        self, notice: Notice, added: Notification, older: Notification | None, before: Marks, after: Marks
    ) -> list[dict[str, Any]]:
        user, ttl = notice.recipient, epoch_in(days=KEPT_DAYS)
        pointer = {"notificationId": added.id, "ttl": ttl}
        operations = [
            self._put(user, f"FACT#{notice.once}", pointer, "attribute_not_exists(pk)"),
            self._put(user, f"{PREFIX}{added.id}", {**_attributes(added), "ttl": ttl}, "attribute_not_exists(pk)"),
            self._update_marks(user, before, after),
        ]
        if notice.group:
            operations.append(self._put(user, f"GROUP#{notice.group}", pointer))
        if older:
            key = {"pk": user_key(user), "sk": f"{PREFIX}{older.id}"}
            operations.append({"Delete": {"TableName": self.name, "Key": key}})
        return operations

    def _unread_of_group(self, notice: Notice, marks: Marks) -> Notification | None:
        pointer = self._get(notice.recipient, f"GROUP#{notice.group}") if notice.group else None
        if pointer is None or pointer["notificationId"] <= marks.read_up_to:
            return None
        found = self._notification(notice.recipient, pointer["notificationId"])
        return None if found is None or found.read else found

    def mark_read(self, user_id: str, up_to: str) -> tuple[Marks, bool]:
        """Everything up to ``up_to`` is read; an older mark changes nothing. The number unread is counted anew.

        Returns:
            The marks, and whether they changed.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """
        for attempt in range(_ATTEMPTS):
            before = self.marks(user_id)
            newest = self._newest_until(user_id, up_to)
            if newest is None or newest <= before.read_up_to:
                return before, False
            after = Marks(self._count_after(user_id, newest), newest, before.revision + 1)
            update = self._update_marks(user_id, before, after)["Update"]
            try:
                transact([{"Update": update}])
            except ClientError as error:
                if not cancellation_codes(error):
                    raise
                _pause(attempt)
            else:
                return after, True
        raise Unavailable("These notifications are changing too fast; try again.")

    def mark_one(self, user_id: str, notification_id: str) -> tuple[Marks, bool]:
        """This one is read, whatever is older stays as it is. One that was read, or is no longer there (it grew into
        another of its group), changes nothing.

        Returns:
            The marks, and whether they changed.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """
        for attempt in range(_ATTEMPTS):
            before = self.marks(user_id)
            found = self._notification(user_id, notification_id)
            if found is None or before.has_read(found):
                return before, False
            after = Marks(max(0, before.unread - 1), before.read_up_to, before.revision + 1)
            try:
                transact([self._set_read(user_id, notification_id), self._update_marks(user_id, before, after)])
            except ClientError as error:
                if not cancellation_codes(error):
                    raise
                _pause(attempt)
            else:
                return after, True
        raise Unavailable("These notifications are changing too fast; try again.")

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

    def marks(self, user_id: str) -> Marks:
        """Strongly consistent."""
        item = self._get(user_id, "MARKS")
        return Marks(item["unread"], item["readUpTo"], item["revision"]) if item else Marks()

    def page(
        self, user_id: str, cursor: Cursor | None, limit: int, kinds: Collection[NotificationType] = ()
    ) -> list[Notification]:
        """Up to ``limit + 1`` in the order that ``cursors.page_of`` expects; of ``kinds`` only, where some are given.

        Each kind has a list of its own in the index, so that a rare one costs no reading past the others.
        """
        if not kinds:
            rows = query_page(self.table, user_key(user_id), cursor=cursor, limit=limit, prefix=PREFIX)
        else:
            found = [
                row
                for kind in kinds
                for row in query_page(
                    self.table, kind_key(user_id, kind), cursor=cursor, limit=limit, prefix=PREFIX, index="gsi1"
                )
            ]
            newer = cursor is not None and cursor.direction == "newer"
            rows = sorted(found, key=lambda row: str(row["sk"]), reverse=not newer)[: limit + 1]
        return [notification_of(row) for row in rows]

    def _newest_until(self, user_id: str, up_to: str) -> str | None:
        condition = Key("pk").eq(user_key(user_id)) & Key("sk").between(PREFIX, f"{PREFIX}{up_to}")
        answer = self.table.query(
            KeyConditionExpression=condition, ScanIndexForward=False, Limit=1, ConsistentRead=True
        )
        return str(answer["Items"][0]["sk"]).removeprefix(PREFIX) if answer["Items"] else None

    def _count_after(self, user_id: str, notification_id: str) -> int:
        condition = Key("pk").eq(user_key(user_id)) & Key("sk").between(
            f"{PREFIX}{notification_id}\x00", f"{PREFIX}\U0010ffff"
        )
        query: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "FilterExpression": Attr("read").not_exists(),
            "Select": "COUNT",
            "ConsistentRead": True,
        }
        count = 0
        while True:
            answer = self.table.query(**query)
            count += int(answer["Count"])
            if "LastEvaluatedKey" not in answer:
                return count
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _notification(self, user_id: str, notification_id: str) -> Notification | None:
        item = self._get(user_id, f"{PREFIX}{notification_id}")
        return notification_of(item) if item else None

    def _get(self, user_id: str, sort: str) -> Item | None:
        item = self.table.get_item(Key={"pk": user_key(user_id), "sk": sort}, ConsistentRead=True).get("Item")
        return plain(item) if item else None

    def _put(
        self, user_id: str, sort: str, attributes: Mapping[str, Any], condition: str | None = None
    ) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self.name, "Item": {"pk": user_key(user_id), "sk": sort, **attributes}}
        return {"Put": put | ({"ConditionExpression": condition} if condition else {})}

    def _update_marks(self, user_id: str, before: Marks, after: Marks) -> dict[str, Any]:
        values = {":unread": after.unread, ":read": after.read_up_to, ":revision": after.revision}
        unchanged = "attribute_not_exists(pk)"
        if before.revision:
            unchanged = "revision = :before"
            values[":before"] = before.revision
        return {
            "Update": {
                "TableName": self.name,
                "Key": {"pk": user_key(user_id), "sk": "MARKS"},
                "UpdateExpression": "SET unread = :unread, readUpTo = :read, revision = :revision",
                "ConditionExpression": unchanged,
                "ExpressionAttributeValues": values,
            }
        }


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0, _BACKOFF * 2 ** min(attempt, 5)))  # noqa: S311


def _attributes(notification: Notification) -> dict[str, Any]:
    subject = notification.subject
    found = {
        "id": notification.id,
        "type": str(notification.type),
        "at": notification.at,
        "actors": list(notification.actors),
        "count": notification.count,
        "postId": subject.post_id,
        "conversationId": subject.conversation_id,
        "callId": subject.call_id,
        "preview": notification.preview,
        "detail": notification.detail,
        "gsi1pk": kind_key(notification.recipient, notification.type),
        "gsi1sk": f"{PREFIX}{notification.id}",
    }
    return {key: value for key, value in found.items() if value is not None}


def notification_of(item: Mapping[str, Any]) -> Notification:
    """A notification from its item."""
    return Notification(
        id=item["id"],
        recipient=item["pk"].removeprefix("USER#"),
        type=NotificationType(item["type"]),
        at=item["at"],
        actors=tuple(item["actors"]),
        count=int(item["count"]),
        subject=NotificationSubject(item.get("postId"), item.get("conversationId"), item.get("callId")),
        preview=item.get("preview"),
        detail=item.get("detail"),
        read=bool(item.get("read")),
    )
