"""The deployed web ACL's rate rule.

AWS WAF Developer Guide: "Using rate-based rule statements", "Custom responses for Block actions". ``tests/unit/edge``
tests with a clock that an address is admitted again when its rate has fallen.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.contract.deployed_edge import DeployedEdge

_CONNECTIONS = 4
_AT_ONCE = 50


@pytest.fixture
def rule(deployed_edge: DeployedEdge) -> dict[str, Any]:
    """The deployed rate rule."""
    config = deployed_edge.aws("cloudfront").get_distribution(Id=deployed_edge.distribution)["Distribution"]
    name, identity = config["DistributionConfig"]["WebACLId"].split("/")[-2:]
    acl = deployed_edge.aws("wafv2").get_web_acl(Name=name, Id=identity, Scope="CLOUDFRONT")["WebACL"]
    (found,) = [one for one in acl["Rules"] if "RateBasedStatement" in one["Statement"]]
    return dict(found)


def address() -> str:
    """A new loopback address for each run: requests count for five minutes."""
    return f"127.{secrets.randbelow(200) + 10}.{secrets.randbelow(250) + 1}.{secrets.randbelow(250) + 1}"


async def _statuses(base: str, source: str, count: int) -> list[int]:
    """``count`` pipelined requests from one address; returns the statuses in the order of each connection."""
    host, port = urlsplit(base).hostname, urlsplit(base).port or 80

    async def one(share: int) -> list[int]:
        reader, writer = await asyncio.open_connection(host, port, local_addr=(source, 0))
        found: list[int] = []
        while len(found) < share:
            batch = min(_AT_ONCE, share - len(found))
            writer.write(b"HEAD /theme.js HTTP/1.1\r\nhost: localhost\r\n\r\n" * batch)
            for _ in range(batch):
                answer = await reader.readuntil(b"\r\n\r\n")
                found.append(int(answer.split(b" ", 2)[1]))
        writer.close()
        return found

    shares = [count // _CONNECTIONS + (number < count % _CONNECTIONS) for number in range(_CONNECTIONS)]
    return [status for share in await asyncio.gather(*map(one, shares)) for status in share]


def test_an_address_above_the_rate_is_blocked_and_no_other(deployed_edge: DeployedEdge, rule: dict[str, Any]) -> None:
    base = deployed_edge.base.replace("localhost", "127.0.0.1")
    limit = rule["Statement"]["RateBasedStatement"]["Limit"]
    status = rule["Action"]["Block"]["CustomResponse"]["ResponseCode"]
    hasty, calm = address(), address()
    assert asyncio.run(_statuses(base, hasty, limit)) == [200] * limit
    with httpx.Client(transport=httpx.HTTPTransport(local_address=hasty), timeout=60) as client:
        for path in ("/", "/v1/status", "/media/nothing/thumb.webp"):
            answer = client.get(base + path)
            assert answer.status_code == status == 429, path
            assert answer.headers["x-cache"] == "Error from cloudfront"
    with httpx.Client(transport=httpx.HTTPTransport(local_address=calm), timeout=60) as client:
        assert client.get(base + "/").status_code == 200
