"""Lambda entry points of calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from services.calls import events, room_events
from services.calls.api import build_actions, build_router
from services.calls.commands import CallCommands
from services.calls.endings import Endings
from services.calls.listener import Listener
from services.calls.media import MediaServer
from services.calls.model import ABSENCE_LIMIT, Call
from services.calls.quality import QualityReports
from services.calls.queries import CallQueries
from services.calls.repository import CallRepository, call_of
from services.calls.room_api import build_room_actions
from services.calls.room_commands import RoomCommands, RoomEndings
from services.calls.room_repository import RoomRepository, room_of
from services.calls.rooms import Room
from services.calls.settings import CallProjectorSettings, CallSettings, ListenerSettings, TimeoutSettings
from services.calls.timer import start_ring_timer, start_room_watch, start_watch
from services.chat.public import FirstContact, Groups
from services.common import outbox
from services.common.clock import now
from services.common.entry import Handler, entry_point, http_and_socket_handler, ordered_handler, queue_handler
from services.common.events import parse, publish
from services.common.held_secret import held_secret
from services.common.http import create_app
from services.common.observability import note
from services.common.people import Directory
from services.common.streams import Change, change_of, partition_of
from services.realtime.public import transport


def build_commands(settings: CallSettings) -> CallCommands:
    people = Directory(settings.table_profiles)
    reach = FirstContact(settings.table_chat, people)
    return CallCommands(CallRepository(settings.table_calls), lambda: transport(), people, reach)


def build_rooms(settings: CallSettings) -> RoomCommands:
    table = settings.table_calls
    return RoomCommands(
        RoomRepository(table),
        CallRepository(table),
        Groups(settings.table_chat),
        lambda: transport(),
        Directory(settings.table_profiles),
        media=MediaServer(settings.sfu_url, lambda: held_secret(settings.sfu_secret_name).read()),
    )


def build_reports(settings: CallSettings) -> QualityReports:
    table = settings.table_calls
    return QualityReports(CallRepository(table), RoomRepository(table), Groups(settings.table_chat))


def build_app(settings: CallSettings) -> FastAPI:
    return create_app("calls", build_router(build_commands(settings), build_reports(settings)))


def build_queries(settings: CallSettings) -> CallQueries:
    return CallQueries(CallRepository(settings.table_calls), Directory(settings.table_profiles))


def project_change(settings: CallProjectorSettings, change: Change) -> None:
    """Carry out the effects of one change. A repetition has the same event ids."""
    if change.new is None:
        return
    if change.kind == "room":
        _project_room(settings, room_of(change.new), room_of(change.old) if change.old else None)
    elif change.kind == "call":
        _project_call(settings, call_of(change.new), call_of(change.old) if change.old else None)


def _project_room(settings: CallProjectorSettings, room: Room, before: Room | None) -> None:
    if room_events.begins(before, room):
        start_room_watch(settings.queue_call_timeouts, room.conversation_id, room.id, ABSENCE_LIMIT)
    if frames := room_events.frames_of(before, room):
        outbox.put(settings.stream_realtime, frames)
    if told := room_events.domain_events_of(before, room):
        publish(settings.topic_events, told)


def _project_call(settings: CallProjectorSettings, call: Call, before: Call | None) -> None:
    effects = events.of_change(before, call)
    if effects.starts_ringing:
        start_ring_timer(settings.queue_call_timeouts, call.id)
    for user in effects.watched:
        seat = call.seat_of(user)
        wait = max(seat.lapses_at() or now() + ABSENCE_LIMIT, now()) - now()
        start_watch(settings.queue_call_timeouts, call.id, user, seat.device, wait)
    if effects.frames:
        outbox.put(settings.stream_realtime, effects.frames)
    if effects.domain_events:
        publish(settings.topic_events, effects.domain_events)


def look_at_room(settings: TimeoutSettings, rooms: RoomEndings, message: Mapping[str, Any]) -> None:
    """Check a room repeatedly while it exists."""
    conversation_id, room_id = message["conversationId"], message["roomId"]
    if wait := rooms.look(conversation_id, room_id):
        start_room_watch(settings.queue_call_timeouts, conversation_id, room_id, wait)


def time_out(settings: TimeoutSettings, endings: Endings, message: Mapping[str, Any]) -> None:
    """Without ``userId`` the ring time is over; with it, a party's device is checked, repeatedly while the call
    lasts."""
    call_id, user_id = message["callId"], message.get("userId")
    if user_id is None:
        ended = endings.ring_out(call_id)
        note(ended=str(ended.state) if ended else None)
    elif wait := endings.look(transport(), call_id, user_id, message["device"]):
        start_watch(settings.queue_call_timeouts, call_id, user_id, message["device"], wait)


@entry_point(CallSettings)
def handler(settings: CallSettings) -> Handler:
    commands = build_commands(settings)
    app = create_app("calls", build_router(commands, build_reports(settings)))
    actions = build_actions(commands, build_queries(settings)).include(build_room_actions(build_rooms(settings)))
    return http_and_socket_handler(app, actions, lambda: transport(), settings)


@entry_point(CallProjectorSettings)
def projector(settings: CallProjectorSettings) -> Handler:
    return ordered_handler("dynamodb", lambda record: project_change(settings, change_of(record)), key=partition_of)


@entry_point(TimeoutSettings)
def timeout(settings: TimeoutSettings) -> Handler:
    endings, rooms = Endings(CallRepository(settings.table_calls)), RoomEndings(RoomRepository(settings.table_calls))

    def run(record: Mapping[str, Any]) -> None:
        message = json.loads(record["body"])
        if "roomId" in message:
            look_at_room(settings, rooms, message)
        else:
            time_out(settings, endings, message)

    return queue_handler(run, settings)


@entry_point(ListenerSettings)
def listener(settings: ListenerSettings) -> Handler:
    table = settings.table_calls
    listening = Listener(Endings(CallRepository(table)), RoomEndings(RoomRepository(table)))
    return queue_handler(lambda record: listening.handle(parse(record["body"])), settings)
