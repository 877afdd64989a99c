"""What other contexts may use of timelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.timelines.adapter import JobQueue
from services.timelines.model import Entry, Job, JobKind, once_per_post
from services.timelines.personal_data import forget_ended, forget_reader, lists_with, personal_data
from services.timelines.readers import list_of, list_reader
from services.timelines.repository import TimelineRepository

if TYPE_CHECKING:
    from services.timelines.derived import PeopleSource, PostSource, TimelineComparison

__all__ = [
    "Entry",
    "Job",
    "JobKind",
    "JobQueue",
    "TimelineComparison",
    "TimelineRepository",
    "compare_timelines",
    "forget_ended",
    "forget_reader",
    "list_of",
    "list_reader",
    "lists_with",
    "once_per_post",
    "personal_data",
]


def compare_timelines(table: str, posts: PostSource, people: PeopleSource) -> TimelineComparison:
    """Compares home, public and tag timelines with posts and follows. Loaded on demand: no function uses it."""
    from services.timelines.derived import TimelineComparison
    from services.timelines.projection_repository import TimelineProjection
    from services.timelines.reader_repository import ReaderRepository

    return TimelineComparison(TimelineProjection(table), ReaderRepository(table), posts, people)
