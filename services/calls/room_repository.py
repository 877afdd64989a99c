"""Group calls in DynamoDB, in the table of calls. Access patterns and keys: docs/contexts/calls.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from services.calls.rooms import MESH_LIMIT, Place, Room
from services.common.clock import epoch_in
from services.common.dynamo import Item, Repository, plain, transacted

#: How long a room is kept after its last change.
_KEPT_DAYS = 1


def room_key(conversation_id: str) -> dict[str, str]:
    return {"pk": f"ROOM#{conversation_id}", "sk": "ROOM"}


def room_pointer_key(user_id: str) -> dict[str, str]:
    """The conversation in whose room a person was last."""
    return {"pk": f"USER#{user_id}", "sk": "ROOM"}


class RoomRepository(Repository):
    """Knows the items of rooms; the others of the table are ``CallRepository``'s."""

    def get(self, conversation_id: str) -> Room | None:
        """The conversation's last room, strongly consistent."""
        item = self.table.get_item(Key=room_key(conversation_id), ConsistentRead=True).get("Item")
        return room_of(plain(item)) if item else None

    def last_of(self, user_id: str) -> Room | None:
        """The room that somebody joined last; they may have left it."""
        item = self.table.get_item(Key=room_pointer_key(user_id), ConsistentRead=True).get("Item")
        return self.get(str(item["conversationId"])) if item else None

    def put(self, before: Room | None, after: Room, joins: str | None = None) -> Room | None:
        """Store ``after`` in place of ``before``, if nothing has changed since that was read.

        Args:
            joins: who joins by this change; their pointer is set with it.

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
        return stored if transacted(operations) else None


def _item(room: Room) -> Item:
    item = {
        **room_key(room.conversation_id),
        "type": "room",
        "roomId": room.id,
        "conversationId": room.conversation_id,
        "media": room.media,
        "startedBy": room.started_by,
        "createdAt": room.created_at,
        "endedAt": room.ended_at,
        "places": [asdict(place) for place in room.places],
        "audience": list(room.audience),
        "quiet": list(room.quiet),
        "path": room.path,
        "limit": room.limit,
        "revision": room.revision,
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
    )
