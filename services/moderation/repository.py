"""Moderation in DynamoDB. Access patterns and keys: docs/contexts/moderation.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.common.clock import now_text
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import (
    Item,
    Repository,
    accepted,
    batch_write,
    cancellation_codes,
    plain,
    query_page,
    transact,
)
from services.common.errors import Conflict
from services.common.ids import new_id
from services.common.partitions import items_of
from services.moderation.model import (
    Appeal,
    Case,
    CaseSubject,
    Decision,
    Evidence,
    LogEntry,
    Measure,
    ModerationReason,
    Report,
    SubjectKind,
)


def case_partition(subject: CaseSubject) -> str:
    return f"CASE#{subject.kind}#{subject.id}"


def queue_partition(is_open: bool) -> str:
    return "QUEUE#open" if is_open else "QUEUE#closed"


class ModerationRepository(Repository):
    """Reads and writes the table of reports, cases and decisions."""

    def case(self, subject: CaseSubject) -> Case | None:
        """Strongly consistent."""
        key = {"pk": case_partition(subject), "sk": "CASE"}
        item = self.table.get_item(Key=key, ConsistentRead=True).get("Item")
        return case_of(plain(item)) if item else None

    def report(self, report: Report, evidence: Evidence) -> bool:
        """Store a report and open its case, in one transaction; ``False`` when this person reported this before."""
        partition, at = case_partition(report.subject), new_id()
        put = {
            "pk": partition,
            "sk": f"REPORT#{report.reporter_id}",
            "type": "report",
            "reason": report.reason.value,
            "comment": report.comment,
            "at": report.at,
            "gsi1pk": f"REPORTER#{report.reporter_id}",
            "gsi1sk": at,
        }
        update, names, values = _opening(report.subject, evidence, at)
        values[":one"] = 1
        try:
            transact(
                [
                    {"Put": {"TableName": self.name, "Item": put, "ConditionExpression": "attribute_not_exists(pk)"}},
                    {
                        "Update": {
                            "TableName": self.name,
                            "Key": {"pk": partition, "sk": "CASE"},
                            "UpdateExpression": f"{update} ADD reports :one",
                            "ExpressionAttributeNames": names,
                            "ExpressionAttributeValues": values,
                        }
                    },
                ]
            )
        except ClientError as error:
            codes = cancellation_codes(error)
            if codes and codes[0] == "ConditionalCheckFailed":
                return False
            if codes:
                raise Conflict("Others are reporting the same right now. Try again.") from error
            raise
        return True

    def decide(self, before: Case, entry: LogEntry, measure: Measure, audited: Mapping[str, Any]) -> None:
        """Store a decision with its log entry, and ``audited`` in the same transaction.

        Raises:
            Conflict: somebody else decided meanwhile.
        """
        partition = case_partition(before.subject)
        names = {"#type": "type", "#open": "open", "#version": "version", "#kind": "kind", "#comment": "comment"}
        values = {
            ":type": "case",
            ":kind": before.subject.kind.value,
            ":subject": before.subject.id,
            ":owner": before.owner_id,
            ":content": dict(before.content),
            ":no": False,
            ":measure": measure.value,
            ":before": before.version,
            ":after": entry.version,
            ":at": entry.at,
            ":reason": entry.reason.value,
            ":comment": entry.comment,
            ":queue": queue_partition(is_open=False),
            ":key": entry.id,
            ":affected": f"OWNER#{before.owner_id}",
        }
        update = {
            "TableName": self.name,
            "Key": {"pk": partition, "sk": "CASE"},
            "UpdateExpression": "SET #type = :type, #kind = :kind, subjectId = :subject, ownerId = :owner, "
            "content = if_not_exists(content, :content), #open = :no, measure = :measure, #version = :after, "
            "updatedAt = :at, decidedAt = :at, reason = :reason, #comment = :comment, "
            "gsi1pk = :queue, gsi1sk = :key, gsi2pk = :affected, gsi2sk = :key",
            "ConditionExpression": "attribute_not_exists(#version) OR #version = :before",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        try:
            transact([{"Update": update}, {"Put": {"TableName": self.name, "Item": _log_item(entry)}}, audited])
        except ClientError as error:
            if cancellation_codes(error):
                raise Conflict("Somebody else decided at the same time.") from error
            raise

    def appeal(self, case: Case, text: str) -> bool:
        """Store the appeal and reopen the case; ``False`` when there was one."""
        return accepted(
            self.table.update_item,
            Key={"pk": case_partition(case.subject), "sk": "CASE"},
            UpdateExpression="SET appeal = :appeal, #open = :yes, updatedAt = :at, gsi1pk = :queue, gsi1sk = :key",
            ConditionExpression="#version = :version AND (attribute_not_exists(appeal) OR appeal.version < :version)",
            ExpressionAttributeNames={"#open": "open", "#version": "version"},
            ExpressionAttributeValues={
                ":appeal": {"text": text, "at": now_text(), "version": case.version},
                ":yes": True,
                ":at": now_text(),
                ":queue": queue_partition(is_open=True),
                ":key": new_id(),
                ":version": case.version,
            },
        )

    def queue(self, is_open: bool, cursor: Cursor | None, limit: int) -> Page[Case]:
        """Cases that wait, or that were decided, newest first."""
        rows = query_page(self.table, queue_partition(is_open), cursor=cursor, limit=limit, index="gsi1")
        scope = "cases-open" if is_open else "cases-closed"
        page = page_of(rows, scope=scope, cursor=cursor, limit=limit, key=lambda row: str(row["gsi1sk"]))
        return Page([case_of(row) for row in page.items], page.older, page.newer)

    def history(self, subject: CaseSubject, limit: int) -> tuple[list[Report], list[LogEntry]]:
        """Reports and decisions of a case, the last ``limit`` of each."""
        partition = case_partition(subject)
        reports = query_page(self.table, partition, cursor=None, limit=limit, prefix="REPORT#", consistent=True)
        entries = query_page(self.table, partition, cursor=None, limit=limit, prefix="LOG#", consistent=True)
        return [_report_of(subject, one) for one in reports], [log_entry_of(one) for one in entries]

    def about(self, owner_id: str, limit: int) -> list[Case]:
        """Cases with a decision about a person or their content, newest first."""
        rows = query_page(self.table, f"OWNER#{owner_id}", cursor=None, limit=limit, index="gsi2")
        return [case_of(row) for row in rows]

    def forget(self, user_id: str) -> int:
        """Delete the cases about a person and their content, and their own reports; returns the number of items."""
        keys = [(item["pk"], item["sk"]) for item in items_of(self.name, f"REPORTER#{user_id}", index="gsi1")]
        cases = {item["pk"] for item in items_of(self.name, f"OWNER#{user_id}", index="gsi2")}
        cases.add(case_partition(CaseSubject(SubjectKind.PERSON, user_id)))
        for partition in cases:
            keys += [(item["pk"], item["sk"]) for item in items_of(self.name, partition)]
        batch_write(self.name, deletes=dict.fromkeys(keys))
        return len(keys)


def _opening(subject: CaseSubject, evidence: Evidence, at: str) -> tuple[str, dict[str, str], Item]:
    update = (
        "SET #type = :type, #kind = :kind, subjectId = :subject, ownerId = :owner, "
        "content = if_not_exists(content, :content), #open = :yes, updatedAt = :now, "
        "measure = if_not_exists(measure, :none), gsi1pk = :queue, gsi1sk = :at, gsi2pk = :affected, gsi2sk = :at"
    )
    values: Item = {
        ":type": "case",
        ":kind": subject.kind.value,
        ":subject": subject.id,
        ":owner": evidence.owner_id,
        ":content": dict(evidence.content),
        ":yes": True,
        ":now": now_text(),
        ":none": Measure.NONE.value,
        ":queue": queue_partition(is_open=True),
        ":at": at,
        ":affected": f"OWNER#{evidence.owner_id}",
    }
    return update, {"#type": "type", "#kind": "kind", "#open": "open"}, values


def case_of(item: Mapping[str, Any]) -> Case:
    """A case from its item."""
    appeal = item.get("appeal")
    return Case(
        subject=CaseSubject(SubjectKind(item["kind"]), item["subjectId"]),
        owner_id=item["ownerId"],
        open=bool(item["open"]),
        content=item.get("content") or {},
        measure=Measure(item["measure"]),
        reports=int(item.get("reports", 0)),
        version=int(item.get("version", 0)),
        updated_at=item["updatedAt"],
        decided_at=item.get("decidedAt"),
        reason=ModerationReason(item["reason"]) if item.get("reason") else None,
        comment=item.get("comment", ""),
        appeal=Appeal(appeal["text"], appeal["at"], int(appeal["version"])) if appeal else None,
        queue_key=item.get("gsi1sk", ""),
    )


def log_entry_of(item: Mapping[str, Any]) -> LogEntry:
    """A decision on a case from its item."""
    return LogEntry(
        id=item["id"],
        subject=CaseSubject(SubjectKind(item["kind"]), item["subjectId"]),
        owner_id=item["ownerId"],
        moderator_id=item["moderatorId"],
        decision=Decision(item["decision"]),
        reason=ModerationReason(item["reason"]),
        comment=item.get("comment", ""),
        at=item["at"],
        version=int(item["version"]),
    )


def _report_of(subject: CaseSubject, item: Mapping[str, Any]) -> Report:
    reporter = str(item["sk"]).removeprefix("REPORT#")
    return Report(subject, reporter, ModerationReason(item["reason"]), item.get("comment", ""), item["at"])


def _log_item(entry: LogEntry) -> Item:
    return {
        "pk": case_partition(entry.subject),
        "sk": f"LOG#{entry.id}",
        "type": "decision",
        "id": entry.id,
        "kind": entry.subject.kind.value,
        "subjectId": entry.subject.id,
        "ownerId": entry.owner_id,
        "moderatorId": entry.moderator_id,
        "decision": entry.decision.value,
        "reason": entry.reason.value,
        "comment": entry.comment,
        "at": entry.at,
        "version": entry.version,
    }
