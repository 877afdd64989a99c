"""Withdraws and changes notifications when their subject is gone or has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from boto3.dynamodb.conditions import Attr, Key

from services.common.clock import epoch_in
from services.common.dynamo import Item, accepted, plain
from services.common.events import Moment
from services.common.lazy_dataclasses import dataclass
from services.notifications.items import (
    FACTS,
    GONE,
    TEXT,
    about_key,
    actor_key,
    left_key,
    moment_attributes,
    moment_of,
    told_key,
    user_key,
)
from services.notifications.model import (
    ACTORS_KEPT,
    FACTS_KEPT,
    KEPT_DAYS,
    Fact,
    Marks,
    Notification,
    NotificationSubject,
    NotificationType,
)
from services.notifications.reading_repository import ReadingRepository
from services.notifications.table import Correction, read_mark_key

#: Later than every decision of moderators: what was deleted is never told of again.
_DELETED = 2**53


@dataclass(frozen=True)
class Told:
    """A person who was notified of a fact."""

    recipient: str
    once: str
    type: str


class CorrectionRepository(ReadingRepository):
    """Each change is one transaction with the person's marks; idempotent."""

    def withdraw(self, recipient: str, once: str, moment: Moment) -> Correction | None:
        """Withdraw the fact as of ``moment``. A later fact counts again; an older event that arrives later is
        recognised by it.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """
        return self.repeatedly(lambda: self._withdraw(recipient, once, moment))

    def is_withdrawn(self, recipient: str, once: str) -> bool:
        fact = self.get(recipient, f"{FACTS}{once}")
        return bool(fact and fact.get("withdrawn"))

    def _withdraw(self, user: str, once: str, moment: Moment) -> Correction | None:
        fact, marks = self.get(user, f"{FACTS}{once}"), self.marks(user)
        if fact and fact.get("withdrawn"):
            return self._withdrawn_again(user, fact, marks, moment)
        if fact and moment_of(fact).is_after(moment):
            return None
        if fact is None:
            if self.gone_among([user]):
                return None
            self.transact([self.tombstone(user, once, moment_attributes(moment), None)])
            return None
        held = self.holding(user, fact)
        read = held is not None and not marks.counts(held)
        kept: dict[str, Any] = {
            name: fact[name] for name in ("notificationId", "bundle", "group", "type") if name in fact
        }
        gone: dict[str, Any] = {**kept, **moment_attributes(moment)}
        if read:
            gone["wasRead"] = True
        operations = [self.tombstone(user, once, gone, fact)]
        if fact.get("about"):
            key = {"pk": about_key(fact["about"]), "sk": told_key(user, once)}
            operations.append({"Delete": {"TableName": self.name, "Key": key}})
        if held is None:
            self.transact([*operations, self.check_marks(user, marks)])
            return None
        left = self._unless_read(user, self._refilled(held.without(once), once))
        after = marks.after(marks.unread - (marks.counts(held) and not (left and marks.counts(left))))
        self.transact([*operations, self.replace(held, left), self.update_marks(user, marks, after)])
        return Correction(held, left, after, (once,))

    def _unless_read(self, user: str, left: Notification | None) -> Notification | None:
        """The remaining messages of a conversation may have been read before: then no new ones are left."""
        if left is None or left.read or not left.last_seq or not left.group:
            return left
        mark = self.get(user, read_mark_key(left.group))
        return replace(left, read=True) if mark and mark["seq"] >= left.last_seq else left

    def _withdrawn_again(self, user: str, fact: Item, marks: Marks, moment: Moment) -> Correction | None:
        """Withdrawn as of the later of two moments, because events in between may still be in flight."""
        if moment.is_same_as(moment_of(fact)):
            return self._told_again(user, fact, marks)
        if moment.is_after(moment_of(fact)):
            kept = {name: value for name, value in fact.items() if name not in ("pk", "sk", "at", "sequence")}
            self.transact([self.tombstone(user, fact["once"], {**kept, **moment_attributes(moment)}, fact)])
        return None

    def _told_again(self, user: str, fact: Item, marks: Marks) -> Correction | None:
        """The same event again: its frames may not have been sent."""
        if "type" not in fact:
            return None
        before = Notification(
            id=fact["notificationId"],
            recipient=user,
            type=NotificationType(fact["type"]),
            at=fact["at"],
            actors=(),
            count=1,
            subject=NotificationSubject(),
            preview=None,
            facts=(Fact(fact["once"], "", fact["at"]),),
            bundle=fact["bundle"],
            group=fact.get("group"),
        )
        return Correction(before, self.holding(user, fact), marks, (fact["once"],))

    def _refilled(self, left: Notification | None, gone: str) -> Notification | None:
        """Load further facts of a large group whose stored facts run out."""
        if left is None or left.group is None or len(left.facts) >= min(ACTORS_KEPT, left.count):
            return left
        found = {fact.once: fact for fact in left.facts}
        for page in self.facts_of_bundle(left):
            found |= {fact.once: fact for fact in page if fact.once != gone}
            if len(found) >= FACTS_KEPT:
                break
        return left.with_facts(list(found.values()), left.count)

    def standing(self, recipient: str, once: str) -> Correction | None:
        """The current notification of a fact, whose subject has a new text."""
        fact = self.get(recipient, f"{FACTS}{once}")
        held = self.holding(recipient, fact) if fact and not fact.get("withdrawn") else None
        return Correction(held, held, self.marks(recipient), (once,)) if held else None

    def keep_left(self, user: str, group: str, at: str) -> None:
        """Suppress notifications of earlier messages of a conversation."""
        if self.gone_among([user]):
            return
        item = {"pk": user_key(user), "sk": left_key(group), "leftAt": at, "ttl": epoch_in(days=KEPT_DAYS)}
        self.table.put_item(Item=item)

    def remove(self, found: Notification) -> None:
        """Delete a whole notification, and subtract it from the unread number."""

        def remove() -> None:
            held, marks = self.notification(found.recipient, found.id), self.marks(found.recipient)
            if held:
                after = marks.after(marks.unread - marks.counts(held))
                self.transact([self.replace(held, None), self.update_marks(found.recipient, marks, after)])

        self.repeatedly(remove)

    def people(self) -> Iterator[str]:
        """All people who ever had a notification; reads the whole table."""
        scan: dict[str, Any] = {"FilterExpression": Attr("sk").eq("MARKS"), "ProjectionExpression": "pk"}
        while True:
            answer = self.table.scan(**scan)
            yield from (str(item["pk"]).removeprefix("USER#") for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            scan["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def close(self, subject: str, at: str, decision: int = _DELETED) -> bool:
        """Suppress notifications about it from now on; ``False`` when a later decision is known (they come in any
        order).

        Args:
            decision: the version of the moderation case; without it for good.
        """
        return self._decide(subject, decision, {"at": at})

    def reopen(self, subject: str, at: str, decision: int) -> bool:
        """Allow notifications about it again; ``False`` when a later decision is known."""
        return self._decide(subject, decision, {"at": at, "reopened": True})

    def _decide(self, subject: str, decision: int, stands: Mapping[str, Any]) -> bool:
        item = {"pk": about_key(subject), "sk": GONE, "decision": decision, "ttl": epoch_in(days=KEPT_DAYS), **stands}
        return accepted(
            self.table.put_item,
            Item=item,
            ConditionExpression="attribute_not_exists(decision) OR decision <= :decision",
            ExpressionAttributeValues={":decision": decision},
        )

    def told_about(self, subject: str) -> Iterator[Told]:
        """All people with a notification about it, strongly consistent."""
        for item in self._all(Key("pk").eq(about_key(subject)), ConsistentRead=True):
            if item["sk"] not in (GONE, TEXT):
                yield Told(item["recipient"], item["once"], item["type"])

    def told_by(self, actor: str, recipient: str | None = None) -> Iterator[Told]:
        """Facts about a person's actions that others (or only ``recipient``) were notified of; the latest may be
        missing."""
        condition: Any = Key("gsi1pk").eq(actor_key(actor))
        if recipient:
            condition &= Key("gsi1sk").begins_with(f"{recipient}#")
        for item in self._all(condition, IndexName="gsi1"):
            yield Told(item["pk"].removeprefix("USER#"), item["sk"].removeprefix(FACTS), item.get("type", ""))

    def told_of_group(self, user: str, group: str) -> Iterator[Told]:
        """All facts that a person was notified of in one group, for example a conversation."""
        key = Key("pk").eq(user_key(user)) & Key("sk").begins_with(f"{FACTS}{group}#")
        for item in self._all(key, ConsistentRead=True):
            if not item.get("withdrawn"):
                yield Told(user, item["sk"].removeprefix(FACTS), item.get("type", ""))

    def _all(self, condition: Any, **options: Any) -> Iterator[Item]:
        query: Mapping[str, Any] = {"KeyConditionExpression": condition, **options}
        while True:
            answer = self.table.query(**query)
            yield from (plain(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query = {**query, "ExclusiveStartKey": answer["LastEvaluatedKey"]}
