"""Settings of the functions of calls."""

from __future__ import annotations

from services.common.settings import (
    CommandSettings,
    EventSettings,
    FrameSettings,
    FunctionSettings,
    Listed,
    QueueSettings,
)
from services.realtime.public import RegistrySettings, TransportSettings


class IceSettings(FunctionSettings):
    """What browsers are told for their calls (``stun:host:3478``, ``turn:host:3478?transport=udp``); the secret is
    shared with the TURN server (coturn's ``static-auth-secret``), and without it there is no TURN."""

    stun_urls: Listed = ()
    turn_urls: Listed = ()
    turn_secret: str = ""


class CallSettings(TransportSettings, CommandSettings):
    """Of the function that takes commands."""

    table_calls: str
    table_profiles: str


class ProjectorSettings(RegistrySettings, EventSettings, FrameSettings):
    """Of the consumer of the table's stream."""

    queue_call_timeouts: str


class TimeoutSettings(RegistrySettings, QueueSettings):
    """Of the consumer of ``queue_call_timeouts``."""

    table_calls: str


class ListenerSettings(QueueSettings):
    """Of the consumer of domain events that end calls."""

    table_calls: str
    queue_call_timeouts: str
