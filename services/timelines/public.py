"""What other contexts may use of timelines."""

from __future__ import annotations

from services.timelines.adapter import JobQueue
from services.timelines.keys import audience, home, reader
from services.timelines.model import Entry, Job, JobKind, once_per_post
from services.timelines.readers import list_of, list_reader
from services.timelines.repository import TimelineRepository

__all__ = [
    "Entry", "Job", "JobKind", "JobQueue", "TimelineRepository", "audience", "home", "list_of", "list_reader",
    "once_per_post", "reader",
]  # fmt: skip
