"""What other contexts may use of real time: the port of the transport."""

from __future__ import annotations

from services.common.personal_data import PersonalData, Step, erased
from services.realtime.factory import transport
from services.realtime.settings import RegistrySettings, TransportSettings
from services.realtime.transport import MAX_FRAME_BYTES, Delivery, Transport, encode

__all__ = [
    "MAX_FRAME_BYTES",
    "Delivery",
    "RegistrySettings",
    "Transport",
    "TransportSettings",
    "encode",
    "personal_data",
    "transport",
]


def personal_data(table_realtime: str) -> PersonalData:
    return PersonalData(erasure=(Step("connections", erased(table_realtime, "USER")),))
