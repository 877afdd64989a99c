"""Lambda entry point of the timelines context."""

from __future__ import annotations

from services.common import outbox
from services.common.cursors import Cursor
from services.common.entry import Handler, entry_point, queue_handler
from services.profiles.public import ListRepository, ProfileRepository
from services.timelines.adapter import JobQueue
from services.timelines.fanout import FanOut
from services.timelines.fanout_on_read import FanOutOnRead
from services.timelines.projection_repository import TimelineProjection
from services.timelines.reader_repository import ReaderRepository
from services.timelines.readers import list_of
from services.timelines.settings import FanOutSettings


class Followees:
    """The profiles context: whom a person follows, and who is on a list."""

    def __init__(self, table_profiles: str) -> None:
        self._profiles, self._lists = ProfileRepository(table_profiles), ListRepository(table_profiles)

    def page(self, reader: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        cursor = Cursor("rebuild", "older", after) if after else None
        of_list = list_of(reader)
        page = (
            self._lists.members(*of_list, cursor, limit) if of_list else self._profiles.following(reader, cursor, limit)
        )
        name = "userId" if of_list else "followeeId"
        index = "gsi1sk" if of_list else "gsi2sk"
        return [edge[name] for edge in page.items], page.items[-1][index] if page.older and page.items else None


@entry_point(FanOutSettings)
def fanout(settings: FanOutSettings) -> Handler:
    store, jobs = TimelineProjection(settings.table_timelines), JobQueue(settings.queue_timelines)
    on_read = FanOutOnRead(
        store,
        ReaderRepository(settings.table_timelines),
        jobs,
        Followees(settings.table_profiles).page,
        settings.timeline_merge_followers,
        settings.timeline_active_days,
    )
    fan_out = FanOut(store, jobs, lambda found: outbox.put(settings.stream_realtime, found), on_read)
    return queue_handler(lambda record: fan_out.handle(record["body"]), settings)
