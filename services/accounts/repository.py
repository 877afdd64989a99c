"""Exports and deletions in DynamoDB. Access patterns and keys: docs/contexts/accounts.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.accounts.model import EXPORT_DAYS, Export, ExportState
from services.common.clock import epoch_in, from_text, now, now_text
from services.common.dynamo import Item, Repository, accepted, is_conditional_failure, plain

#: An export that has been under way for longer than this has been given up; a new one may be asked for.
_UNDER_WAY_MINUTES = 30


class AccountRepository(Repository):
    """Reads and writes the table of accounts."""

    def export(self, user_id: str) -> Export | None:
        """The last requested export, strongly consistent; ``None`` when there was none, or it has expired."""
        item = self._get(user_id, "EXPORT")
        found = export_of(item) if item else None
        if found and found.expires_at and from_text(found.expires_at) < now():
            return None
        return found

    def request(self, export: Export) -> Export:
        """Start an export, or return the running one."""
        item = {**_item(export), "startedAt": epoch_in(), "ttl": epoch_in(days=EXPORT_DAYS)}
        try:
            self.table.put_item(
                Item=item,
                ConditionExpression="attribute_not_exists(pk) OR #state <> :requested OR startedAt < :given_up",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":requested": ExportState.REQUESTED.value,
                    ":given_up": epoch_in(minutes=-_UNDER_WAY_MINUTES),
                },
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise
            return self.export(export.user_id) or export
        return export

    def finish(self, export: Export) -> bool:
        """Store the end of an export; ``False`` when another was requested meanwhile, or the account is gone."""
        return accepted(
            self.table.put_item,
            Item={**_item(export), "ttl": epoch_in(days=EXPORT_DAYS)},
            ConditionExpression="id = :id",
            ExpressionAttributeValues={":id": export.id},
        )

    def begin_deletion(self, user_id: str) -> None:
        """Record that this account is being deleted; idempotent."""
        self.table.put_item(Item={"pk": f"USER#{user_id}", "sk": "DELETION", "type": "deletion", "at": now_text()})

    def is_being_deleted(self, user_id: str) -> bool:
        return self._get(user_id, "DELETION") is not None

    def forget(self, user_id: str) -> None:
        """The last step of a deletion: the account's own items."""
        for sk in ("EXPORT", "DELETION"):
            self.table.delete_item(Key={"pk": f"USER#{user_id}", "sk": sk})

    def _get(self, user_id: str, sk: str) -> Item | None:
        item = self.table.get_item(Key={"pk": f"USER#{user_id}", "sk": sk}, ConsistentRead=True).get("Item")
        return plain(item) if item else None


def export_of(item: Mapping[str, Any]) -> Export:
    """An export from its item."""
    return Export(
        id=item["id"],
        user_id=item["userId"],
        state=ExportState(item["state"]),
        requested_at=item["requestedAt"],
        ready_at=item.get("readyAt"),
        expires_at=item.get("expiresAt"),
        bytes=int(item.get("bytes", 0)),
    )


def _item(export: Export) -> Item:
    item = {
        "pk": f"USER#{export.user_id}",
        "sk": "EXPORT",
        "type": "export",
        "id": export.id,
        "userId": export.user_id,
        "state": export.state.value,
        "requestedAt": export.requested_at,
        "readyAt": export.ready_at,
        "expiresAt": export.expires_at,
        "bytes": export.bytes,
    }
    return {key: value for key, value in item.items() if value is not None}
