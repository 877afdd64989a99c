"""Events and answers that are passed on as the JSON that they came as: nobody on the way reads them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawEvent:
    """``content`` is JSON; ``trace`` the trace header of the request that it stands for."""

    content: bytes
    trace: str = ""


@dataclass(frozen=True, slots=True)
class RawResult:
    """What a function answered to a raw event, as JSON."""

    content: bytes
