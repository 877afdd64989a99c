"""The realtime table: connections by user (and by device through ``gsi1``), tickets by hash."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from services.common.aws import table
from services.common.clock import epoch_in, now
from services.common.dynamo import Item, is_conditional_failure
from services.realtime.model import CONNECTION_LIFETIME, TICKET_LIFETIME, Connection, Ticket, ticket_hash
from services.realtime.workers import pool


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class _Table:
    """Calls go through the client (shared by threads, which a boto3 resource must not be)."""

    def __init__(self, table_name: str) -> None:
        self._name = table_name

    def _call(self, operation: str, **arguments: Any) -> Any:
        return getattr(table(self._name).meta.client, operation)(TableName=self._name, **arguments)


class ConnectionTable(_Table):
    """``USER#<userId>`` / ``CONN#<device>``; ``gsi1`` finds the same item by its device."""

    def add(self, connection: Connection) -> None:
        self._call(
            "put_item",
            Item={
                "pk": f"USER#{connection.user_id}",
                "sk": f"CONN#{connection.device}",
                "gsi1pk": f"CONN#{connection.device}",
                "gsi1sk": f"USER#{connection.user_id}",
                "connectedAt": _epoch_ms(connection.connected_at),
                "ttl": epoch_in(seconds=CONNECTION_LIFETIME.total_seconds()),
            },
        )

    def remove(self, device: str, user_id: str | None = None) -> None:
        """One delete when the user is known; else the index is asked first (it may lag: then the TTL does it)."""
        users = [user_id] if user_id else self._users_of(device)
        for user in users:
            self._call("delete_item", Key={"pk": f"USER#{user}", "sk": f"CONN#{device}"})

    def restore(self, connection: Connection) -> bool:
        """A read, which nearly always suffices; a write only for a missing connection."""
        key = {"pk": f"USER#{connection.user_id}", "sk": f"CONN#{connection.device}"}
        if "Item" in self._call("get_item", Key=key, ConsistentRead=True, ProjectionExpression="pk"):
            return False
        self.add(connection)
        return True

    def of_users(self, user_ids: Collection[str]) -> dict[str, list[Connection]]:
        """A consistent Query for each user, side by side."""
        users = list(dict.fromkeys(user_ids))
        if len(users) == 1:
            return {users[0]: self._of_user(users[0])}
        return dict(zip(users, pool().map(self._of_user, users), strict=True))

    def present(self, user_ids: Collection[str]) -> set[str]:
        """Eventually consistent, which costs half, and keys only."""

        def has_any(user: str) -> bool:
            return bool(self._items(user, ProjectionExpression="sk"))

        users = list(dict.fromkeys(user_ids))
        there = pool().map(has_any, users) if len(users) > 1 else map(has_any, users)
        return {user for user, is_there in zip(users, there, strict=True) if is_there}

    def _of_user(self, user_id: str) -> list[Connection]:
        return [_connection(user_id, item) for item in self._items(user_id, ConsistentRead=True)]

    def _items(self, user_id: str, **options: Any) -> list[Item]:
        """The user's connections within their lifetime; TTL may not have deleted expired ones yet."""
        query: dict[str, Any] = {
            "KeyConditionExpression": Key("pk").eq(f"USER#{user_id}") & Key("sk").begins_with("CONN#"),
            "FilterExpression": Attr("ttl").gt(int(now().timestamp())),
            **options,
        }
        items: list[Item] = []
        while True:
            answer = self._call("query", **query)
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return items
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _users_of(self, device: str) -> list[str]:
        answer = self._call("query", IndexName="gsi1", KeyConditionExpression=Key("gsi1pk").eq(f"CONN#{device}"))
        return [item["gsi1sk"].removeprefix("USER#") for item in answer["Items"]]


def _connection(user_id: str, item: Item) -> Connection:
    connected_at = datetime.fromtimestamp(int(item["connectedAt"]) / 1000, UTC)
    return Connection(user_id, item["sk"].removeprefix("CONN#"), connected_at)


class TicketTable(_Table):
    """``TICKET#<sha256>`` / ``TICKET``."""

    def put(self, ticket: Ticket) -> None:
        self._call(
            "put_item",
            Item={
                "pk": f"TICKET#{ticket_hash(ticket.secret)}",
                "sk": "TICKET",
                "userId": ticket.user_id,
                "expiresAt": _epoch_ms(ticket.expires_at),
                "ttl": int((ticket.expires_at + timedelta(minutes=5)).timestamp()),
            },
        )

    def take(self, secret: str) -> str | None:
        """A conditional delete: only one of two tries succeeds; the expiry is checked, TTL only cleans up."""
        try:
            answer = self._call(
                "delete_item",
                Key={"pk": f"TICKET#{ticket_hash(secret)}", "sk": "TICKET"},
                ConditionExpression=Attr("expiresAt").gt(_epoch_ms(now())),
                ReturnValues="ALL_OLD",
            )
        except ClientError as error:
            if is_conditional_failure(error):
                return None
            raise
        ticket = answer["Attributes"]
        return None if self._is_void(ticket) else str(ticket["userId"])

    def void(self, user_id: str, moment: datetime) -> None:
        """Kept for as long as a ticket may live, and a little longer."""
        until = int((now() + TICKET_LIFETIME + timedelta(minutes=5)).timestamp())
        self._call("put_item", Item={**_void_key(user_id), "at": _epoch_ms(moment), "ttl": until})

    def _is_void(self, ticket: Item) -> bool:
        found = self._call("get_item", Key=_void_key(str(ticket["userId"])), ConsistentRead=True).get("Item")
        issued = int(ticket["expiresAt"]) - int(TICKET_LIFETIME.total_seconds() * 1000)
        return found is not None and issued <= int(found["at"])


def _void_key(user_id: str) -> dict[str, str]:
    return {"pk": f"USER#{user_id}", "sk": "SIGNED-OUT"}
