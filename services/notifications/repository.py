"""Notifications in DynamoDB. Access patterns and keys: docs/contexts/notifications.md."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from services.common.clock import epoch_in, now_text
from services.common.cursors import Cursor
from services.common.dynamo import Item, Repository, cancellation_codes, plain, query_page, transact
from services.common.errors import Unavailable
from services.notifications.model import (
    KEPT_DAYS,
    Marks,
    Notice,
    Notification,
    Subject,
    Type,
    id_after,
    made_of,
)
from services.notifications.subscriptions import Subscription, endpoint_id

_ATTEMPTS = 12
_BACKOFF = 0.01
PREFIX = "N#"
_SUBSCRIPTIONS_PER_PERSON = 10
#: Longer than a message can wait in the queue and its DLQ (14 days at most).
_PUSHED_KEPT_DAYS = 15


def user_key(user_id: str) -> str:
    return f"USER#{user_id}"


class NotificationRepository(Repository):
    """The one who knows a person's notifications and their marks."""

    setting = "table_notifications"

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
        if pointer is None or marks.has_read(pointer["notificationId"]):
            return None
        return self._notification(notice.recipient, pointer["notificationId"])

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
            if newest is None or before.has_read(newest):
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

    def marks(self, user_id: str) -> Marks:
        """Strongly consistent."""
        item = self._get(user_id, "MARKS")
        return Marks(item["unread"], item["readUpTo"], item["revision"]) if item else Marks()

    def page(self, user_id: str, cursor: Cursor | None, limit: int) -> list[Notification]:
        """Newest first; up to ``limit + 1``."""
        rows = query_page(self.table, user_key(user_id), cursor=cursor, limit=limit, prefix=PREFIX)
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
        query: dict[str, Any] = {"KeyConditionExpression": condition, "Select": "COUNT", "ConsistentRead": True}
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


class PushRepository(Repository):
    """The one who knows where a person's browsers take pushes, and what was pushed there."""

    setting = "table_notifications"

    def save(self, subscription: Subscription) -> None:
        """Add or renew; the browser may have been somebody else's before, and the oldest go beyond ten."""
        endpoint = f"ENDPOINT#{subscription.id}"
        held = self.table.query(IndexName="gsi1", KeyConditionExpression=Key("gsi1pk").eq(endpoint))["Items"]
        for item in held:
            if item["pk"] != user_key(subscription.user_id):
                self.table.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
        self.table.put_item(
            Item={
                "pk": user_key(subscription.user_id),
                "sk": f"PUSH#{subscription.id}",
                "gsi1pk": endpoint,
                "gsi1sk": user_key(subscription.user_id),
                "endpoint": subscription.endpoint,
                "p256dh": subscription.p256dh,
                "auth": subscription.auth,
                "at": now_text(),
            }
        )
        items = sorted(self._items(subscription.user_id), key=lambda item: str(item["at"]), reverse=True)
        for item in items[_SUBSCRIPTIONS_PER_PERSON:]:
            self.table.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})

    def remove(self, user_id: str, endpoint: str) -> None:
        """Doing it twice changes nothing."""
        self.table.delete_item(Key={"pk": user_key(user_id), "sk": f"PUSH#{endpoint_id(endpoint)}"})

    def of_user(self, user_id: str) -> list[Subscription]:
        return [Subscription(user_id, item["endpoint"], item["p256dh"], item["auth"]) for item in self._items(user_id)]

    def was_pushed(self, notice: Notice, subscription: Subscription) -> bool:
        """Whether an earlier delivery of the same event got as far as this browser."""
        key = {"pk": user_key(notice.recipient), "sk": f"PUSHED#{notice.once}#{subscription.id}"}
        return "Item" in self.table.get_item(Key=key, ConsistentRead=True)

    def set_pushed(self, notice: Notice, subscription: Subscription) -> None:
        key = {"pk": user_key(notice.recipient), "sk": f"PUSHED#{notice.once}#{subscription.id}"}
        self.table.put_item(Item={**key, "ttl": epoch_in(days=_PUSHED_KEPT_DAYS)})

    def _items(self, user_id: str) -> list[Item]:
        condition = Key("pk").eq(user_key(user_id)) & Key("sk").begins_with("PUSH#")
        items: list[Item] = self.table.query(KeyConditionExpression=condition, ConsistentRead=True)["Items"]
        return items


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
    }
    return {key: value for key, value in found.items() if value is not None}


def notification_of(item: Mapping[str, Any]) -> Notification:
    """A notification from its item."""
    return Notification(
        id=item["id"],
        recipient=item["pk"].removeprefix("USER#"),
        type=Type(item["type"]),
        at=item["at"],
        actors=tuple(item["actors"]),
        count=int(item["count"]),
        subject=Subject(item.get("postId"), item.get("conversationId"), item.get("callId")),
        preview=item.get("preview"),
    )
