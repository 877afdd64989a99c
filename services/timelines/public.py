"""What other contexts may use of timelines."""

from __future__ import annotations

from services.timelines.adapter import JobQueue
from services.timelines.model import Entry, Job, JobKind, once_per_post
from services.timelines.personal_data import forget_ended, forget_reader, lists_with, personal_data
from services.timelines.readers import list_of, list_reader
from services.timelines.repository import TimelineRepository

__all__ = [
    "Entry",
    "Job",
    "JobKind",
    "JobQueue",
    "TimelineRepository",
    "forget_ended",
    "forget_reader",
    "list_of",
    "list_reader",
    "lists_with",
    "once_per_post",
    "personal_data",
]
