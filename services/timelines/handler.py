"""Lambda entry point of the timelines context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from services.common import outbox
from services.common.cursors import Cursor
from services.common.entry import batch_handler
from services.common.outbox import Outgoing
from services.common.settings import settings
from services.profiles.public import ListRepository, ProfileRepository
from services.timelines.adapter import JobQueue
from services.timelines.fanout import FanOut
from services.timelines.reader_repository import ReaderRepository
from services.timelines.readers import list_of
from services.timelines.rebuild import Reading
from services.timelines.repository import TimelineProjection


def _tell(outgoing: Sequence[Outgoing]) -> None:
    outbox.put(settings().require("stream_realtime"), outgoing)


_profiles, _lists = ProfileRepository(), ListRepository()


def _followees(reader: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
    """Whom a person follows, or who is on a list: the profiles context knows."""
    cursor = Cursor("rebuild", "older", after) if after else None
    of_list = list_of(reader)
    page = _lists.members(*of_list, cursor, limit) if of_list else _profiles.following(reader, cursor, limit)
    name = "userId" if of_list else "followeeId"
    index = "gsi1sk" if of_list else "gsi2sk"
    return [edge[name] for edge in page.items], page.items[-1][index] if page.older and page.items else None


@cache
def _fan_out() -> FanOut:
    store, jobs, found = TimelineProjection(), JobQueue(), settings()
    reading = Reading(
        store, ReaderRepository(), jobs, _followees, found.timeline_merge_followers, found.timeline_active_days
    )
    return FanOut(store, jobs, _tell, reading)


def _handle(record: Mapping[str, Any]) -> None:
    _fan_out().handle(record["body"])


fanout = batch_handler("sqs", _handle)
