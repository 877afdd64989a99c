"""Host names of this machine: a DNS name of another site that resolves to loopback is refused (DNS rebinding)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.doors import doors, is_api
from emulation.guard import Doors, Judge, name_of
from tests.support.guarded import MISDIRECTED, PASSED, SETTINGS, SPELLINGS, ask

#: A host name of this machine, as a browser sends it.
OWN_NAME = re.compile(
    r"(localhost|[a-z0-9._-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.IGNORECASE | re.ASCII
)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", PASSED), ("localhost:4566", PASSED), ("LocalHost:1", PASSED), ("127.0.0.1", PASSED),
        ("127.0.0.1:65535", PASSED), ("[::1]", PASSED), ("[::1]:8080", PASSED), ("bucket.s3.localhost:4566", PASSED),
        ("evil.test", MISDIRECTED), ("evil.test:8080", MISDIRECTED), ("localhost.evil.test", MISDIRECTED),
        ("notlocalhost", MISDIRECTED), ("127.0.0.1.evil.test:80", MISDIRECTED), ("127.0.0.1:80:80", MISDIRECTED),
        ("127.0.0.2:80", PASSED), ("127.255.255.254", PASSED), ("127.1", MISDIRECTED), ("127.0.0.256", MISDIRECTED),
        ("127.0.0.01", MISDIRECTED), ("2130706433", MISDIRECTED), ("0x7f000001", MISDIRECTED),
        ("127.0.0.1.", MISDIRECTED), ("user@localhost", MISDIRECTED), ("localhost/evil.test", MISDIRECTED),
        ("localhost.", MISDIRECTED), ("[::ffff:127.0.0.1]:80", MISDIRECTED), ("localhost, evil.test", MISDIRECTED),
        (" localhost", MISDIRECTED), ("localhost\t", MISDIRECTED), ("http://localhost", MISDIRECTED),
        ("localhost#.evil.test", MISDIRECTED), ("l\xf6calhost", MISDIRECTED), ("evil.test#.localhost", MISDIRECTED),
        ("127.0.0.1.localhost.evil.test", MISDIRECTED),
        ("0.0.0.0:8080", MISDIRECTED), ("10.0.0.7", MISDIRECTED), ("", MISDIRECTED), ("::1", MISDIRECTED),
        ("localhost@evil.test", MISDIRECTED), ("d111.cloudfront.net", MISDIRECTED),
        ("localhost:", MISDIRECTED), ("localhost:\xb2", MISDIRECTED), ("localhost:123456", MISDIRECTED),
        ("evil.test:x.localhost", MISDIRECTED), ("evil.test/.localhost", MISDIRECTED), (".localhost", MISDIRECTED),
    ],
)  # fmt: skip
def test_a_host_is_a_name_of_this_machine(host: str, status: int | None, kind: str) -> None:
    assert ask(Doors(), {"host": host}, kind)[0] == status


def test_without_a_host_nothing_is_served() -> None:
    assert ask(Doors(), {})[0] == MISDIRECTED


@settings(max_examples=400, deadline=None)
@given(before=SPELLINGS, name=st.sampled_from(["localhost", "127.0.0.1", "[::1]", "a.localhost"]), after=SPELLINGS)
def test_no_spelling_of_another_host_is_this_machine(before: str, name: str, after: str) -> None:
    host = f"{before}{name}{after}"
    refusal = Judge(Doors()).refusal("GET", "/", b"", [(b"host", host.encode("latin-1"))])
    assert refusal is not None or OWN_NAME.fullmatch(host)


@pytest.mark.parametrize("forged", ["x-forwarded-host", "x-original-host", "forwarded", "x-host", "x-forwarded-server"])
def test_no_other_header_overrides_the_host(forged: str) -> None:
    assert ask(doors(SETTINGS, "edge"), {"host": "evil.test", forged: "localhost"})[0] == MISDIRECTED


@pytest.mark.parametrize("host", ["d111.cloudfront.net", "D111.CloudFront.localhost", "d.cloudfront.net:1:.localhost"])
@pytest.mark.parametrize("port", ["", ":4566"])
def test_the_emulator_serves_nothing_as_a_distribution(host: str, port: str) -> None:
    """Without the guard, MiniStack would serve private media without a signature."""
    assert ask(doors(SETTINGS, "emulator", is_api), {"host": host + port})[0] == MISDIRECTED


def test_deployed_host_names_are_looked_up_on_each_request() -> None:
    deployed: set[str] = set()
    keep = doors(SETTINGS, "edge", deployed.__contains__)
    assert ask(keep, {"host": "D111.cloudfront.net"})[0] == MISDIRECTED
    deployed.add("d111.cloudfront.net")
    assert ask(keep, {"host": "D111.cloudfront.net"})[0] == PASSED


def test_an_api_is_known_by_its_name_on_aws() -> None:
    keep = doors(SETTINGS, "gateway", is_api)
    assert ask(keep, {"host": "a5c0de01.execute-api.us-east-1.amazonaws.com"})[0] == PASSED
    assert ask(keep, {"host": "d111.cloudfront.net"})[0] == MISDIRECTED
    for host in ("a.execute-api.evil.test", "execute-api.us-east-1.amazonaws.com.evil.test", "s3.amazonaws.com"):
        assert ask(keep, {"host": host})[0] == MISDIRECTED


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("A.b:80", "a.b"), ("a.b", "a.b"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("a:", "a:"), ("", ""),
        ("a:\xb2", "a:\xb2"),
    ],
)  # fmt: skip
def test_a_port_is_not_part_of_the_name(host: str, name: str) -> None:
    assert name_of(host) == name


def test_remembered_hosts_are_bounded() -> None:
    judge = Judge(Doors())
    for port in range(1000):
        assert judge.refusal("GET", "/", b"", [(b"host", f"localhost:{port}".encode())]) is None
    assert len(judge._known_hosts) == 256
