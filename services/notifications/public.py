"""What other contexts may use of notifications."""

from __future__ import annotations

from services.notifications.model import Notification, Type
from services.notifications.personal_data import personal_data
from services.notifications.queries import devices_of, list_notifications, settings_of, unread
from services.notifications.resources import NotificationResource, NotificationSettings, PushDevices, Unread
from services.notifications.screen import Post, Posts, mutes_hide

__all__ = [
    "Notification",
    "NotificationResource",
    "NotificationSettings",
    "Post",
    "Posts",
    "PushDevices",
    "Type",
    "Unread",
    "devices_of",
    "list_notifications",
    "mutes_hide",
    "personal_data",
    "settings_of",
    "unread",
]
