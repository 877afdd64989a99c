"""Calls in DynamoDB. Access patterns and keys: docs/contexts/calls.md."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from services.calls.model import UNANSWERED_LIMIT, UNANSWERED_WINDOW, Call, EndReason, Seat
from services.calls.room_repository import (
    CALL_KEPT_DAYS,
    HISTORY,
    group_call_key,
    group_call_of,
    room_key,
    room_of,
    room_pointer_key,
)
from services.calls.rooms import GroupCall, Room
from services.calls.states import CallState
from services.common.clock import epoch_in, from_text
from services.common.cursors import Cursor
from services.common.dynamo import (
    Item,
    Repository,
    accepted,
    batch_get,
    cancellation_codes,
    plain,
    query_page,
    transact,
)
from services.common.lazy_dataclasses import dataclass

#: Where the counter of calls without an answer is among what ``begin`` writes.
_COUNTER = 5


Key = dict[str, str]


def call_key(call_id: str) -> Key:
    return {"pk": f"CALL#{call_id}", "sk": "CALL"}


def pointer_key(user_id: str) -> Key:
    """The call that a person was last part of; they are busy while that call is live."""
    return {"pk": f"USER#{user_id}", "sk": "CURRENT"}


@dataclass(frozen=True)
class Current:
    """A person's pointer, and the call that it names."""

    user_id: str
    call_id: str | None
    call: Call | None


@dataclass(frozen=True)
class Engagement:
    """A person's last call and last group call, either of which may be running."""

    current: Current
    room: Room | None


class RungTooOften(Exception):
    """The caller has rung this callee too often without an answer."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"for {seconds} more seconds")
        #: Until they may ring again.
        self.seconds = seconds


class CallRepository(Repository):
    """Reads and writes the calls table."""

    def get(self, call_id: str) -> Call | None:
        """Strongly consistent."""
        item = self.table.get_item(Key=call_key(call_id), ConsistentRead=True).get("Item")
        return call_of(plain(item)) if item else None

    def current(self, user_id: str) -> Current:
        """A person's last call."""
        item = self.table.get_item(Key=pointer_key(user_id), ConsistentRead=True).get("Item")
        call_id = str(item["callId"]) if item else None
        return Current(user_id, call_id, self.get(call_id) if call_id else None)

    def engagements(self, users: Collection[str]) -> dict[str, Engagement]:
        """The same for several people, by two reads in total."""
        pointers = self._found([key(user) for user in users for key in (pointer_key, room_pointer_key)])

        def target(user: str, pointer: Callable[[str], Key], name: str) -> str | None:
            item = pointers.get(_pair(pointer(user)))
            return str(item[name]) if item else None

        calls = {user: target(user, pointer_key, "callId") for user in users}
        rooms = {user: target(user, room_pointer_key, "conversationId") for user in users}
        keys = [call_key(one) for one in calls.values() if one] + [room_key(one) for one in rooms.values() if one]
        items = self._found(keys)

        def engagement(user: str) -> Engagement:
            call_id, conversation_id = calls[user], rooms[user]
            call = items.get(_pair(call_key(call_id))) if call_id else None
            room = items.get(_pair(room_key(conversation_id))) if conversation_id else None
            return Engagement(Current(user, call_id, call_of(call) if call else None), room_of(room) if room else None)

        return {user: engagement(user) for user in users}

    def _found(self, keys: Collection[Key]) -> dict[tuple[str, str], Item]:
        found = batch_get({self.name: [_pair(key) for key in keys]}, consistent=True)
        return {(pk, sk): item for (_, pk, sk), item in found.items()}

    def begin(self, call: Call, caller: Current, callee: Current) -> bool:
        """Store a call and point both parties to it, if neither pointer has moved since it was read. One that rings is
        counted as not answered.

        Returns:
            ``False`` when one has: read again and decide again.

        Raises:
            RungTooOften: the callee did not answer ``UNANSWERED_LIMIT`` calls in this window.
        """
        ends = _window_end(from_text(call.created_at))
        operations = [self._new(call), *self._history_of(call), self._point(caller, call.id)]
        operations.append(self._point(callee, call.id))
        if call.state is CallState.RINGING:
            operations.append(self._count(call, ends))
        try:
            transact(operations)
        except ClientError as error:
            codes = cancellation_codes(error)
            if not codes:
                raise
            if codes[_COUNTER:] == ["ConditionalCheckFailed"]:
                raise RungTooOften(max(1, ends - int(from_text(call.created_at).timestamp()))) from error
            return False
        return True

    def _count(self, call: Call, ends: int) -> dict[str, Any]:
        """One more call of this window that nobody has answered yet."""
        return {
            "Update": {
                "TableName": self.name,
                "Key": _rung_key(call.caller_id, call.callee_id, ends),
                "UpdateExpression": "ADD rung :one SET #ttl = :ttl",
                "ConditionExpression": "attribute_not_exists(rung) OR rung < :most",
                "ExpressionAttributeNames": {"#ttl": "ttl"},
                "ExpressionAttributeValues": {":one": 1, ":ttl": ends + 60, ":most": UNANSWERED_LIMIT},
            }
        }

    def _point(self, seen: Current, call_id: str) -> dict[str, Any]:
        item = {**pointer_key(seen.user_id), "callId": call_id, "ttl": epoch_in(days=CALL_KEPT_DAYS)}
        put: dict[str, Any] = {"TableName": self.name, "Item": item}
        if seen.call_id is None:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "callId = :seen"
            put["ExpressionAttributeValues"] = {":seen": seen.call_id}
        return {"Put": put}

    def add_busy(self, call: Call) -> None:
        """Store a call that never rang; neither party becomes busy."""
        transact([self._new(call), *self._history_of(call)])

    def _new(self, call: Call) -> dict[str, Any]:
        return {"Put": {"TableName": self.name, "Item": _item(call), "ConditionExpression": "attribute_not_exists(pk)"}}

    def _history_of(self, call: Call) -> list[dict[str, Any]]:
        """The list items of both parties, written once: the list reads details from the call itself."""
        kept = {"type": "history", "callId": call.id, "ttl": epoch_in(days=CALL_KEPT_DAYS)}
        items = [{"pk": f"USER#{one}", "sk": f"{HISTORY}{call.id}", **kept} for one in call.parties]
        return [{"Put": {"TableName": self.name, "Item": item}} for item in items]

    def move(self, before: Call, after: Call) -> Call | None:
        """Store ``after`` in place of ``before``, if nothing has changed since that was read: of two devices that
        answer one wins, and no return of a party is lost.

        Returns:
            The call as it is stored; ``None`` when it had changed: read again and decide again.
        """
        stored = replace(after, revision=before.revision + 1)
        condition = Attr("revision").eq(before.revision)
        return stored if accepted(self.table.put_item, Item=_item(stored), ConditionExpression=condition) else None

    def forget_unanswered(self, caller_id: str, callee_id: str, moment: datetime) -> None:
        """The callee answered."""
        self.table.delete_item(Key=_rung_key(caller_id, callee_id, _window_end(moment)))

    def history(self, user_id: str, cursor: Cursor | None, limit: int) -> list[tuple[str, Call | GroupCall]]:
        """``(sort key, call)``, up to ``limit + 1``, in the order that ``cursors.page_of`` expects."""
        rows = query_page(self.table, f"USER#{user_id}", cursor=cursor, limit=limit, prefix=HISTORY, consistent=True)
        keys = {_pair(_listed_key(row)): row["sk"] for row in rows}
        found = {(pk, sk): item for (_, pk, sk), item in batch_get({self.name: keys}, consistent=True).items()}
        listed = [(key, found[pair]) for pair, key in keys.items() if pair in found]
        return [(key, call_of(item) if item["type"] == "call" else group_call_of(item)) for key, item in listed]


