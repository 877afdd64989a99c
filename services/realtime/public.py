"""What other contexts may use of real time: the port of the transport."""

from __future__ import annotations

from datetime import datetime

from services.common import outbox
from services.common.personal_data import PersonalData, Step, erased
from services.realtime.factory import transport
from services.realtime.repository import TicketTable
from services.realtime.settings import RegistrySettings, TransportSettings
from services.realtime.transport import MAX_FRAME_BYTES, Delivery, Frame, Transport, TransportDown, encode

__all__ = [
    "MAX_FRAME_BYTES",
    "Delivery",
    "Frame",
    "RegistrySettings",
    "Transport",
    "TransportDown",
    "TransportSettings",
    "encode",
    "end_sessions",
    "personal_data",
    "transport",
]


def end_sessions(table_realtime: str, stream_realtime: str, user_id: str, moment: datetime) -> None:
    """Void a user's tickets issued up to ``moment``, then have the fan-out disconnect all devices."""
    TicketTable(table_realtime).void(user_id, moment)
    outbox.put(stream_realtime, [outbox.Ending(user_id)])


def personal_data(table_realtime: str) -> PersonalData:
    return PersonalData(erasure=(Step("connections", erased(table_realtime, "USER")),))
