"""Lambda entry points of chat; the one place that puts it together with its neighbours.

A command asks its neighbours where its own answer depends on it: who follows whom (profiles), whether attachments are
the sender's and ready (media).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chat import delivery
from services.chat.api import build_router, build_settings_router
from services.chat.change_repository import ChangeRepository
from services.chat.commands import ChatCommands
from services.chat.link_repository import LinkRepository
from services.chat.member_repository import MemberRepository
from services.chat.ports import ChatPorts
from services.chat.privacy import ChatPrivacy, ChatSettingsRepository
from services.chat.relay import Relay
from services.chat.repository import ChatRepository
from services.chat.socket_api import build_actions
from services.common import outbox, queues
from services.common.entry import batch_handler, http_and_socket_handler, ordered_handler
from services.common.events import publish
from services.common.http import create_app
from services.common.observability import logger
from services.common.people import Directory
from services.common.settings import settings
from services.common.streams import Change, change_of
from services.media.public import chat_media
from services.realtime.public import transport

_chat, _settings, _people = ChatRepository(), ChatSettingsRepository(), Directory()
ports = ChatPorts(
    chat=_chat,
    members=MemberRepository(),
    changes=ChangeRepository(),
    links=LinkRepository(),
    settings=_settings,
    people=_people,
    privacy=ChatPrivacy(_settings, _people),
    media=chat_media(settings().table_media, settings().bucket_media),
    transport=lambda: transport(),
)
commands = ChatCommands(ports)
app = create_app("chat", build_router(commands), build_settings_router(commands))
actions = build_actions(commands)
handler = http_and_socket_handler(app, actions, lambda: transport())
_relay = Relay(_chat, _settings)


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
