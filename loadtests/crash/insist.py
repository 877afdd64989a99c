"""Tries again under the same id until it is acknowledged, as an app does."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from kit.client import Problem

#: An operation is sent again for so long before it is called unsure.
PATIENCE_SECONDS = 60.0
_AGAIN_SECONDS = 0.3
_TOO_MANY = 429


def insist(act: Callable[[], object], odd: Counter[str]) -> bool:
    """``False`` when it was never acknowledged, or a quota is used up. ``odd`` counts refusals below 500."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            act()
        except Problem as problem:
            if problem.status == _TOO_MANY:
                return False
            if problem.status < 500:
                odd[str(problem)[:160]] += 1
        except (httpx.TransportError, ClientError, BotoCoreError):
            pass
        else:
            return True
        time.sleep(_AGAIN_SECONDS)
    return False
