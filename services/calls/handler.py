"""Lambda entry points of calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.calls import endings, events
from services.calls.api import build_actions, build_router
from services.calls.commands import CallCommands
from services.calls.listener import Listener
from services.calls.model import ABSENCE_LIMIT
from services.calls.repository import CallRepository, call_of
from services.calls.timer import start_absence_timer, start_ring_timer
from services.common import outbox
from services.common.entry import batch_handler, http_and_socket_handler, ordered_handler
from services.common.events import parse, publish
from services.common.http import create_app
from services.common.observability import logger
from services.common.people import Directory
from services.common.settings import settings
from services.common.streams import Change, change_of
from services.realtime.public import transport

_calls = CallRepository()
commands = CallCommands(_calls, lambda: transport(), Directory())
app = create_app("calls", build_router(commands))
actions = build_actions(commands)
handler = http_and_socket_handler(app, actions, lambda: transport())


def project_change(change: Change) -> None:
    """Put what follows from one change on its way. Repeating it repeats the same event ids."""
    if change.new is None or change.kind != "call":
        return
    call, before = call_of(change.new), call_of(change.old) if change.old else None
    effects = events.of_change(before.state if before else None, call)
    timers = settings().require("queue_call_timeouts")
    if effects.starts_ringing:
        start_ring_timer(timers, call.id)
    for user in endings.absent_parties(call, before, transport()):
        start_absence_timer(timers, call.id, user, call.device_of(user), ABSENCE_LIMIT)
    if effects.frames:
        outbox.put(settings().require("stream_realtime"), effects.frames)
    if effects.domain_events:
        publish(settings().require("topic_events"), effects.domain_events)


def _partition(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"])


def _time_out(record: Mapping[str, Any]) -> None:
    """Without ``userId`` the ring time is over, with it the time that a party has to come back."""
    message = json.loads(record["body"])
    call_id, user_id = message["callId"], message.get("userId")
    if user_id is None:
        ended = endings.ring_out(_calls, call_id)
    else:
        ended = endings.end_without(_calls, transport(), call_id, user_id, message["device"])
    logger.info("timed out", extra={"ended": str(ended.state) if ended else None, "reason": ended and ended.reason})


_listener = Listener(
    _calls,
    lambda call_id, user_id, device, grace: start_absence_timer(
        settings().require("queue_call_timeouts"), call_id, user_id, device, grace
    ),
)


projector = ordered_handler("dynamodb", lambda record: project_change(change_of(record)), key=_partition)
timeout = batch_handler("sqs", _time_out)
listener = batch_handler("sqs", lambda record: _listener.handle(parse(record["body"])))
