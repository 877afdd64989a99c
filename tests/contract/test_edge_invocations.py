"""Functions that the edge invokes through the emulator's port: same events as over HTTP, with a fallback to HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from emulation.aws.invocation_frames import socket_path
from tests.contract.edge_support import EdgeNetwork
from tests.contract.emulator_process import wait_until

#: A connection for each request.
_OWN = ("requestId", "time", "timeEpoch", "domainName", "domainPrefix")
_OF_THE_HOP = ("connection", "host", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto")


def _event(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    for name in _OF_THE_HOP:
        event["headers"].pop(name, None)
    return event | {"requestContext": {n: v for n, v in event["requestContext"].items() if n not in _OWN}}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("GET", "/v1/things/a%20b?x=1&x=2&y=", b"", {"cookie": "p=1; q=2"}),
        ("GET", "/v1/things/a%252Fb", b"", {}),
        ("GET", "/v1/things/caf%C3%A9?x=%26", b"", {"x-name": "caf\u00e9"}),
        ("GET", "/v1/things/7/", b"", {}),
        ("GET", "/v1//things//7", b"", {}),
        ("POST", "/v1/echo", b'{"a": "\xc3\xa9"}', {"content-type": "application/json"}),
        ("POST", "/v1/echo", bytes(range(256)), {"content-type": "image/png"}),
        ("POST", "/v1/echo", b"", {}),
        ("DELETE", "/v1/echo", b"", {"x-twice": "1, 2"}),
    ],
)
def test_the_event_is_that_of_the_emulators_gateway(
    edge: EdgeNetwork, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    def ask(base: str) -> dict[str, Any]:
        sent = {name: value.encode() for name, value in headers.items()}
        edge.client.cookies.clear()  # of other tests, for one of the two hosts
        return _event(edge.client.request(method, base + path, content=body, headers=sent))

    assert ask(edge.api) == ask(f"{edge.emulator.url}/_aws/execute-api/{edge.http_api}")
    assert edge.health()["functions"] == "port"


def test_only_the_owner_can_open_the_invocation_socket(edge: EdgeNetwork) -> None:
    path = socket_path(edge.emulator.home)
    assert path is not None
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_killed_emulator_is_503_until_its_port_is_back(edge: EdgeNetwork) -> None:
    assert edge.client.get(edge.api + "/v1/echo").status_code == 200
    edge.emulator.kill()
    try:
        wait_until(lambda: edge.client.get(edge.api + "/v1/echo").status_code == 503, 60, "503")
        assert edge.health()["functions"] == "http"
    finally:
        edge.emulator.start()
    wait_until(lambda: edge.client.get(edge.api + "/v1/echo").status_code == 200, 60, "an answer")
    wait_until(lambda: edge.client.get(edge.api + "/v1/echo") and edge.health()["functions"] == "port", 60, "the port")
