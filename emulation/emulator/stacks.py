"""Tracks the progress of stacks: CloudFormation changes them after its responses, so no request reveals the changes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any


@dataclass
class StackProgress:
    """Whether any stack has changed since the last recorded check."""

    _noted: Any = None

    def moved(self) -> bool:
        return bool(_present() != self._noted)

    def note(self) -> None:
        self._noted = _present()


def _present() -> list[tuple[Any, ...]]:
    """Empty until CloudFormation is used: it is loaded by its first request."""
    service = sys.modules.get("ministack.services.cloudformation")
    if service is None:
        return []
    events = service._stack_events._data
    return [
        (key, stack.get("StackStatus"), sum(len(one) for scope, one in list(events.items()) if scope[2] == stack_id))
        for key, stack in list(service._stacks._data.items())
        for stack_id in [stack.get("StackId")]
    ]
