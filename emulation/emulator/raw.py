"""Events and responses that are passed on as raw JSON, without parsing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawEvent:
    """``content`` is JSON; ``trace`` the trace header of the request that it stands for."""

    content: bytes
    trace: str = ""


@dataclass(frozen=True, slots=True)
class RawResult:
    """A function's response to a raw event, as JSON."""

    content: bytes
