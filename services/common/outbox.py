"""Frames for people's devices, put on the Kinesis stream from which the real-time fan-out delivers them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from services.common.aws import client
from services.common.clock import now_text
from services.common.lazy_dataclasses import dataclass
from services.common.tracing import current

_PUT_RECORDS_LIMIT = 500
#: Every server event of the protocol; their shapes are in docs/asyncapi.json.
EVENT_TYPES = frozenset(
    {
        "call.accepted",
        "call.ended",
        "call.ringing",
        "call.signal",
        "call.updated",
        "chat.changed",
        "chat.delivered",
        "chat.hidden",
        "chat.message",
        "chat.read",
        "chat.typing",
        "chat.updated",
        "live.message",
        "live.updated",
        "media.updated",
        "notification.changed",
        "notification.created",
        "notification.removed",
        "notification.unread",
        "room.signal",
        "room.updated",
        "timeline.posted",
    }
)


@dataclass(frozen=True)
class Outgoing:
    """``frame`` goes to every device of ``users``; frames of one ``partition`` keep their order."""

    partition: str
    users: Sequence[str]
    frame: Mapping[str, Any]
    trace: str = field(default_factory=current, compare=False, repr=False)

    def to_record(self) -> dict[str, Any]:
        """A ``PutRecords`` entry."""
        document: dict[str, Any] = {"users": list(self.users), "frame": self.frame}
        if self.trace:
            document["trace"] = self.trace  # Last: ``carriers`` finds it there.
        body = json.dumps(document, ensure_ascii=False)
        return {"Data": body.encode(), "PartitionKey": self.partition}


@dataclass(frozen=True)
class Ending:
    """All connections of a user end; what is on the stream before it is delivered first."""

    user_id: str

    def to_record(self) -> dict[str, Any]:
        """A ``PutRecords`` entry."""
        return {"Data": json.dumps({"end": self.user_id}).encode(), "PartitionKey": self.user_id}


def frame(kind: str, event_id: str, data: Mapping[str, Any], at: str | None = None) -> dict[str, Any]:
    """A server event as clients see it: ``{type, eventId, at, data}``.

    Raises:
        ValueError: the protocol has no such event.
    """
    if kind not in EVENT_TYPES:
        raise ValueError(f"expected one of {sorted(EVENT_TYPES)}, got {kind!r}")
    return {"type": kind, "eventId": event_id, "at": at or now_text(), "data": dict(data)}


def put(stream_name: str, outgoing: Sequence[Outgoing | Ending]) -> None:
    """Put frames, or the end of connections, on the stream.

    Raises:
        RuntimeError: Kinesis refused some; the caller's record fails as a whole and is retried, clients dedupe by
            ``eventId``.
    """
    for start in range(0, len(outgoing), _PUT_RECORDS_LIMIT):
        batch = outgoing[start : start + _PUT_RECORDS_LIMIT]
        answer = client("kinesis").put_records(StreamName=stream_name, Records=[one.to_record() for one in batch])
        if answer["FailedRecordCount"]:
            raise RuntimeError(f"Kinesis refused {answer['FailedRecordCount']} of {len(batch)} frames")
