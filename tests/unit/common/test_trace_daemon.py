"""Documents on their way to the X-Ray daemon: where it listens, what it gets, and work without one."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from services.common import spans
from services.common.spans import address_of

ROOT, SEGMENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:2000",
        "tcp:127.0.0.2:1 udp:127.0.0.1:2000",
        "udp:127.0.0.1:2000",
        "udp:127.0.0.1:2000 tcp:127.0.0.2:1",
    ],
)
def test_the_daemons_address_is_the_one_for_udp(text: str) -> None:
    assert address_of(text) == ("127.0.0.1", 2000)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """An X-Ray daemon in this process."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(60)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{listening.getsockname()[1]}")
        spans._daemon.cache_clear()
        yield listening
        spans._daemon().close()
        spans._daemon.cache_clear()


def test_documents_reach_the_daemon_that_the_environment_names(daemon: socket.socket) -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    spans.send_document({"name": "a", "annotations": {"value": Odd()}}, ROOT, SEGMENT)
    head, _, document = daemon.recv(65_536).partition(b"\n")
    assert json.loads(head) == {"format": "json", "version": 1}
    assert json.loads(document) == {
        "name": "a",
        "annotations": {"value": "odd"},
        "trace_id": ROOT,
        "parent_id": SEGMENT,
    }


def test_work_goes_on_without_a_daemon_and_never_waits_for_one(daemon: socket.socket) -> None:
    daemon.close()
    for _ in range(3):
        spans.send_document({"name": "a"}, ROOT, SEGMENT)
    assert not spans._daemon().getblocking()
