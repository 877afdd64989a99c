"""Lambda entry points of chat; composes it with other contexts.

A command calls other contexts only if its result depends on them: who follows whom (profiles), whether attachments are
the sender's and ready (media).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

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
from services.chat.settings import ArrivalSettings, CommandsSettings, RelaySettings
from services.chat.socket_api import build_actions
from services.common import outbox, queues
from services.common.entry import Handler, entry_point, http_and_socket_handler, ordered_handler, queue_handler
from services.common.events import publish
from services.common.http import create_app
from services.common.observability import note
from services.common.people import Directory
from services.common.streams import Change, change_of, partition_of
from services.media.public import chat_media
from services.realtime.public import transport


def build_ports(settings: CommandsSettings) -> ChatPorts:
    table, people = settings.table_chat, Directory(settings.table_profiles)
    chosen = ChatSettingsRepository(table)
    return ChatPorts(
        chat=ChatRepository(table),
        members=MemberRepository(table),
        changes=ChangeRepository(table),
        links=LinkRepository(table),
        settings=chosen,
        people=people,
        privacy=ChatPrivacy(chosen, people),
        media=chat_media(settings.table_media, settings.bucket_media),
        transport=lambda: transport(),
    )


def build_commands(settings: CommandsSettings) -> ChatCommands:
    return ChatCommands(build_ports(settings))


def build_app(commands: ChatCommands) -> FastAPI:
    return create_app("chat", build_router(commands), build_settings_router(commands))


def relay_change(settings: RelaySettings, chat: ChatRepository, relay: Relay, change: Change) -> None:
    """Carry out the effects of one change. A repetition has the same event ids."""
    effects = relay.effects(change)
    if effects.frames:
        outbox.put(settings.stream_realtime, effects.frames)
    if effects.raises and effects.boxes:
        chat.bump_boxes(effects.raises, effects.boxes)
    domain_events = effects.domain_events
    if effects.sent:
        event, pending = delivery.now_or_later(effects.sent, transport().present_among)
        domain_events = [*([event] if event else []), *domain_events]
        if pending:
            queues.send(settings.queue_chat_arrivals, pending.to_message())
    if domain_events:
        publish(settings.topic_events, domain_events)


@entry_point(CommandsSettings)
def handler(settings: CommandsSettings) -> Handler:
    commands = build_commands(settings)
    return http_and_socket_handler(build_app(commands), build_actions(commands), lambda: transport(), settings)


@entry_point(RelaySettings)
def relay(settings: RelaySettings) -> Handler:
    chat = ChatRepository(settings.table_chat)
    privacy = ChatPrivacy(ChatSettingsRepository(settings.table_chat), Directory(settings.table_profiles))
    relaying = Relay(chat, privacy)

    def run(record: Mapping[str, Any]) -> None:
        relay_change(settings, chat, relaying, change_of(record))

    return ordered_handler("dynamodb", run, key=partition_of)


@entry_point(ArrivalSettings)
def arrival(settings: ArrivalSettings) -> Handler:
    chat = ChatRepository(settings.table_chat)

    def ask(record: Mapping[str, Any]) -> None:
        """Notify members whom a message has not reached."""
        event = delivery.undelivered(chat, delivery.parse(record["body"]))
        if event:
            publish(settings.topic_events, [event])
        note(unreceived=len(event.recipient_ids) if event else 0)

    return queue_handler(ask, settings)
