"""The audit log in DynamoDB: nobody has the right to change or delete its items.

The API's functions may put and read items of this table (``infra/stacks/api.py``). A put names a new key, which its
condition holds.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import Item, Repository, query_page
from services.moderation.audit import KEPT_SECONDS, AuditEntry, StaffAction
from services.moderation.model import CaseSubject, ModerationReason, SubjectKind

PARTITION = "AUDIT"
_IS_NEW = "attribute_not_exists(pk)"


class AuditLog(Repository):
    """Reads and writes the table of the audit log."""

    def append(self, entry: AuditEntry) -> None:
        self.table.put_item(Item=_item(entry), ConditionExpression=_IS_NEW)

    def appending(self, entry: AuditEntry) -> dict[str, Any]:
        """The write as part of a transaction, so that an action and its entry are stored together or not at all."""
        return {"Put": {"TableName": self.name, "Item": _item(entry), "ConditionExpression": _IS_NEW}}

    def page(self, cursor: Cursor | None, limit: int) -> Page[AuditEntry]:
        """Newest first."""
        rows = query_page(self.table, PARTITION, cursor=cursor, limit=limit)
        page = page_of(rows, scope="audit", cursor=cursor, limit=limit, key=lambda row: str(row["sk"]))
        return Page([_entry(row) for row in page.items], page.older, page.newer)


def _item(entry: AuditEntry) -> Item:
    return {
        "pk": PARTITION,
        "sk": entry.id,
        "kind": entry.subject.kind.value,
        "subjectId": entry.subject.id,
        "moderatorId": entry.moderator_id,
        "action": entry.action.value,
        "at": entry.at,
        "reason": entry.reason.value if entry.reason else "",
        "comment": entry.comment,
        "ttl": int(time.time()) + KEPT_SECONDS,
    }


def _entry(item: Mapping[str, Any]) -> AuditEntry:
    return AuditEntry(
        id=item["sk"],
        subject=CaseSubject(SubjectKind(item["kind"]), item["subjectId"]),
        moderator_id=item["moderatorId"],
        action=StaffAction(item["action"]),
        at=item["at"],
        reason=ModerationReason(item["reason"]) if item["reason"] else None,
        comment=item["comment"],
    )
