"""Time: UTC, RFC 3339 with milliseconds, on the wire and in items."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The current moment in UTC."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """``2026-01-31T09:30:00.123Z`` (RFC 3339)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_text() -> str:
    """``to_text(now())``."""
    return to_text(now())


def from_text(text: str) -> datetime:
    """Parse an RFC 3339 time; raises ``ValueError`` when it is none or names no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"expected an RFC 3339 time with an offset, got {text!r}")
    return moment.astimezone(UTC)


def epoch_in(**delta: float) -> int:
    """Seconds since the epoch, ``timedelta(**delta)`` from now: what DynamoDB's TTL attribute wants."""
    return int((now() + timedelta(**delta)).timestamp())
