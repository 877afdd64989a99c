"""Marks notifications of a conversation as read when the person reads it on any device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr, Key

from services.common.clock import epoch_in
from services.common.dynamo import Item, plain
from services.notifications.edited_texts import EditedTexts
from services.notifications.items import FACTS, fact_of, user_key
from services.notifications.model import KEPT_DAYS, Fact, Marks, Notification
from services.notifications.table import Correction, read_mark_key

#: Facts of a large group that are looked through for those that are to be shown when it shrinks.
_FACT_PAGES = 5
#: Messages that leave a notification in one transaction, which takes 100 items.
_READ_AT_ONCE = 90


class ReadingRepository(EditedTexts):
    """Each change is one transaction with the person's marks; idempotent."""

    def read_conversation(self, user: str, group: str, seq: int) -> Correction | None:
        """Record that the person has read up to message ``seq``: notifications of these are read, and later ones are
        suppressed.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """
        self._keep_read_mark(user, group, seq)
        read = self.repeatedly(lambda: self._read_group(user, group, seq))
        further = self.read_conversation(user, group, seq) if read and _may_go_on(read) else None
        return further or read

    def _keep_read_mark(self, user: str, group: str, seq: int) -> None:
        known = self.get(user, read_mark_key(group))
        if (known is None or known["seq"] < seq) and not self.gone_among([user]):
            item = {"seq": seq, "ttl": epoch_in(days=KEPT_DAYS)}
            mark = self.put(user, read_mark_key(group), item, "attribute_not_exists(pk) OR seq < :seq", {":seq": seq})
            self.repeatedly(lambda: self._unless_newer(mark, user, group, seq))

    def _unless_newer(self, mark: dict[str, Any], user: str, group: str, seq: int) -> None:
        known = self.get(user, read_mark_key(group))
        if known is None or known["seq"] < seq:
            self.transact([mark])

    def _read_group(self, user: str, group: str, seq: int) -> Correction | None:
        pointer, marks = self.get(user, f"GROUP#{group}"), self.marks(user)
        held = self.notification(user, pointer["notificationId"]) if pointer else None
        if held is None or marks.has_read(held):
            return None
        return self._read_some(held, marks, seq) if held.last_seq > seq else self.read(held, marks)

    def _read_some(self, held: Notification, marks: Marks, seq: int) -> Correction | None:
        """Remove read messages from the notification, which then covers only later ones.

        Notices of added members have no ``seq``, nor have messages from before it was stored: all of these count as
        earliest.
        """
        told = {fact.once: fact for page in self.facts_of_bundle(held) for fact in page}
        read = [fact for fact in told.values() if fact.seq <= seq][:_READ_AT_ONCE]
        if not read or len(read) >= held.count:
            return None
        rest = [fact for fact in told.values() if fact not in read]
        left, after = held.with_facts(rest, held.count - len(read)), marks.after(marks.unread)
        gone = [self._read_tombstone(held.recipient, fact) for fact in read]
        self.transact([*gone, self.replace(held, left), self.update_marks(held.recipient, marks, after)])
        # No facts: pushes show the latest message, which has not changed.
        return Correction(held, left, after, ())

    def _read_tombstone(self, user: str, fact: Fact) -> dict[str, Any]:
        still = "attribute_exists(pk) AND attribute_not_exists(withdrawn)"
        return self.put(user, f"{FACTS}{fact.once}", _withdrawn(fact.once, {"at": fact.at}), still)

    def tombstone(self, user: str, once: str, gone: Mapping[str, Any], before: Item | None) -> dict[str, Any]:
        """A transaction's part that withdraws the fact, unless it is no longer as it was read: ``before``."""
        return self.put_fact(user, once, _withdrawn(once, gone), before)

    def facts_of_bundle(self, notification: Notification) -> Iterator[list[Fact]]:
        prefix = Key("pk").eq(user_key(notification.recipient)) & Key("sk").begins_with(f"{FACTS}{notification.group}#")
        query: dict[str, Any] = {
            "KeyConditionExpression": prefix,
            "FilterExpression": Attr("bundle").eq(notification.bundle) & Attr("withdrawn").not_exists(),
            "ConsistentRead": True,
        }
        for _ in range(_FACT_PAGES):
            answer = self.table.query(**query)
            yield [fact_of(plain(item)) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _withdrawn(once: str, gone: Mapping[str, Any]) -> Item:
    return {"once": once, "withdrawn": True, "ttl": epoch_in(days=KEPT_DAYS), **gone}


def _may_go_on(read: Correction) -> bool:
    """One transaction was too small for all read messages."""
    return read.after is not None and read.before.count - read.after.count == _READ_AT_ONCE
