"""What other contexts may use of notifications."""

from __future__ import annotations

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

__all__ = [
    "NotificationQueries",
    "NotificationResource",
    "NotificationSettings",
    "NotificationType",
    "PushDevices",
    "Unread",
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
