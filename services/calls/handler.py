"""Lambda entry points of calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.calls import api, events
from services.calls.commands import ring_out
from services.calls.model import RING_TIME, State
from services.calls.repository import CallRepository, call_of
from services.calls.timer import start_timer
from services.common import outbox
from services.common.entry import batch_handler, http_and_socket_handler, ordered_handler
from services.common.events import publish
from services.common.http import create_app
from services.common.observability import logger
from services.common.settings import settings
from services.common.streams import Change, change_of
from services.realtime.transport import transport

app = create_app("calls", api.router)
handler = http_and_socket_handler(app, api.actions, lambda: transport())

_calls = CallRepository()


def project_change(change: Change) -> None:
    """Put what follows from one change on its way. Repeating it repeats the same event ids."""
    if change.new is None or change.kind != "call":
        return
    call = call_of(change.new)
    effects = events.of_change(State(change.old["state"]) if change.old else None, call)
    if effects.starts_ringing:
        start_timer(settings().require("queue_call_timeouts"), call.id, RING_TIME)
    if effects.frames:
        outbox.put(settings().require("stream_realtime"), effects.frames)
    if effects.domain_events:
        publish(settings().require("topic_events"), effects.domain_events)


def _partition(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"])


def _time_out(record: Mapping[str, Any]) -> None:
    call_id = json.loads(record["body"])["callId"]
    missed = ring_out(_calls, call_id)
    logger.info("rung out", extra={"missed": missed is not None})


projector = ordered_handler("dynamodb", lambda record: project_change(change_of(record)), key=_partition)
timeout = batch_handler("sqs", _time_out)
