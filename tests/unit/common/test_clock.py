"""Times are UTC in every time zone of the machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.common import clock

TOKYO = timezone(timedelta(hours=9))


@pytest.fixture(autouse=True)
def in_india(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        yield
    time.tzset()


def test_now_is_in_utc() -> None:
    before, now, after = time.time(), clock.now(), time.time()
    assert now.tzinfo is UTC
    assert before - 0.001 <= now.timestamp() <= after + 0.001


def test_a_time_of_any_offset_is_written_in_utc() -> None:
    assert clock.to_text(datetime(2026, 1, 31, 18, 30, 0, 123_456, tzinfo=TOKYO)) == "2026-01-31T09:30:00.123Z"


def test_a_time_of_any_offset_is_read_as_utc() -> None:
    read = clock.from_text("2026-01-31T18:30:00.123+09:00")
    assert (read, read.tzinfo) == (datetime(2026, 1, 31, 9, 30, 0, 123_000, tzinfo=UTC), UTC)


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match=r"offset, got '2026-01-31T18:30:00'"):
        clock.from_text("2026-01-31T18:30:00")
