"""Lambda entry points of notifications; the one place that puts them together with their neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from services.common.entry import batch_handler, http_handler
from services.common.events import parse
from services.common.http import create_app
from services.common.observability import logger
from services.common.people import Directory
from services.common.settings import settings
from services.notifications import api
from services.notifications.adapter import WebPush
from services.notifications.commands import Notifier
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import PushSender
from services.notifications.preference_repository import PreferenceRepository
from services.notifications.preferences import Channel
from services.notifications.pushing import Pusher
from services.notifications.relations import Relations
from services.notifications.repository import NotificationRepository
from services.notifications.screen import Screen
from services.posts.public import PostRepository, excerpts_of
from services.profiles.public import mutes_of_item
from services.realtime.public import transport

app = create_app("notifications", api.router)
handler = http_handler(app)
_posts = PostRepository()
_screen = Screen(PreferenceRepository(), Relations(mutes_of_item), lambda ids: excerpts_of(_posts, ids))


def _present(user_id: str) -> bool:
    return transport().present(user_id)


_notifier = Notifier(NotificationRepository(), Directory(), _screen, _present, api.tell)


def _pusher_of(channel: Channel, sender: PushSender) -> Pusher:
    others = NotificationRepository().others_of_group
    return Pusher(channel, DeviceRepository(), Directory(), _screen, _present, sender, others)


@cache
def _browsers() -> Pusher:
    found = settings()
    hosts = found.listed("push_allowed_hosts")
    return _pusher_of(Channel.WEB_PUSH, WebPush(found.require("vapid_private_key"), found.vapid_subject, hosts))


@cache
def _phones() -> Pusher:
    return _pusher_of(Channel.MOBILE, api.mobile())


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
