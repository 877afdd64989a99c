"""Frames for people's devices, put on the Kinesis stream from which the real-time fan-out delivers them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common.aws import client
from services.common.clock import now_text

_PUT_RECORDS_LIMIT = 500
#: Every server event of the protocol; their shapes are in docs/asyncapi.json.
EVENT_TYPES = frozenset(
    {
        "call.accepted",
        "call.ended",
        "call.ringing",
        "call.signal",
        "chat.changed",
        "chat.delivered",
        "chat.hidden",
        "chat.message",
        "chat.read",
        "chat.typing",
        "chat.updated",
        "media.updated",
        "notification.created",
        "notification.unread",
        "timeline.posted",
    }
)


@dataclass(frozen=True)
class Outgoing:
    """``frame`` goes to every device of ``users``; frames of one ``partition`` keep their order."""

    partition: str
    users: Sequence[str]
    frame: Mapping[str, Any]

    def to_record(self) -> dict[str, Any]:
        """A ``PutRecords`` entry."""
        body = json.dumps({"users": list(self.users), "frame": self.frame}, ensure_ascii=False)
        return {"Data": body.encode(), "PartitionKey": self.partition}


def frame(kind: str, event_id: str, data: Mapping[str, Any], at: str | None = None) -> dict[str, Any]:
    """A server event as clients see it: ``{type, eventId, at, data}``.

    Raises:
        ValueError: the protocol has no such event.
    """
    if kind not in EVENT_TYPES:
        raise ValueError(f"expected one of {sorted(EVENT_TYPES)}, got {kind!r}")
    return {"type": kind, "eventId": event_id, "at": at or now_text(), "data": dict(data)}


def put(stream_name: str, outgoing: Sequence[Outgoing]) -> None:
    """Put frames on the stream.

    Raises:
        RuntimeError: Kinesis refused some; the caller's record fails as a whole and is retried, clients dedupe by
            ``eventId``.
    """
    for start in range(0, len(outgoing), _PUT_RECORDS_LIMIT):
        batch = outgoing[start : start + _PUT_RECORDS_LIMIT]
        answer = client("kinesis").put_records(StreamName=stream_name, Records=[one.to_record() for one in batch])
        if answer["FailedRecordCount"]:
            raise RuntimeError(f"Kinesis refused {answer['FailedRecordCount']} of {len(batch)} frames")
