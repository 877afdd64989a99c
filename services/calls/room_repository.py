"""Group calls in DynamoDB, in the table of calls. Access patterns and keys: docs/contexts/calls.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from services.calls.rooms import MESH_LIMIT, Attendance, GroupCall, Place, Room
from services.common.clock import epoch_in
from services.common.dynamo import Item, Repository, plain, transacted

#: How long a room is kept after its last change.
_KEPT_DAYS = 1
#: How long a call is kept, and what the sort keys of a person's list of calls begin with.
CALL_KEPT_DAYS = 90
HISTORY = "HISTORY#"
#: A call that rings for more people stays in the lists of those alone who were in it: each is an item of the
#: transaction (100 at most).
MISSED_LIMIT = 50


def room_key(conversation_id: str) -> dict[str, str]:
    return {"pk": f"ROOM#{conversation_id}", "sk": "ROOM"}


def group_call_key(room_id: str) -> dict[str, str]:
    """The stored record of a group call, for the list of calls."""
    return {"pk": f"GROUPCALL#{room_id}", "sk": "GROUPCALL"}


def room_pointer_key(user_id: str) -> dict[str, str]:
    """The conversation in whose room a person was last."""
    return {"pk": f"USER#{user_id}", "sk": "ROOM"}


class RoomRepository(Repository):
    """Reads and writes items of rooms; ``CallRepository`` has the other items of the table."""

    def get(self, conversation_id: str) -> Room | None:
        """The conversation's last room, strongly consistent."""
        item = self.table.get_item(Key=room_key(conversation_id), ConsistentRead=True).get("Item")
        return room_of(plain(item)) if item else None

    def last_of(self, user_id: str) -> Room | None:
        """The room that somebody joined last; they may have left it."""
        item = self.table.get_item(Key=room_pointer_key(user_id), ConsistentRead=True).get("Item")
        return self.get(str(item["conversationId"])) if item else None

    def put(
        self, before: Room | None, after: Room, joins: str | None = None, lapsed: Room | None = None
    ) -> Room | None:
        """Store ``after`` in place of ``before``, if nothing has changed since that was read; and with it what is kept
        of the call, where people came or left.

        Args:
            joins: who joins by this change; their pointer is set with it, and the call is in their list.
            lapsed: the former call of the conversation, as it ended, where ``after`` is another.

        Returns:
            The room as it is stored; ``None`` when it had changed: read again and decide again.
        """
        stored = replace(after, revision=(before.revision if before else 0) + 1)
        room: dict[str, Any] = {"TableName": self.name, "Item": _item(stored)}
        if before is None:
            room["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            room |= {"ConditionExpression": "revision = :seen", "ExpressionAttributeValues": {":seen": before.revision}}
        operations = [{"Put": room}]
        if joins is not None:
            pointer = {"conversationId": after.conversation_id, "ttl": epoch_in(days=_KEPT_DAYS)}
            operations.append({"Put": {"TableName": self.name, "Item": {**room_pointer_key(joins), **pointer}}})
        operations.extend({"Put": {"TableName": self.name, "Item": item}} for item in _kept(before, stored, joins))
        if lapsed is not None:
            operations.append({"Put": {"TableName": self.name, "Item": _call_item(lapsed.call())}})
        return stored if transacted(operations) else None


def _kept(before: Room | None, after: Room, joins: str | None) -> list[Item]:
    """Writes to the lists of calls for this change, all in the transaction, so that none comes after an account was
    deleted."""
    begins = before is None or before.id != after.id
    rung = after.rung() if begins and len(after.rung()) <= MISSED_LIMIT else ()
    listed = dict.fromkeys((*rung, *([joins] if joins is not None else [])))
    rows: list[Item] = [
        {
            "pk": f"USER#{one}",
            "sk": f"{HISTORY}{after.id}",
            "type": "history",
            "roomId": after.id,
            "ttl": epoch_in(days=CALL_KEPT_DAYS),
        }
        for one in listed
    ]
    has_changed = begins or before is None or before.call() != after.call()
    return [*rows, _call_item(after.call())] if has_changed else rows


def _call_item(call: GroupCall) -> Item:
    item = {
        **group_call_key(call.id),
        "type": "group-call",
        "roomId": call.id,
        "conversationId": call.conversation_id,
        "title": call.title,
        "media": call.media,
        "startedBy": call.started_by,
        "createdAt": call.created_at,
        "endedAt": call.ended_at,
        "attendances": [asdict(one) for one in call.attendances],
        "ttl": epoch_in(days=CALL_KEPT_DAYS),
    }
    return {key: value for key, value in item.items() if value is not None}


def group_call_of(item: Mapping[str, Any]) -> GroupCall:
    """The record of a group call, from its item."""
    return GroupCall(
        id=item["roomId"],
        conversation_id=item["conversationId"],
        title=item.get("title"),
        media=item["media"],
        started_by=item["startedBy"],
        created_at=item["createdAt"],
        ended_at=item.get("endedAt"),
        attendances=_attendances(item["attendances"]),
    )


def _attendances(stored: Sequence[Mapping[str, Any]]) -> tuple[Attendance, ...]:
    return tuple(Attendance(one["user_id"], int(one["seconds"]), one.get("since")) for one in stored)


def _item(room: Room) -> Item:
    item = {
        **room_key(room.conversation_id),
        "type": "room",
        "roomId": room.id,
        "conversationId": room.conversation_id,
        "media": room.media,
        "startedBy": room.started_by,
        "title": room.title,
        "createdAt": room.created_at,
        "endedAt": room.ended_at,
        "places": [asdict(place) for place in room.places],
        "audience": list(room.audience),
        "quiet": list(room.quiet),
        "path": room.path,
        "limit": room.limit,
        "revision": room.revision,
        "left": [asdict(one) for one in room.left],
        "ttl": epoch_in(days=_KEPT_DAYS),
    }
    return {key: value for key, value in item.items() if value is not None}


def room_of(item: Mapping[str, Any]) -> Room:
    """A room from its item."""
    return Room(
        id=item["roomId"],
        conversation_id=item["conversationId"],
        media=item["media"],
        started_by=item["startedBy"],
        created_at=item["createdAt"],
        places=tuple(Place(**{**place, "sends": tuple(place.get("sends", ()))}) for place in item["places"]),
        audience=tuple(item["audience"]),
        quiet=tuple(item["quiet"]),
        ended_at=item.get("endedAt"),
        path=item.get("path", "mesh"),
        limit=int(item.get("limit", MESH_LIMIT)),
        revision=int(item["revision"]),
        title=item.get("title"),
        left=_attendances(item.get("left", [])),
    )
