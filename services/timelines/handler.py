"""Lambda entry point of the timelines context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.common import outbox
from services.common.entry import batch_handler
from services.common.outbox import Outgoing
from services.common.settings import settings
from services.timelines.adapter import JobQueue
from services.timelines.fanout import FanOut
from services.timelines.repository import TimelineProjection


def _tell(outgoing: Sequence[Outgoing]) -> None:
    outbox.put(settings().require("stream_realtime"), outgoing)


_fan_out = FanOut(TimelineProjection(), JobQueue(), _tell)


def _handle(record: Mapping[str, Any]) -> None:
    _fan_out.handle(record["body"])


fanout = batch_handler("sqs", _handle)
