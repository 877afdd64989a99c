"""What other contexts may use of real time: the port of the transport."""

from __future__ import annotations

from services.common.personal_data import Step, erased
from services.realtime.transport import MAX_FRAME_BYTES, Delivery, Transport, encode, transport

ERASURE = (Step("connections", erased("table_realtime", "USER")),)

__all__ = ["ERASURE", "MAX_FRAME_BYTES", "Delivery", "Transport", "encode", "transport"]
