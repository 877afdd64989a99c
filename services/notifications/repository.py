"""Notifications in DynamoDB. Access patterns and keys: docs/contexts/notifications.md."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from services.common.clock import epoch_in
from services.common.cursors import Cursor
from services.common.dynamo import Item, query_page
from services.notifications.edited_texts import edited
from services.notifications.items import (
    FACTS,
    GONE,
    PREFIX,
    about_key,
    actor_key,
    attributes_of,
    kind_key,
    moment_attributes,
    moment_of,
    notification_of,
    told_key,
    user_key,
)
from services.notifications.marks_repository import MarksRepository
from services.notifications.model import (
    KEPT_DAYS,
    Fact,
    Marks,
    Notice,
    Notification,
    NotificationType,
    id_after,
    made_of,
)
from services.notifications.table import Correction, read_mark_key

Added = tuple[Notification | None, Marks, bool]


class NotificationRepository(MarksRepository):
    """Reads and writes a person's notifications and marks."""

    def add(self, notice: Notice) -> Added:
        """Notify a person exactly once, also with duplicate or concurrent deliveries.

        One transaction: the fact (only if it is new, or was taken back before this happened), the notification (in
        place of the new one of its group), the group's pointer, the person's marks (only if they have not changed since
        they were read), and the check that what it is about is still there and was not read meanwhile.

        Returns:
            The notification that stands for the notice now (``None``: nothing does), the marks after it, and whether
            the notice was new.

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """
        return self.repeatedly(lambda: self._add(notice))

    def _add(self, notice: Notice) -> Added:
        user = notice.recipient
        text = self.text_of(notice)
        notice = edited(notice, text)
        fact, marks = self.get(user, f"{FACTS}{notice.once}"), self.marks(user)
        if fact and not (fact.get("withdrawn") and notice.moment.is_after(moment_of(fact))):
            return self._known(notice, fact, marks)
        if self.is_past(notice):
            return None, marks, False
        # A fact that returns after it was read is not new again.
        was_read = bool(fact and fact.get("wasRead"))
        pointer = self.get(user, f"GROUP#{notice.group}") if notice.group else None
        older = None if was_read else self._new_one_of_group(user, pointer, marks)
        added = replace(made_of(notice, id_after(marks.counted_after), older), read=was_read)
        after = marks.after(marks.unread + (0 if older or was_read else 1))
        self.transact(
            [
                *self._fact_operations(notice, added, fact),
                *self._group_operations(notice, added, older, pointer),
                self.update_marks(user, marks, after),
                *self._checks(notice, text),
            ]
        )
        return added, after, True

    def _known(self, notice: Notice, fact: Item, marks: Marks) -> Added:
        """The notification of a fact that was sent before; with the later detail if it differs (a reaction).

        The latest notice is the fact's latest time: an earlier withdrawal may still be in flight.
        """
        user = notice.recipient
        held = None if fact.get("withdrawn") else self.holding(user, fact)
        if fact.get("withdrawn") or not notice.moment.is_after(moment_of(fact)):
            return held, marks, False
        newer = self._newer(notice, fact)
        if held is None or notice.detail == fact.get("detail"):
            # Also without a notification: it may just have been withdrawn, then the fact has changed.
            self.transact([newer])
            return held, marks, False
        told = Fact(notice.once, notice.actor, notice.at, notice.preview, notice.detail, notice.seq)
        left = held.with_facts([told if one.once == told.once else one for one in held.facts], held.count)
        after = marks.after(marks.unread)
        self.transact([newer, self.replace(held, left), self.update_marks(user, marks, after)])
        return left, after, False

    def _newer(self, notice: Notice, fact: Item) -> dict[str, Any]:
        """The operation that stores the fact of the latest notice, unless it changed meanwhile."""
        kept = {name: value for name, value in fact.items() if name not in ("at", "sequence", "detail")}
        detail = {"detail": notice.detail} if notice.detail is not None else {}
        item = {**kept, **moment_attributes(notice.moment), **detail}
        return self.put_fact(notice.recipient, notice.once, item, fact)

    def as_it_stands(self, notice: Notice) -> Notice | None:
        """The notice with its current text; ``None`` when it was withdrawn or read, or its subject is gone."""
        fact = self.get(notice.recipient, f"{FACTS}{notice.once}")
        if fact and fact.get("withdrawn") and not notice.moment.is_after(moment_of(fact)):
            return None
        held = self.holding(notice.recipient, fact) if fact and not fact.get("withdrawn") else None
        if (held and self.marks(notice.recipient).has_read(held)) or self.is_past(notice):
            return None
        return edited(notice, self.text_of(notice))

    def others_of_group(self, notice: Notice) -> int:
        """How many other facts the new notification of its group has, whether or not it has this one already: the
        channels' queues are independent."""
        marks = self.marks(notice.recipient)
        pointer = self.get(notice.recipient, f"GROUP#{notice.group}") if notice.group else None
        found = self._new_one_of_group(notice.recipient, pointer, marks)
        if found is None:
            return 0
        told = self.get(notice.recipient, f"{FACTS}{notice.once}") is not None
        return max(0, found.count - told)

    def _new_one_of_group(self, user: str, pointer: Item | None, marks: Marks) -> Notification | None:
        if pointer is None or pointer["notificationId"] <= marks.counted_after:
            return None
        found = self.notification(user, pointer["notificationId"])
        return found if found and marks.counts(found) else None

    def _fact_operations(self, notice: Notice, added: Notification, before: Item | None) -> list[dict[str, Any]]:
        user, ttl = notice.recipient, epoch_in(days=KEPT_DAYS)
        fact = {
            "once": notice.once,
            "notificationId": added.id,
            "bundle": added.bundle,
            **moment_attributes(notice.moment),
            "actor": notice.actor,
            "type": str(notice.type),
            "ttl": ttl,
            **{
                name: value
                for name, value in {
                    "group": notice.group, "about": notice.about, "preview": notice.preview, "detail": notice.detail,
                    "seq": notice.seq or None,
                }.items()
                if value is not None
            },
        }  # fmt: skip
        if notice.actor:
            fact |= {"gsi1pk": actor_key(notice.actor), "gsi1sk": told_key(user, notice.once)}
        operations = [
            self.put_fact(user, notice.once, fact, before),
            self.put(user, f"{PREFIX}{added.id}", {**attributes_of(added), "ttl": ttl}, "attribute_not_exists(pk)"),
        ]
        if notice.about:
            told = {"once": notice.once, "recipient": user, "type": str(notice.type), "ttl": ttl}
            operations.append(self.put_item(about_key(notice.about), told_key(user, notice.once), told))
        return operations

    def _group_operations(
        self, notice: Notice, added: Notification, older: Notification | None, pointer: Item | None
    ) -> list[dict[str, Any]]:
        user, ttl, operations = notice.recipient, epoch_in(days=KEPT_DAYS), []
        if notice.group:
            here = {"notificationId": added.id, "bundle": added.bundle, "ttl": ttl}
            operations.append(self.put(user, f"GROUP#{notice.group}", here))
            if pointer and not older and pointer.get("bundle"):
                # The bundle before it no longer grows: where it ended stays known.
                there = {"notificationId": pointer["notificationId"], "ttl": ttl}
                operations.append(self.put(user, f"BUNDLE#{pointer['bundle']}", there))
        if older:
            operations.append(self.delete(user, f"{PREFIX}{older.id}"))
        return operations

    def _checks(self, notice: Notice, text: Item | None) -> list[dict[str, Any]]:
        checks = self.checks_of_text(notice, text)
        if notice.about:
            checks.append(
                self.check(about_key(notice.about), GONE, "attribute_not_exists(pk) OR attribute_exists(reopened)")
            )
        if notice.seq and notice.group:
            unread = "attribute_not_exists(pk) OR seq < :seq"
            checks.append(
                self.check(user_key(notice.recipient), read_mark_key(notice.group), unread, {":seq": notice.seq})
            )
        return checks

    def mark_one(self, user_id: str, notification_id: str) -> Correction | None:
        """Mark one as read; older ones stay unchanged. No effect if it was read, or no longer exists (it grew into
        another of its group).

        Raises:
            Unavailable: too many changes at the same time, twelve tries long.
        """

        def mark() -> Correction | None:
            before = self.marks(user_id)
            found = self.notification(user_id, notification_id)
            return None if found is None or before.has_read(found) else self.read(found, before)

        return self.repeatedly(mark)

    def page(
        self, user_id: str, cursor: Cursor | None, limit: int, kinds: Collection[NotificationType] = ()
    ) -> list[Notification]:
        """Up to ``limit + 1`` in the order that ``cursors.page_of`` expects; of ``kinds`` only, where some are given.

        Each kind has a list of its own in the index, so that a rare kind can be read without the others.
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
