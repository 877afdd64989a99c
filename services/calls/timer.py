"""Delayed messages: later checks of a call."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from services.calls.model import RING_TIME
from services.common.queues import send


def start_ring_timer(queue_url: str, call_id: str) -> None:
    """``{"callId"}`` comes back after the ring time."""
    send(queue_url, {"callId": call_id}, int(RING_TIME.total_seconds()))


def start_watch(queue_url: str, call_id: str, user_id: str, device: str | None, wait: timedelta) -> None:
    """``{"callId", "userId", "device"}`` comes back after ``wait``: does this party still take part by it?"""
    send(queue_url, {"callId": call_id, "userId": user_id, "device": device}, ceil(wait.total_seconds()))


def start_room_watch(queue_url: str, conversation_id: str, room_id: str, wait: timedelta) -> None:
    """``{"conversationId", "roomId"}`` comes back after ``wait``: is everybody in the group call still there?"""
    send(queue_url, {"conversationId": conversation_id, "roomId": room_id}, ceil(wait.total_seconds()))
