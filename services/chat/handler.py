"""Lambda entry points of chat; the one place that puts it together with its neighbours.

A command asks its neighbours where its own answer depends on it: who follows whom (profiles), whether attachments are
the sender's and ready (media).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chat import api, delivery
from services.chat.relay import Relay
from services.common import outbox, queues
from services.common.entry import batch_handler, http_and_socket_handler, ordered_handler
from services.common.events import publish
from services.common.http import create_app
from services.common.observability import logger
from services.common.settings import settings
from services.common.streams import Change, change_of
from services.media.public import chat_media
from services.realtime.public import transport

api.parts.media = chat_media(settings().table_media, settings().bucket_media)
app = create_app("chat", api.router, api.settings_router)
handler = http_and_socket_handler(app, api.actions, lambda: transport())

_chat = api.parts.chat
_relay = Relay(_chat, api.parts.settings)


def relay_change(change: Change) -> None:
    """Put what follows from one change on its way. Repeating it repeats the same event ids."""
    effects = _relay.effects(change)
    if effects.frames:
        outbox.put(settings().require("stream_realtime"), effects.frames)
    if effects.raises and effects.boxes:
        _chat.bump_boxes(effects.raises, effects.boxes)
    domain_events = effects.domain_events
    if effects.sent:
        event, pending = delivery.now_or_later(effects.sent, transport().present_among)
        domain_events = [*([event] if event else []), *domain_events]
        if pending:
            queues.send(settings().require("queue_chat_arrivals"), pending.to_json())
    if domain_events:
        publish(settings().require("topic_events"), domain_events)


def _partition(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"])


def _ask(record: Mapping[str, Any]) -> None:
    """Tell those whom a message has not reached."""
    event = delivery.undelivered(_chat, delivery.parse(record["body"]))
    if event:
        publish(settings().require("topic_events"), [event])
    logger.info("arrival", extra={"unreceived": len(event.recipient_ids) if event else 0})


relay = ordered_handler("dynamodb", lambda record: relay_change(change_of(record)), key=_partition)
arrival = batch_handler("sqs", _ask)
