"""The realtime table: connections by user, users by device, tickets by hash."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from services.common.aws import table
from services.common.clock import now
from services.common.dynamo import Item, accepted, batch_get, is_conditional_failure
from services.realtime.model import CONNECTION_LIFETIME, TICKET_LIFETIME, Connection, Ticket, ticket_hash
from services.realtime.workers import pool

_SORT, _PREFIX = "DEVICES", "CONN#"
#: Users of one request, as BatchGetItem takes them.
_BATCH = 100


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class _Table:
    """Calls go through the client (shared by threads, which a boto3 resource must not be)."""

    def __init__(self, table_name: str) -> None:
        self._name = table_name

    def _call(self, operation: str, **arguments: Any) -> Any:
        return getattr(table(self._name).meta.client, operation)(TableName=self._name, **arguments)


class ConnectionTable(_Table):
    """``USER#<userId>`` / ``DEVICES``: an attribute ``CONN#<device>`` for each connection, until when it counts (ms).

    One item per user, so that one request reads the connections of 100 users. ``CONN#<device>`` / ``CONN`` has the user
    of a device, for callers that know only the device.
    """

    def add(self, connection: Connection) -> None:
        until, seconds = _until(connection), _ttl(_until(connection))
        owner = {"pk": f"{_PREFIX}{connection.device}", "sk": "CONN", "userId": connection.user_id, "ttl": seconds}
        self._call("put_item", Item=owner)
        item = self._update(
            connection.user_id,
            UpdateExpression="SET #device = :until, #ttl = :ttl",
            ExpressionAttributeNames={"#device": f"{_PREFIX}{connection.device}", "#ttl": "ttl"},
            ExpressionAttributeValues={":until": until, ":ttl": seconds},
            ReturnValues="ALL_NEW",
        )
        self._tidy(connection.user_id, item)

    def _tidy(self, user_id: str, item: Item) -> None:
        """Forget connections that nobody removed, and keep the item for as long as its last one."""
        known = {name: int(value) for name, value in item.items() if name.startswith(_PREFIX)}
        over = [name for name, until in known.items() if until <= _epoch_ms(now())]
        seconds = _ttl(max(known.values()))
        if not over and seconds == int(item["ttl"]):
            return
        names = {f"#over{number}": name for number, name in enumerate(over)}
        removed = f" REMOVE {', '.join(names)}" if names else ""
        self._update(
            user_id,
            UpdateExpression=f"SET #ttl = :ttl{removed}",
            ExpressionAttributeNames={"#ttl": "ttl", **names},
            ExpressionAttributeValues={":ttl": seconds},
        )

    def _update(self, user_id: str, **update: Any) -> Item:
        attributes: Item = self._call("update_item", Key=_key(user_id), **update).get("Attributes", {})
        return attributes

    def remove(self, device: str, user_id: str | None = None) -> None:
        """Without the user: as the device's own item names them."""
        owner = {"pk": f"{_PREFIX}{device}", "sk": "CONN"}
        user = user_id or self._call("get_item", Key=owner, ConsistentRead=True).get("Item", {}).get("userId")
        if user and accepted(
            self._update,
            user_id=user,
            UpdateExpression="REMOVE #device",
            ConditionExpression="attribute_exists(#device)",
            ExpressionAttributeNames={"#device": f"{_PREFIX}{device}"},
        ):
            self._call("delete_item", Key=owner)

    def restore(self, connection: Connection) -> bool:
        """A read, which nearly always suffices; a write only for a missing connection."""
        known = self.of_users([connection.user_id])[connection.user_id]
        if any(one.device == connection.device for one in known):
            return False
        self.add(connection)
        return True

    def of_users(self, user_ids: Collection[str]) -> dict[str, list[Connection]]:
        """One consistent request for 100 users, side by side."""
        return self._read(user_ids, consistent=True)

    def present(self, user_ids: Collection[str]) -> set[str]:
        """Eventually consistent, which costs half."""
        return {user for user, connections in self._read(user_ids, consistent=False).items() if connections}

    def _read(self, user_ids: Collection[str], *, consistent: bool) -> dict[str, list[Connection]]:
        users = list(dict.fromkeys(user_ids))
        batches = [users[start : start + _BATCH] for start in range(0, len(users), _BATCH)]

        def read(batch: list[str]) -> dict[tuple[str, str, str], Item]:
            return batch_get({self._name: [(f"USER#{one}", _SORT) for one in batch]}, consistent=consistent)

        answers = map(read, batches) if len(batches) == 1 else pool().map(read, batches)
        found = {pk: item for answer in answers for (_, pk, _), item in answer.items()}
        return {user: _connections(user, found.get(f"USER#{user}", {})) for user in users}


def _key(user_id: str) -> dict[str, str]:
    return {"pk": f"USER#{user_id}", "sk": _SORT}


def _until(connection: Connection) -> int:
    return _epoch_ms(connection.connected_at + CONNECTION_LIFETIME)


def _ttl(until: int) -> int:
    """Epoch seconds, not before that moment."""
    return -(-until // 1000)


def _connections(user_id: str, item: Item) -> list[Connection]:
    """Those within their lifetime; nobody may have removed expired ones yet."""
    limit = _epoch_ms(now())
    return [
        Connection(user_id, name.removeprefix(_PREFIX), datetime.fromtimestamp(until / 1000, UTC) - CONNECTION_LIFETIME)
        for name, until in item.items()
        if name.startswith(_PREFIX) and until > limit
    ]


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
