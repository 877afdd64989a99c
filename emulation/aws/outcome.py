"""The outcome of a function's invocation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """``error`` is the X-Amz-Function-Error; ``started`` is false when throttled."""

    payload: Any = None
    error: str | None = None
    status: int = 200
    started: bool = True
    request_id: str = ""
