"""Settings of the functions of notifications."""

from __future__ import annotations

from services.common.settings import (
    CommandSettings,
    EventSettings,
    FrameSettings,
    FunctionSettings,
    Listed,
    QueueSettings,
)
from services.realtime.public import RegistrySettings


class FilterSettings(FunctionSettings):
    """Settings for the reads before a notification: own items, profiles, posts."""

    table_notifications: str
    table_profiles: str
    table_posts: str


class MobileSettings(FunctionSettings):
    """Platform applications of Amazon SNS for pushes to phones: ``fcm=arn:…,apns=arn:…``."""

    platform_applications: Listed = ()


class PushHostSettings(FunctionSettings):
    """Hosts that a Web Push subscription may name; user-supplied URLs go nowhere else."""

    push_allowed_hosts: Listed = ()


class NotificationApiSettings(
    FilterSettings, CommandSettings, FrameSettings, EventSettings, MobileSettings, PushHostSettings
):
    """Settings of the function that takes commands."""


class NotifierSettings(FilterSettings, RegistrySettings, QueueSettings, FrameSettings, EventSettings):
    """Settings of the function that notifies people in the app."""


class BrowserSettings(FilterSettings, RegistrySettings, QueueSettings, PushHostSettings):
    """Settings of the function that pushes to browsers, signed as RFC 8292 has it."""

    #: Name of the secret with the key pair.
    vapid_secret: str
    vapid_subject: str = "mailto:admin@example.com"


class PhoneSettings(FilterSettings, RegistrySettings, QueueSettings, MobileSettings):
    """Settings of the function that pushes to phones."""
