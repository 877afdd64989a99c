"""Calls in DynamoDB. Access patterns and keys: docs/contexts/calls.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from services.calls.model import Call, CallState, EndReason
from services.common.clock import epoch_in
from services.common.dynamo import (
    Item,
    Repository,
    accepted,
    cancellation_codes,
    plain,
    transact,
)

#: How long a call is kept.
_KEPT_DAYS = 90


def call_key(call_id: str) -> dict[str, str]:
    return {"pk": f"CALL#{call_id}", "sk": "CALL"}


def pointer_key(user_id: str) -> dict[str, str]:
    """The call that a person was last part of; they are busy while that call is live."""
    return {"pk": f"USER#{user_id}", "sk": "CURRENT"}


@dataclass(frozen=True)
class Current:
    """Where a person's pointer points, and the call there."""

    user_id: str
    call_id: str | None
    call: Call | None


class CallRepository(Repository):
    """The one who knows the calls table."""

    def get(self, call_id: str) -> Call | None:
        """Strongly consistent."""
        item = self.table.get_item(Key=call_key(call_id), ConsistentRead=True).get("Item")
        return call_of(plain(item)) if item else None

    def current(self, user_id: str) -> Current:
        """A person's last call."""
        item = self.table.get_item(Key=pointer_key(user_id), ConsistentRead=True).get("Item")
        call_id = str(item["callId"]) if item else None
        return Current(user_id, call_id, self.get(call_id) if call_id else None)

    def begin(self, call: Call, caller: Current, callee: Current) -> bool:
        """Store a ringing call and point both parties to it, if neither pointer has moved since it was read.

        Returns:
            ``False`` when one has: read again and decide again.
        """
        operations = [
            {"Put": {"TableName": self.name, "Item": _item(call), "ConditionExpression": "attribute_not_exists(pk)"}},
            self._point(caller, call.id),
            self._point(callee, call.id),
        ]
        try:
            transact(operations)
        except ClientError as error:
            if cancellation_codes(error):
                return False
            raise
        return True

    def _point(self, seen: Current, call_id: str) -> dict[str, Any]:
        item = {**pointer_key(seen.user_id), "callId": call_id, "ttl": epoch_in(days=_KEPT_DAYS)}
        put: dict[str, Any] = {"TableName": self.name, "Item": item}
        if seen.call_id is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "callId = :seen"
            put["ExpressionAttributeValues"] = {":seen": seen.call_id}
        return {"Put": put}

    def add_busy(self, call: Call) -> None:
        """Store a call that never rang; nobody is taken by it."""
        self.table.put_item(Item=_item(call), ConditionExpression=Attr("pk").not_exists())

    def move(self, before: Call, after: Call) -> bool:
        """Store a transition, or a party's device, if state and devices are still as they were; of two devices that
        answer, one wins, and nobody's coming back is lost."""
        changed = {key: value for key, value in _item(after).items() if key not in ("pk", "sk", "ttl")}
        names = {f"#{number}": key for number, key in enumerate(changed)}
        values = {f":{number}": value for number, value in enumerate(changed.values())}
        unchanged = ["#state = :before"]
        for name, device in (("callerDevice", before.caller_device), ("calleeDevice", before.callee_device)):
            unchanged.append(f"{name} = :{name}" if device else f"attribute_not_exists({name})")
            values |= {f":{name}": device} if device else {}
        return accepted(
            self.table.update_item,
            Key=call_key(before.id),
            UpdateExpression="SET " + ", ".join(f"#{number} = :{number}" for number in range(len(changed))),
            ConditionExpression=" AND ".join(unchanged),
            ExpressionAttributeNames={**names, "#state": "state"},
            ExpressionAttributeValues={**values, ":before": str(before.state)},
        )


def _item(call: Call) -> Item:
    item = {
        **call_key(call.id),
        "type": "call",
        "callId": call.id,
        "callerId": call.caller_id,
        "calleeId": call.callee_id,
        "media": call.media,
        "state": str(call.state),
        "createdAt": call.created_at,
        "endedAt": call.ended_at,
        "reason": str(call.reason) if call.reason else None,
        "callerDevice": call.caller_device,
        "calleeDevice": call.callee_device,
        "ttl": epoch_in(days=_KEPT_DAYS),
    }
    return {key: value for key, value in item.items() if value is not None}


def call_of(item: Mapping[str, Any]) -> Call:
    """A call from its item."""
    return Call(
        id=item["callId"],
        caller_id=item["callerId"],
        callee_id=item["calleeId"],
        media=item["media"],
        state=CallState(item["state"]),
        created_at=item["createdAt"],
        ended_at=item.get("endedAt"),
        reason=_reason_of(item.get("reason")),
        caller_device=item.get("callerDevice"),
        callee_device=item.get("calleeDevice"),
    )


def _reason_of(stored: str | None) -> EndReason | None:
    """Calls of former versions have sentences here, which nobody shows."""
    return EndReason(stored) if stored in set(EndReason) else None
