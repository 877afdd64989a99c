"""The registry of connections in Redis or Valkey (ElastiCache): the same guarantees as the table, in one round trip.

Keys, each with the time to live of what it holds; nothing looks for keys (no ``KEYS``, no ``SCAN``):

- ``user:{<userId>}``: sorted set, member = device, score = when it stops counting (ms). Redis before 7.4 and Valkey
  before 9 expire keys, not members, so the score says it for each and the key lives as long as its last.
- ``device:{<device>}``: the user id, for callers that know only the device.

The part in braces is the hash tag: it alone selects the slot
(https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/), no command names two keys, so a cluster
serves it as one node does.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from services.common.clock import now
from services.realtime.model import CONNECTION_LIFETIME, Connection

if TYPE_CHECKING:
    import redis

_TIMEOUT = 2.0


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class RedisConnections:
    """``Connections`` on one node or a cluster."""

    def __init__(self, client: redis.Redis | redis.RedisCluster) -> None:
        self._client: Any = client

    def add(self, connection: Connection) -> None:
        until = _until(connection)
        if until <= _ms(now()):
            return
        users = _user_key(connection.user_id)
        pipe = self._client.pipeline(transaction=False)
        pipe.set(_device_key(connection.device), connection.user_id, pxat=until)
        pipe.zremrangebyscore(users, "-inf", _ms(now()))
        pipe.zadd(users, {connection.device: until})
        # NX for a key without expiry, GT for one with: an older connection must not shorten the life of a newer one.
        pipe.pexpireat(users, until, nx=True)
        pipe.pexpireat(users, until, gt=True)
        pipe.execute()

    def remove(self, device: str, user_id: str | None = None) -> None:
        user = user_id or self._client.get(_device_key(device))
        pipe = self._client.pipeline(transaction=False)
        pipe.delete(_device_key(device))
        if user:
            pipe.zrem(_user_key(user), device)
        pipe.execute()

    def restore(self, connection: Connection) -> bool:
        if self._client.zscore(_user_key(connection.user_id), connection.device) is not None:
            return False
        self.add(connection)
        return True

    def of_users(self, user_ids: Collection[str]) -> dict[str, list[Connection]]:
        users = list(dict.fromkeys(user_ids))
        pipe = self._client.pipeline(transaction=False)
        for user in users:
            pipe.zrange(_user_key(user), f"({_ms(now())}", "+inf", byscore=True, withscores=True)
        answers = pipe.execute() if users else []
        return {
            user: [Connection(user, device, _connected_at(until)) for device, until in found]
            for user, found in zip(users, answers, strict=True)
        }

    def present(self, user_ids: Collection[str]) -> set[str]:
        users = list(dict.fromkeys(user_ids))
        pipe = self._client.pipeline(transaction=False)
        for user in users:
            pipe.zcount(_user_key(user), f"({_ms(now())}", "+inf")
        answers = pipe.execute() if users else []
        return {user for user, count in zip(users, answers, strict=True) if count}


def _user_key(user_id: str) -> str:
    return f"user:{{{user_id}}}"


def _device_key(device: str) -> str:
    return f"device:{{{device}}}"


def _until(connection: Connection) -> int:
    return _ms(connection.connected_at + CONNECTION_LIFETIME)


def _connected_at(until: float) -> datetime:
    return datetime.fromtimestamp(until / 1000, UTC) - CONNECTION_LIFETIME


@cache
def redis_connections(url: str) -> RedisConnections:
    """The registry at ``redis://host:port`` (``rediss``: TLS, ``unix``: a socket); ``?cluster=true`` for a cluster."""
    import redis

    plain, _, query = url.partition("?")
    is_cluster = "cluster=true" in query.split("&")
    common: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": _TIMEOUT,
        "socket_connect_timeout": _TIMEOUT,
    }
    if is_cluster:
        return RedisConnections(redis.RedisCluster.from_url(plain, **common))
    return RedisConnections(redis.Redis.from_url(plain, **common))
