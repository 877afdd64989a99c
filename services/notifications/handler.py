"""Lambda entry points of notifications; composes them with other contexts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import FastAPI

from services.common import outbox
from services.common.entry import Handler, entry_point, http_handler, queue_handler
from services.common.events import parse, publish
from services.common.held_secret import held_secret
from services.common.http import create_app
from services.common.observability import logger
from services.common.people import Directory
from services.notifications.adapter import WebPush, former_key_of, private_key_of
from services.notifications.api import build_router
from services.notifications.commands import NotificationCommands
from services.notifications.corrections import Corrector
from services.notifications.corrections_repository import CorrectionRepository
from services.notifications.device_commands import DeviceCommands
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import PushSender
from services.notifications.filtering import NotificationFilter
from services.notifications.mobile import SnsMobile, applications_of
from services.notifications.notifier import Notifier
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.preferences import Channel
from services.notifications.pushing import Pusher
from services.notifications.repository import NotificationRepository
from services.notifications.settings import (
    BrowserSettings,
    FilterSettings,
    MobileSettings,
    NotificationApiSettings,
    NotifierSettings,
    PhoneSettings,
)
from services.posts.public import PostRepository, excerpts_of
from services.profiles.public import StandingRepository
from services.realtime.public import transport


def build_filter(settings: FilterSettings) -> NotificationFilter:
    posts = PostRepository(settings.table_posts)
    return NotificationFilter(
        PreferenceRepository(settings.table_notifications),
        StandingRepository(settings.table_profiles),
        lambda ids: excerpts_of(posts, ids, consistent=True),
    )


def build_mobile(settings: MobileSettings) -> SnsMobile:
    """The adapter with the applications of this deployment."""
    return SnsMobile(applications_of(settings.platform_applications))


def build_app(settings: NotificationApiSettings) -> FastAPI:
    table = settings.table_notifications
    commands = NotificationCommands(
        NotificationRepository(table),
        PreferenceRepository(table),
        lambda frames: outbox.put(settings.stream_realtime, frames),
        lambda found: publish(settings.topic_events, found),
    )
    devices = DeviceCommands(
        DeviceRepository(table),
        cache(lambda: build_mobile(settings)),  # Of use to the few who register a phone.
        lambda: settings.push_allowed_hosts,
        lambda found: publish(settings.topic_events, found),
    )
    return create_app("notifications", build_router(commands, devices))


def _present(user_id: str) -> bool:
    return transport().present(user_id)


def build_notifier(settings: NotifierSettings) -> Notifier:
    filters = build_filter(settings)
    return Notifier(
        NotificationRepository(settings.table_notifications),
        Directory(settings.table_profiles),
        filters,
        _present,
        lambda frames: outbox.put(settings.stream_realtime, frames),
        Corrector(CorrectionRepository(settings.table_notifications), filters.graph),
        lambda found: publish(settings.topic_events, found),
    )


def build_pusher(settings: FilterSettings, channel: Channel, sender: PushSender) -> Pusher:
    kept = NotificationRepository(settings.table_notifications)
    return Pusher(
        channel,
        DeviceRepository(settings.table_notifications),
        Directory(settings.table_profiles),
        build_filter(settings),
        _present,
        sender,
        kept.others_of_group,
        kept.as_it_stands,
    )


def build_browsers(settings: BrowserSettings) -> Pusher:
    pair = held_secret(settings.vapid_secret)
    sender = WebPush(lambda: private_key_of(pair.read()), settings.vapid_subject, settings.push_allowed_hosts)
    sender.former_key = lambda: former_key_of(pair.read())
    return build_pusher(settings, Channel.WEB_PUSH, sender)


def push(pusher: Pusher, record: Mapping[str, Any]) -> None:
    event = parse(record["body"])
    sent = pusher.handle(event)
    logger.info("pushed", extra={"event_type": event.type, "pushes": sent})


@entry_point(NotificationApiSettings)
def handler(settings: NotificationApiSettings) -> Handler:
    return http_handler(build_app(settings), settings)


@entry_point(NotifierSettings)
def notifier(settings: NotifierSettings) -> Handler:
    telling = build_notifier(settings)

    def run(record: Mapping[str, Any]) -> None:
        event = parse(record["body"])
        told = telling.handle(event)
        logger.info("notified", extra={"event_type": event.type, "people": told})

    return queue_handler(run, settings)


@entry_point(BrowserSettings)
def pusher(settings: BrowserSettings) -> Handler:
    browsers = build_browsers(settings)
    return queue_handler(lambda record: push(browsers, record), settings)


@entry_point(PhoneSettings)
def mobile_pusher(settings: PhoneSettings) -> Handler:
    phones = build_pusher(settings, Channel.MOBILE, build_mobile(settings))
    return queue_handler(lambda record: push(phones, record), settings)
