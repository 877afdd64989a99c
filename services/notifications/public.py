"""What other contexts may use of notifications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from services.common.people import People
from services.notifications.device_repository import DeviceRepository
from services.notifications.filtering import PostExcerpts
from services.notifications.model import NotificationType
from services.notifications.personal_data import personal_data
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.queries import NotificationQueries
from services.notifications.repository import NotificationRepository
from services.notifications.resources import NotificationResource, NotificationSettings, PushDevices, Unread
from services.profiles.public import StandingRepository

if TYPE_CHECKING:
    from services.notifications.derived import Deeds, NotificationComparison

__all__ = [
    "NotificationComparison",
    "NotificationQueries",
    "NotificationResource",
    "NotificationSettings",
    "NotificationType",
    "PushDevices",
    "Unread",
    "compare_notifications",
    "notification_queries",
    "personal_data",
]


def notification_queries(
    table_notifications: str, table_profiles: str, people: People, posts: PostExcerpts
) -> NotificationQueries:
    return NotificationQueries(
        NotificationRepository(table_notifications),
        DeviceRepository(table_notifications),
        PreferenceRepository(table_notifications),
        people,
        StandingRepository(table_profiles),
        posts,
    )


def compare_notifications(
    table_notifications: str, table_profiles: str, posts: PostExcerpts, deeds: Deeds, people: Iterable[str]
) -> NotificationComparison:
    """Compares notifications and unread numbers with people's actions. Loaded on demand: no function uses it."""
    from services.notifications.corrections_repository import CorrectionRepository
    from services.notifications.derived import NotificationComparison
    from services.notifications.filtering import NotificationFilter

    preferences, standings = PreferenceRepository(table_notifications), StandingRepository(table_profiles)
    return NotificationComparison(
        NotificationRepository(table_notifications),
        CorrectionRepository(table_notifications),
        NotificationFilter(preferences, standings, posts),
        deeds,
        people,
    )
