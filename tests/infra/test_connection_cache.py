"""Connections in ElastiCache: off by default; if enabled, reachable only from the functions that need it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from infra.targets import AWS, target_of
from kit.deploy.context import EMBEDDED, target_settings
from kit.settings import Settings
from tests.infra.templates import Templates, as_list, text

#: Functions that open or close connections, send, or read presence.
ASKING = {
    "realtime", "realtime-fanout", "chat", "chat-relay", "call", "call-timeout",
    "notifier", "pusher", "mobile-pusher",
}  # fmt: skip


@pytest.fixture(scope="module")
def cached(with_options: Templates) -> Templates:
    return with_options


def test_the_connection_cache_is_off_by_default(aws: Templates) -> None:
    assert aws.resources("AWS::ElastiCache::ServerlessCache") == {}
    assert aws.resources("AWS::EC2::VPC") == {}
    assert "REALTIME_REGISTRY_URL" not in text(aws.functions())


def test_only_functions_that_look_up_connections_are_in_the_network(cached: Templates) -> None:
    functions = cached.functions()
    placed = {name for name, row in functions.items() if "VpcConfig" in row}
    named = {
        name for name, row in functions.items() if "REALTIME_REGISTRY_URL" in row.get("Environment", {})["Variables"]
    }
    assert placed == named == ASKING
    for name in ASKING:
        url = text(functions[name]["Environment"]["Variables"]["REALTIME_REGISTRY_URL"])
        assert "rediss://" in url and ":6379?cluster=true" in url
        assert "redis" in text(functions[name]["Layers"]).lower()


def test_the_cache_accepts_connections_only_from_these_functions(cached: Templates) -> None:
    (cache,) = cached.resources("AWS::ElastiCache::ServerlessCache").values()
    assert cache["Engine"] == "valkey"
    assert cache["CacheUsageLimits"]["DataStorage"]["Maximum"] == 1
    assert len(cache["SecurityGroupIds"]) == 1
    entries = list(cached.resources("AWS::EC2::SecurityGroupIngress").values())
    assert {row["FromPort"] for row in entries} == {6379, 6380}
    for row in entries:
        assert "SourceSecurityGroupId" in row
        assert "CidrIp" not in row
    for row in cached.resources("AWS::EC2::SecurityGroup").values():
        assert "SecurityGroupIngress" not in row
        assert not [out for out in row.get("SecurityGroupEgress", []) if out.get("IpProtocol") == "-1"]


def test_with_the_cache_only_the_ticket_function_uses_the_table(cached: Templates) -> None:
    for name in ASKING - {"realtime"}:
        statements = cached.statements(name)
        assert not [row for row in statements if "Realtime" in row["Sid"]], name
        (network,) = [row for row in statements if row["Sid"] == "Network"]
        assert all(action.startswith("ec2:") for action in as_list(network["Action"]))


def test_an_existing_redis_is_used_by_url_without_a_network(templates_for: Callable[..., Templates]) -> None:
    templates = templates_for(EMBEDDED, ASYNCSNS_REALTIME_REGISTRY="redis://127.0.0.1:6379")
    functions = templates.functions()
    for name in ASKING:
        assert functions[name]["Environment"]["Variables"]["REALTIME_REGISTRY_URL"] == "redis://127.0.0.1:6379"
        assert "VpcConfig" not in functions[name]


@pytest.mark.parametrize(("target", "chosen"), [(EMBEDDED, "elasticache"), (AWS, "memcached")])
def test_a_registry_unsupported_by_the_target_is_refused(target: str, chosen: str) -> None:
    with pytest.raises(ValueError, match="ASYNCSNS_REALTIME_REGISTRY: expected"):
        target_of(target, target_settings(target, Settings(), {}), {"ASYNCSNS_REALTIME_REGISTRY": chosen})
