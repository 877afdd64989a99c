"""Notes which command stopped the network for its own work, so that a killed one does not leave it stopped unsaid."""

from __future__ import annotations

from pathlib import Path

from kit.settings import Settings
from kit.supervisor import client


def stop(settings: Settings, command: str) -> None:
    """Stop the network for ``command``; the next `make up` starts it."""
    if client.is_running(settings):
        _file(settings).write_text(command, "utf-8")
    client.stop(settings)


def reason(settings: Settings) -> str | None:
    """Why nothing runs, where a command stopped the network and did not start it again."""
    try:
        command = _file(settings).read_text("utf-8")
    except (OSError, ValueError):
        return None
    if client.is_running(settings):
        return None
    return f"`{command}` stopped the network and was interrupted before it started again: `make up` starts it"


def forget(settings: Settings) -> None:
    """It runs again, or was stopped on purpose."""
    _file(settings).unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    return settings.home / "stopped-for"
