"""A person's read and seen marks, and their number of new notifications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from boto3.dynamodb.conditions import Attr, Key

from services.notifications.edited_texts import EditedTexts
from services.notifications.items import PREFIX, user_key
from services.notifications.model import Marks


class MarksRepository(EditedTexts):
    """The number is recounted whenever a mark moves."""

    def mark_read(self, user_id: str, up_to: str) -> tuple[Marks, bool]:
        """Mark everything up to ``up_to`` as read; an older mark has no effect. The unread number is recounted.

        Returns:
            The marks, and whether they changed.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """
        return self._move_mark(user_id, up_to, lambda marks: marks.read_up_to, lambda m, at: replace(m, read_up_to=at))

    def mark_seen(self, user_id: str, up_to: str) -> tuple[Marks, bool]:
        """Mark everything up to ``up_to`` as seen: it no longer counts as new, and stays unread."""
        return self._move_mark(user_id, up_to, lambda m: m.counted_after, lambda m, at: replace(m, seen_up_to=at))

    def _move_mark(
        self, user_id: str, up_to: str, at: Callable[[Marks], str], moved: Callable[[Marks, str], Marks]
    ) -> tuple[Marks, bool]:
        def move() -> tuple[Marks, bool]:
            before = self.marks(user_id)
            newest = self._newest_until(user_id, up_to)
            if newest is None or newest <= at(before):
                return before, False
            marks = moved(before, newest)
            after = marks.after(self.count_after(user_id, marks.counted_after))
            self.transact([self.update_marks(user_id, before, after)])
            return after, True

        return self.repeatedly(move)

    def recounted(self, user_id: str, *, dry: bool) -> tuple[int, int]:
        """The stored and the recounted number of new ones; the stored one is corrected unless ``dry``."""

        def recount() -> tuple[int, int]:
            before = self.marks(user_id)
            after = before.after(self.count_after(user_id, before.counted_after))
            if not dry and after.unread != before.unread:
                self.transact([self.update_marks(user_id, before, after)])
            return before.unread, after.unread

        return self.repeatedly(recount)

    def _newest_until(self, user_id: str, up_to: str) -> str | None:
        condition = Key("pk").eq(user_key(user_id)) & Key("sk").between(PREFIX, f"{PREFIX}{up_to}")
        answer = self.table.query(
            KeyConditionExpression=condition, ScanIndexForward=False, Limit=1, ConsistentRead=True
        )
        return str(answer["Items"][0]["sk"]).removeprefix(PREFIX) if answer["Items"] else None

    def count_after(self, user_id: str, notification_id: str) -> int:
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
