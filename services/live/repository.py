"""Broadcasts in DynamoDB. Access patterns and keys: docs/contexts/live.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.common.clock import epoch_in, from_text, to_text
from services.common.dynamo import Item, Repository, batch_get, plain, transacted
from services.common.partitions import items_of
from services.live.model import VIEWING_TIME, Broadcast, LiveAudience, LiveState

#: How long a broadcast and what was written beside it are kept after the last change.
KEPT_DAYS = 30
#: How long a sign of life of a viewer is kept.
_VIEWING_HOURS = 1
_RUNNING = "RUNNING"


def live_key(live_id: str) -> dict[str, str]:
    return {"pk": f"LIVE#{live_id}", "sk": "LIVE"}


def current_key(host_id: str) -> dict[str, str]:
    """A host's running broadcast; there is at most one."""
    return {"pk": f"USER#{host_id}", "sk": "CURRENT"}


class LiveRepository(Repository):
    """Reads and writes items of broadcasts and viewers; ``LiveMessageRepository`` has those of messages."""

    def get(self, live_id: str) -> Broadcast | None:
        """Strongly consistent."""
        item = self.table.get_item(Key=live_key(live_id), ConsistentRead=True).get("Item")
        return broadcast_of(plain(item)) if item else None

    def current_id(self, host_id: str) -> str | None:
        """The broadcast of this host that is not over."""
        item = self.table.get_item(Key=current_key(host_id), ConsistentRead=True).get("Item")
        return str(item["liveId"]) if item else None

    def current_of(self, host_id: str) -> Broadcast | None:
        live_id = self.current_id(host_id)
        return self.get(live_id) if live_id else None

    def running(self) -> list[tuple[str, str]]:
        """``(live id, host id)`` of all that are not over, by the id."""
        return [(item["sk"], item["hostId"]) for item in items_of(self.name, _RUNNING)]

    def find(self, live_ids: Iterable[str]) -> list[Broadcast]:
        """In the order of the ids, without those that are gone."""
        keys = [(f"LIVE#{one}", "LIVE") for one in live_ids]
        found = batch_get({self.name: keys}, consistent=True) if keys else {}
        return [broadcast_of(found[self.name, *key]) for key in keys if (self.name, *key) in found]

    def begin(self, live: Broadcast) -> bool:
        """Store a new one; ``False`` when its host has one that is not over, or there is one of its id."""
        new = {"TableName": self.name, "ConditionExpression": "attribute_not_exists(pk)"}
        running = {"pk": _RUNNING, "sk": live.id, "hostId": live.host_id}
        return transacted(
            [
                {"Put": {**new, "Item": _item(replace(live, revision=1))}},
                {"Put": {**new, "Item": {**current_key(live.host_id), "liveId": live.id}}},
                {"Put": {"TableName": self.name, "Item": running}},
            ]
        )

    def put(self, before: Broadcast, after: Broadcast) -> Broadcast | None:
        """Store ``after`` in place of ``before``, if nothing has changed since that was read.

        Returns:
            The broadcast as it is stored; ``None`` when it had changed: read again and decide again.
        """
        stored = replace(after, revision=before.revision + 1)
        unchanged = {
            "TableName": self.name,
            "ConditionExpression": "revision = :seen",
            "ExpressionAttributeValues": {":seen": before.revision},
        }
        operations: list[dict[str, Any]] = [{"Put": {**unchanged, "Item": _item(stored)}}]
        if after.is_over:
            gone = ({"pk": _RUNNING, "sk": after.id}, current_key(after.host_id))
            operations += [{"Delete": {"TableName": self.name, "Key": key}} for key in gone]
        return stored if transacted(operations) else None

    def watch(self, live_id: str, user_id: str, session: str, at: datetime) -> None:
        """Store a heartbeat of a watching page."""
        self.table.put_item(
            Item={
                **_viewer_key(live_id, user_id, session),
                "type": "viewer",
                "userId": user_id,
                "seenAt": to_text(at),
                "gsi1pk": f"USER#{user_id}",
                "gsi1sk": f"VIEWER#{live_id}#{session}",
                "ttl": epoch_in(hours=_VIEWING_HOURS),
            }
        )

    def leave(self, live_id: str, user_id: str, session: str) -> None:
        """Without effect when that page does not watch."""
        self.table.delete_item(Key=_viewer_key(live_id, user_id, session))

    def viewers(self, live_id: str, at: datetime) -> set[str]:
        """The viewers: each person once, however many pages they have."""
        since = to_text(at - VIEWING_TIME)
        return {item["userId"] for item in items_of(self.name, f"LIVE#{live_id}", prefix="VIEWER#")
                if item["seenAt"] > since}  # fmt: skip

    def put_out(self, live_id: str, user_id: str) -> int:
        """Remove this viewer; returns how many of their pages watched."""
        found = list(items_of(self.name, f"LIVE#{live_id}", prefix=f"VIEWER#{user_id}#"))
        for item in found:
            self.table.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
        return len(found)


def _viewer_key(live_id: str, user_id: str, session: str) -> dict[str, str]:
    return {"pk": f"LIVE#{live_id}", "sk": f"VIEWER#{user_id}#{session}"}


def _item(live: Broadcast) -> Item:
    item = {
        **live_key(live.id),
        "type": "live",
        "liveId": live.id,
        "hostId": live.host_id,
        "title": live.title,
        "audience": str(live.audience),
        "state": str(live.state),
        "createdAt": live.created_at,
        "startedAt": live.started_at,
        "endedAt": live.ended_at,
        "interruptedAt": live.interrupted_at,
        "viewers": live.viewers,
        "mostViewers": live.most_viewers,
        "revision": live.revision,
        "gsi1pk": f"USER#{live.host_id}",
        "gsi1sk": f"LIVE#{live.created_at}#{live.id}",
        "ttl": int((from_text(live.ended_at or live.created_at) + timedelta(days=KEPT_DAYS)).timestamp()),
    }
    return {key: value for key, value in item.items() if value is not None}


def broadcast_of(item: Mapping[str, Any]) -> Broadcast:
    """A broadcast from its item."""
    return Broadcast(
        id=item["liveId"],
        host_id=item["hostId"],
        title=item["title"],
        audience=LiveAudience(item["audience"]),
        state=LiveState(item["state"]),
        created_at=item["createdAt"],
        started_at=item.get("startedAt"),
        ended_at=item.get("endedAt"),
        interrupted_at=item.get("interruptedAt"),
        viewers=int(item["viewers"]),
        most_viewers=int(item["mostViewers"]),
        revision=int(item["revision"]),
    )
