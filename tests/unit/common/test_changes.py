"""Item changes read from stream records, and which of two timestamps is later."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.common import clock
from services.common.events import Moment
from services.common.events.envelope import place_of
from services.common.streams import Change, change_of, partition_of

EARLY, LATE = "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z"
NINTH, TENTH = place_of("9", 1), place_of("10", 0)


def record(**images: dict[str, Any]) -> dict[str, Any]:
    return {"eventID": "e", "dynamodb": {"Keys": {"pk": {"S": "POST#1"}, "sk": {"S": "META"}}, **images}}


def test_the_partition_of_a_change_is_its_items_key() -> None:
    assert partition_of(record()) == "POST#1"


@pytest.mark.parametrize(
    ("old", "new", "turned"),
    [
        (None, "live", 1), ("live", None, -1), ("deleted", "live", 1), ("live", "deleted", -1), ("live", "live", 0),
        ("deleted", "gone", 0), (None, None, 0), (None, "deleted", 0), ("deleted", None, 0),
    ],
)  # fmt: skip
def test_a_change_reports_when_an_attribute_gains_or_loses_a_value(
    old: str | None, new: str | None, turned: int
) -> None:
    images = [{"state": one} if one else None for one in (old, new)]
    assert Change("e", *images).turned("state", "live") == turned


def test_a_change_keeps_the_id_of_its_record_and_its_place_in_the_stream() -> None:
    placed = record(NewImage={"type": {"S": "post"}})
    placed["dynamodb"]["SequenceNumber"] = "111000000000000000001"
    found = change_of(placed)
    assert (found.event_id, found.sequence) == ("e", "111000000000000000001")
    assert change_of(record(NewImage={"type": {"S": "post"}})).sequence == ""


def test_the_type_of_an_item_is_read_from_its_newest_image() -> None:
    made = change_of(record(NewImage={"type": {"S": "post"}}, OldImage={"type": {"S": "draft"}}))
    gone = change_of(record(OldImage={"type": {"S": "draft"}}))
    assert (made.kind, gone.kind, gone.new, Change("e", None, None).kind) == ("post", "draft", None, "")


@pytest.mark.parametrize(
    ("one", "other", "after", "same"),
    [
        (Moment(LATE, ""), Moment(EARLY, ""), True, False),
        (Moment(EARLY, ""), Moment(LATE, ""), False, False),
        (Moment(EARLY, TENTH), Moment(LATE, NINTH), True, False),
        (Moment(LATE, NINTH), Moment(EARLY, TENTH), False, False),
        (Moment(LATE, NINTH), Moment(EARLY, NINTH), False, True),
        (Moment(EARLY, ""), Moment(EARLY, ""), False, True),
        (Moment(EARLY, NINTH), Moment(EARLY, ""), False, True),
    ],
)
def test_the_order_of_the_stream_takes_precedence_over_clocks(
    one: Moment, other: Moment, after: bool, same: bool
) -> None:
    assert (one.is_after(other), one.is_same_as(other)) == (after, same)


def test_a_time_to_live_is_in_whole_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(1970, 1, 1, 0, 0, 5, 900_000, UTC))
    assert [clock.epoch_in(), clock.epoch_in(seconds=60), clock.epoch_in(hours=1, days=1)] == [5, 65, 90_005]
