"""A reload request while the supervisor stops all processes makes it start them again."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from kit import processes
from kit.settings import Settings
from kit.supervisor.__main__ import Supervisor


def test_a_reload_during_the_stop_restarts_the_supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASYNCSNS_HOME", str(tmp_path))
    settings, seen = Settings(), list[str]()
    supervisor = Supervisor(settings)

    async def apply(_: object) -> None:
        seen.append("started")
        os.kill(os.getpid(), signal.SIGTERM)

    async def stop(_: object) -> None:
        seen.append("stopped")
        if len(seen) == 2:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0.05)  # the loop handles the signal

    monkeypatch.setattr(supervisor, "_apply", apply)
    monkeypatch.setattr(supervisor, "_stop", stop)
    monkeypatch.setattr(processes, "read_launches", lambda _: [])
    asyncio.run(asyncio.wait_for(supervisor.run(), 20))
    assert seen == ["started", "stopped", "started", "stopped"]
    assert not (settings.run / "supervisor.pid.json").exists()
