"""Lambda entry points of notifications; the one place that puts them together with their neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from services.common import outbox
from services.common.entry import batch_handler, http_handler
from services.common.events import DomainEvent, parse, publish
from services.common.http import create_app
from services.common.observability import logger
from services.common.people import Directory
from services.common.settings import settings
from services.notifications.adapter import WebPush
from services.notifications.api import build_router
from services.notifications.commands import NotificationCommands
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
from services.posts.public import PostRepository, excerpts_of
from services.profiles.public import StandingRepository
from services.realtime.public import transport

_notifications, _devices, _preferences = NotificationRepository(), DeviceRepository(), PreferenceRepository()
_posts, _people = PostRepository(), Directory()
_filter = NotificationFilter(_preferences, StandingRepository(), lambda ids: excerpts_of(_posts, ids))


def _tell(outgoing: Sequence[outbox.Outgoing]) -> None:
    outbox.put(settings().require("stream_realtime"), outgoing)


def _publish(found: Sequence[DomainEvent]) -> None:
    publish(settings().require("topic_events"), found)


@cache
def _mobile() -> SnsMobile:
    """The adapter with the applications of this deployment."""
    return SnsMobile(applications_of(settings().listed("platform_applications")))


app = create_app(
    "notifications",
    build_router(
        NotificationCommands(_notifications, _preferences, _tell),
        DeviceCommands(_devices, lambda: _mobile(), lambda: settings().listed("push_allowed_hosts"), _publish),
    ),
)
handler = http_handler(app)


def _present(user_id: str) -> bool:
    return transport().present(user_id)


_notifier = Notifier(_notifications, _people, _filter, _present, _tell)


def _pusher_of(channel: Channel, sender: PushSender) -> Pusher:
    return Pusher(channel, _devices, _people, _filter, _present, sender, _notifications.others_of_group)


@cache
def _browsers() -> Pusher:
    found = settings()
    hosts = found.listed("push_allowed_hosts")
    return _pusher_of(Channel.WEB_PUSH, WebPush(found.require("vapid_private_key"), found.vapid_subject, hosts))


@cache
def _phones() -> Pusher:
    return _pusher_of(Channel.MOBILE, _mobile())


def _notify(record: Mapping[str, Any]) -> None:
    event = parse(record["body"])
    told = _notifier.handle(event)
    logger.info("notified", extra={"event_type": event.type, "people": told})


def _push_by(pusher: Callable[[], Pusher]) -> Callable[[Mapping[str, Any]], None]:
    def push(record: Mapping[str, Any]) -> None:
        event = parse(record["body"])
        sent = pusher().handle(event)
        logger.info("pushed", extra={"event_type": event.type, "pushes": sent})

    return push


notifier = batch_handler("sqs", _notify)
pusher = batch_handler("sqs", _push_by(lambda: _browsers()))
mobile_pusher = batch_handler("sqs", _push_by(lambda: _phones()))
