"""The open sockets of the gateway front, for the console: device and message counts of each."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from emulation.aws.messages import Scope


@dataclass
class OpenSocket:
    """``began`` is in epoch seconds; ``received`` are messages of the client. Its ticket is not kept."""

    api: str
    stage: str
    client: str
    device: str
    began: float = field(default_factory=time.time)
    received: int = 0
    sent: int = 0

    @classmethod
    def of(cls, api: str, stage: str, scope: Scope) -> OpenSocket:
        headers = dict(scope.get("headers") or ())
        address = scope.get("client") or ("", 0)
        return cls(
            api, stage, f"{address[0]}:{address[1]}", device_of(headers.get(b"user-agent", b"").decode("latin-1"))
        )


@dataclass
class OpenSockets:
    """The open sockets of one front."""

    _all: dict[int, OpenSocket] = field(default_factory=dict)

    def add(self, one: OpenSocket) -> None:
        self._all[id(one)] = one

    def remove(self, one: OpenSocket) -> None:
        self._all.pop(id(one), None)

    def described(self) -> list[dict[str, Any]]:
        """The newest first."""
        now = time.time()
        rows = sorted(self._all.values(), key=lambda one: one.began, reverse=True)
        return [
            {
                "api": one.api, "stage": one.stage, "client": one.client, "device": one.device,
                "seconds": round(now - one.began), "received": one.received, "sent": one.sent,
            }
            for one in rows
        ]  # fmt: skip


#: In this order: each of these names the later ones too.
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
            ("Windows", "Windows"), ("Linux", "Linux"))  # fmt: skip


def device_of(agent: str) -> str:
    """``Firefox on Android``; for other programs, their own name."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    if browser is None:
        return agent[:60] or "unknown"
    return f"{browser} on {system}" if system else browser