def _listed_key(row: Mapping[str, Any]) -> Key:
    """The key of the call in a row of a person's list."""
    return call_key(row["callId"]) if "callId" in row else group_call_key(row["roomId"])


def _window_end(moment: datetime) -> int:
    length = int(UNANSWERED_WINDOW.total_seconds())
    return (int(moment.timestamp()) // length + 1) * length


def _pair(key: Key) -> tuple[str, str]:
    return key["pk"], key["sk"]


def _rung_key(caller_id: str, callee_id: str, ends: int) -> Key:
    return {"pk": f"USER#{caller_id}", "sk": f"RUNG#{callee_id}#{ends}"}


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
        "answeredAt": call.answered_at,
        "endedAt": call.ended_at,
        "reason": str(call.reason) if call.reason else None,
        "epoch": call.epoch,
        "revision": call.revision,
        **_seat_item("caller", call.caller),
        **_seat_item("callee", call.callee),
        "ttl": epoch_in(days=CALL_KEPT_DAYS),
    }
    return {key: value for key, value in item.items() if value is not None}


def _seat_item(party: str, seat: Seat) -> Item:
    return {f"{party}Device": seat.device, f"{party}Session": seat.session, f"{party}SeenAt": seat.seen_at}


def call_of(item: Mapping[str, Any]) -> Call:
    """A call from its item."""
    return Call(
        id=item["callId"],
        caller_id=item["callerId"],
        callee_id=item["calleeId"],
        media=item["media"],
        state=CallState(item["state"]),
        created_at=item["createdAt"],
        answered_at=item.get("answeredAt"),
        ended_at=item.get("endedAt"),
        reason=_reason_of(item.get("reason")),
        caller=_seat_of(item, "caller"),
        callee=_seat_of(item, "callee"),
        epoch=item.get("epoch", 1),
        revision=item.get("revision", 0),
    )


def _seat_of(item: Mapping[str, Any], party: str) -> Seat:
    return Seat(item.get(f"{party}Device"), item.get(f"{party}Session"), item.get(f"{party}SeenAt"))


def _reason_of(stored: str | None) -> EndReason | None:
    """Calls of former versions have sentences here, which are not shown."""
    return EndReason(stored) if stored in set(EndReason) else None
