"""Identifiers: ULIDs, 26 characters of Crockford base 32, ordered by the time of their making (ulid/spec)."""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from datetime import datetime

from ulid import ULID as Ulid

#: A ULID as this project writes them, to be put into larger patterns; and as the whole of a text.
ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
ULID_PATTERN = f"^{ULID}$"
#: A Cognito ``sub``: a lower-case UUID.
USER_ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_ULID, _USER_ID = re.compile(ULID_PATTERN), re.compile(USER_ID_PATTERN)
_NAMESPACE = uuid.UUID("6f6b8f3e-3a53-5d0e-9a52-6d6f9a0c9a11")
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A ULID that is greater than every one this process made before, also within one millisecond."""
    global _last
    with _lock:
        _last = max(int(Ulid()), _last + 1)
        return str(Ulid.from_int(_last))


def id_at(moment: datetime) -> str:
    """A ULID whose time part is ``moment``: for seeds and for range queries by time."""
    return str(Ulid.from_datetime(moment))


def time_of(identifier: str) -> datetime:
    """When a ULID was made, UTC, to the millisecond."""
    return Ulid.from_str(identifier).datetime


def derived_id(*parts: str) -> str:
    """A UUIDv5 (RFC 9562) of ``parts``: the same parts give the same id, so that a replay is recognised."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


def unnamed(identifier: str) -> str:
    """SHA-256 of an identifier: can be matched by its owner, and names nobody."""
    return hashlib.sha256(identifier.encode()).hexdigest()


def is_id(value: str) -> bool:
    """Whether ``value`` has the form of a ULID as this project writes them."""
    return _ULID.fullmatch(value) is not None


def is_user_id(value: str) -> bool:
    """Whether ``value`` has the form of a Cognito ``sub`` (a lower-case UUID)."""
    return _USER_ID.fullmatch(value) is not None
