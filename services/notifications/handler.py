"""Lambda entry points of notifications."""

from __future__ import annotations

from collections.abc import Mapping
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
from services.notifications.commands import Notifier, Pusher
from services.notifications.repository import NotificationRepository, PushRepository
from services.realtime.transport import transport

app = create_app("notifications", api.router)
handler = http_handler(app)


def _present(user_id: str) -> bool:
    return transport().present(user_id)


_notifier = Notifier(NotificationRepository(), Directory(), _present, api.tell)


@cache
def _pusher() -> Pusher:
    found = settings()
    sender = WebPush(found.require("vapid_private_key"), found.vapid_subject)
    return Pusher(PushRepository(), Directory(), _present, sender, found.listed("push_allowed_hosts"))


def _notify(record: Mapping[str, Any]) -> None:
    event = parse(record["body"])
    told = _notifier.handle(event)
    logger.info("notified", extra={"event_type": event.type, "people": told})


def _push(record: Mapping[str, Any]) -> None:
    event = parse(record["body"])
    sent = _pusher().handle(event)
    logger.info("pushed", extra={"event_type": event.type, "pushes": sent})


notifier = batch_handler("sqs", _notify)
pusher = batch_handler("sqs", _push)
