"""When a process counts as hung: after a minute without a response, however slow its responses are."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from kit.processes import Launch
from kit.supervisor import health, managed


class Enough(Exception):
    """The health check was called often enough."""


class SlowServer:
    """Answers a health check after ``seconds``, on a fake clock."""

    def __init__(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds, self.now, self.asked = seconds, 0.0, 0
        monkeypatch.setattr(managed, "time", SimpleNamespace(monotonic=lambda: self.now, time=time.time))
        monkeypatch.setattr(managed, "_HEALTH_SECONDS", 0)
        monkeypatch.setattr(managed, "_HEALTH_SECONDS_STARTING", 0)
        monkeypatch.setattr(health, "listens", lambda url: True)
        monkeypatch.setattr(health, "check", self.check)

    def check(self, url: str, timeout: float = 3.0) -> str:
        self.asked += 1
        if self.asked > 100:
            raise Enough
        self.now += min(timeout, self.seconds)
        return "ok" if self.seconds <= timeout else "down: timed out"


def watched(tmp_path: Path) -> managed.Managed:
    launch = Launch("one", "one", [], str(tmp_path), {}, "http://127.0.0.1:9/_health", None, [], 2, "1")
    return managed.Managed(launch, tmp_path, tmp_path, lambda: None)


@pytest.mark.parametrize("seconds", [0.1, 20.0, 55.0])
async def test_a_process_that_answers_slowly_is_not_killed(
    seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SlowServer(seconds, monkeypatch)
    with pytest.raises(Enough):
        await watched(tmp_path)._watch_health()


async def test_a_process_that_never_answers_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = SlowServer(3600, monkeypatch)
    await watched(tmp_path)._watch_health()
    assert server.now <= 120


def test_a_refused_connection_differs_from_a_taken_one() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{server.getsockname()[1]}/_health"
        assert not health.listens(url)
        server.listen()
        assert health.listens(url)
    assert health.listens("stun://127.0.0.1:9"), "a UDP port cannot be probed"
