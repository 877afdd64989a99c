"""Counts attempts for unknown names like those of users, so that limits do not reveal who has an account.

Source: Amazon Cognito Developer Guide, "Managing user existence error responses".
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

#: The newest are remembered; who guesses more names than that begins to count from one again.
MOST = 10_000
_records: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
_looking = threading.Lock()


def record(pool: dict[str, Any], name: Any) -> dict[str, Any]:
    """Attempts and requests for an unknown name, as a user's record keeps them."""
    key = (str(pool.get("Id")), str(name).lower())
    with _looking:
        found = _records.setdefault(key, {})
        _records.move_to_end(key)
        while len(_records) > MOST:
            _records.popitem(last=False)
        return found
