"""Lambda entry points of calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import FastAPI

from services.calls import endings, events
from services.calls.api import build_actions, build_router
from services.calls.commands import CallCommands
from services.calls.listener import Listener
from services.calls.model import ABSENCE_LIMIT
from services.calls.repository import CallRepository, call_of
from services.calls.settings import CallSettings, ListenerSettings, ProjectorSettings, TimeoutSettings
from services.calls.timer import start_absence_timer, start_ring_timer
from services.common import outbox
from services.common.entry import Handler, entry_point, http_and_socket_handler, ordered_handler, queue_handler
from services.common.events import parse, publish
from services.common.http import create_app
from services.common.observability import note
from services.common.people import Directory
from services.common.streams import Change, change_of, partition_of
from services.realtime.public import transport


def build_commands(settings: CallSettings) -> CallCommands:
    return CallCommands(CallRepository(settings.table_calls), lambda: transport(), Directory(settings.table_profiles))


def build_app(settings: CallSettings) -> FastAPI:
    return create_app("calls", build_router(build_commands(settings)))


def project_change(settings: ProjectorSettings, change: Change) -> None:
    """Put what follows from one change on its way. Repeating it repeats the same event ids."""
    if change.new is None or change.kind != "call":
        return
    call, before = call_of(change.new), call_of(change.old) if change.old else None
    effects = events.of_change(before.state if before else None, call)
    if effects.starts_ringing:
        start_ring_timer(settings.queue_call_timeouts, call.id)
    for user in endings.absent_parties(call, before, transport()):
        start_absence_timer(settings.queue_call_timeouts, call.id, user, call.device_of(user), ABSENCE_LIMIT)
    if effects.frames:
        outbox.put(settings.stream_realtime, effects.frames)
    if effects.domain_events:
        publish(settings.topic_events, effects.domain_events)


def time_out(calls: CallRepository, message: Mapping[str, Any]) -> None:
    """Without ``userId`` the ring time is over, with it the time that a party has to come back."""
    call_id, user_id = message["callId"], message.get("userId")
    if user_id is None:
        ended = endings.ring_out(calls, call_id)
    else:
        ended = endings.end_without(calls, transport(), call_id, user_id, message["device"])
    note(ended=str(ended.state) if ended else None, reason=ended and ended.reason)


@entry_point(CallSettings)
def handler(settings: CallSettings) -> Handler:
    commands = build_commands(settings)
    app = create_app("calls", build_router(commands))
    return http_and_socket_handler(app, build_actions(commands), lambda: transport(), settings)


@entry_point(ProjectorSettings)
def projector(settings: ProjectorSettings) -> Handler:
    return ordered_handler("dynamodb", lambda record: project_change(settings, change_of(record)), key=partition_of)


@entry_point(TimeoutSettings)
def timeout(settings: TimeoutSettings) -> Handler:
    calls = CallRepository(settings.table_calls)
    return queue_handler(lambda record: time_out(calls, json.loads(record["body"])), settings)


@entry_point(ListenerSettings)
def listener(settings: ListenerSettings) -> Handler:
    listening = Listener(
        CallRepository(settings.table_calls), partial(start_absence_timer, settings.queue_call_timeouts)
    )
    return queue_handler(lambda record: listening.handle(parse(record["body"])), settings)
