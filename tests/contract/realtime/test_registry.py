"""One test suite for every connection registry: the DynamoDB table and Redis."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from boto3.dynamodb.conditions import Key

from services.common import wire
from services.common.aws import table
from services.common.clock import now
from services.realtime import adapter, redis_registry, repository
from services.realtime.model import CONNECTION_LIFETIME, Connection, Connections
from services.realtime.redis_registry import RedisConnections, redis_connections
from services.realtime.repository import ConnectionTable
from tests.support.lambdas import new_user
from tests.support.servers import Servers


@pytest.fixture(scope="session")
def redis_url(servers: Servers) -> str:
    return servers.valkey().url


@pytest.fixture(params=["dynamodb", "redis"])
def registry(request: pytest.FixtureRequest) -> Connections:
    if request.param == "dynamodb":
        request.getfixturevalue("fresh")
        return ConnectionTable("realtime")
    return redis_connections(request.getfixturevalue("redis_url"))


def device() -> str:
    """A connection id as API Gateway makes them, with a character that needs care in keys."""
    return f"{uuid4()}="


def devices(registry: Connections, user: str) -> set[str]:
    return {connection.device for connection in registry.of_users([user])[user]}


def test_all_devices_of_the_named_users_and_no_others_are_found(registry: Connections) -> None:
    ann, bob, eve = new_user(), new_user(), new_user()
    made = [Connection(user, device(), now()) for user in (ann, ann, bob)]
    for connection in [*made, Connection(eve, device(), now())]:
        registry.add(connection)
    found = registry.of_users([ann, bob, ann, "nobody"])
    assert {user: {one.device for one in them} for user, them in found.items()} == {
        ann: {made[0].device, made[1].device}, bob: {made[2].device}, "nobody": set(),
    }  # fmt: skip
    assert abs(found[bob][0].connected_at - made[2].connected_at) < timedelta(seconds=1)
    assert registry.of_users([]) == {}


def test_adding_twice_is_adding_once(registry: Connections) -> None:
    one = Connection(new_user(), device(), now())
    registry.add(one)
    registry.add(one)
    assert len(registry.of_users([one.user_id])[one.user_id]) == 1


@pytest.mark.parametrize("knows_user", [True, False])
def test_a_removed_device_is_gone_and_the_others_stay(registry: Connections, knows_user: bool) -> None:
    ann = new_user()
    first, second = device(), device()
    for one in (first, second):
        registry.add(Connection(ann, one, now()))
    for _ in range(2):
        registry.remove(first, ann if knows_user else None)
    assert devices(registry, ann) == {second}
    registry.remove("never-was")
    registry.remove(second, new_user())
    assert devices(registry, ann) == {second}


def test_presence_is_found_for_many_people_at_once(registry: Connections) -> None:
    here, gone, never = new_user(), new_user(), new_user()
    left = device()
    registry.add(Connection(here, device(), now()))
    registry.add(Connection(gone, left, now()))
    registry.remove(left, gone)
    assert registry.present([here, gone, never, here]) == {here}
    assert registry.present([]) == set()


def test_a_connection_past_its_lifetime_does_not_count(registry: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = new_user()
    young = device()
    registry.add(Connection(ann, young, now()))
    alone = new_user()
    with monkeypatch.context() as patch:
        for module in (repository, redis_registry):
            patch.setattr(module, "CONNECTION_LIFETIME", timedelta(seconds=-1))
        registry.add(Connection(ann, device(), now()))
        registry.add(Connection(alone, device(), now()))
    assert devices(registry, ann) == {young}
    assert registry.present([alone]) == set()


def test_only_forgotten_connections_are_restored(registry: Connections) -> None:
    one = Connection(new_user(), device(), now())
    registry.add(one)
    assert not registry.restore(one)
    registry.remove(one.device, one.user_id)
    assert registry.restore(one)
    assert devices(registry, one.user_id) == {one.device}


@pytest.mark.usefixtures("fresh")
def test_the_table_keeps_one_item_per_user_for_as_long_as_its_last_connection() -> None:
    registry, ann, young = ConnectionTable("realtime"), new_user(), device()
    registry.add(Connection(ann, device(), now() - CONNECTION_LIFETIME))
    registry.add(Connection(ann, young, now()))
    registry.add(Connection(ann, device(), now() - timedelta(hours=1)))
    (item,) = table("realtime").query(KeyConditionExpression=Key("pk").eq(f"USER#{ann}"))["Items"]
    # The expired one is gone from the item, and the older one did not shorten its life.
    assert len([name for name in item if name.startswith("CONN#")]) == 2
    assert int(item["ttl"]) == -(-int(item[f"CONN#{young}"]) // 1000)


@pytest.mark.usefixtures("fresh")
def test_connections_of_hundreds_of_users_take_a_request_for_each_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, users = ConnectionTable("realtime"), [new_user() for _ in range(250)]
    for user in users[::50]:
        registry.add(Connection(user, device(), now()))
    asked = []
    read = wire.read
    monkeypatch.setattr(wire, "read", lambda operation, request: asked.append(operation) or read(operation, request))
    assert registry.present(users) == set(users[::50])
    assert {user for user, there in registry.of_users(users).items() if there} == set(users[::50])
    assert asked == ["BatchGetItem"] * 6


def test_every_redis_key_expires_and_no_command_spans_slots(redis_url: str) -> None:
    client: Any = redis.Redis.from_url(redis_url, decode_responses=True)
    ann = new_user()
    younger = Connection(ann, device(), now())
    older = Connection(ann, device(), now() - timedelta(hours=1))
    client.config_resetstat()
    registry = RedisConnections(client)
    for one in (younger, older):
        registry.add(one)
    registry.restore(older)
    registry.of_users([ann, new_user()])
    registry.present([ann, new_user()])
    registry.remove(older.device)
    # Each key expires on its own, the user's key with the last device.
    keys = [f"user:{{{ann}}}", f"device:{{{younger.device}}}"]
    lifetimes = [client.pttl(key) / 1000 for key in keys]
    assert all(7000 < seconds <= 7800 for seconds in lifetimes), lifetimes
    used = {name.removeprefix("cmdstat_") for name in client.info("commandstats")}
    assert not used & {"keys", "scan", "sscan", "zscan", "mget", "mset", "multi", "eval"}, used
    # The hash tag is the whole id, whatever it contains: CLUSTER KEYSLOT of key and tag agree.
    slots = [redis.crc.key_slot(text.encode()) for text in (keys[0], ann)]
    assert slots[0] == slots[1]


@pytest.mark.usefixtures("fresh")
def test_a_setting_selects_the_registry(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    adapter.registry.cache_clear()
    assert isinstance(adapter.registry(), ConnectionTable)
    adapter.registry.cache_clear()
    monkeypatch.setenv("REALTIME_REGISTRY_URL", redis_url)
    assert isinstance(adapter.registry(), RedisConnections)
    adapter.registry.cache_clear()
