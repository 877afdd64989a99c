"""Delayed messages: what is to be looked at later in a call."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from services.calls.model import RING_TIME
from services.common.queues import send


def start_ring_timer(queue_url: str, call_id: str) -> None:
    """``{"callId"}`` comes back after the ring time."""
    send(queue_url, {"callId": call_id}, int(RING_TIME.total_seconds()))


def start_absence_timer(queue_url: str, call_id: str, user_id: str, device: str | None, grace: timedelta) -> None:
    """``{"callId", "userId", "device"}`` comes back after ``grace``: has this party a device in the call again?"""
    send(queue_url, {"callId": call_id, "userId": user_id, "device": device}, ceil(grace.total_seconds()))
