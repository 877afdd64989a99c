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
from services.realtime.public import TransportSettings


class IceSettings(FunctionSettings):
    """ICE servers for browsers (``stun:host:3478``, ``turn:host:3478?transport=udp``), and the name of the secret that
    is shared with the TURN server (coturn's ``static-auth-secret``): without it there is no TURN."""

    stun_urls: Listed = ()
    turn_urls: Listed = ()
    turn_secret_name: str = ""


class CallSettings(TransportSettings, CommandSettings):
    """Settings of the function that takes commands. ``sfu_url`` is the media server of group calls, as browsers reach
    it, and ``sfu_secret_name`` the secret that tokens for it are signed with; without them a group call takes four
    people."""

    table_calls: str
    table_profiles: str
    table_chat: str
    sfu_url: str = ""
    sfu_secret_name: str = ""


class CallProjectorSettings(EventSettings, FrameSettings):
    """Settings of the consumer of the table's stream."""

    queue_call_timeouts: str


class TimeoutSettings(TransportSettings, QueueSettings):
    """Settings of the consumer of ``queue_call_timeouts``, which checks devices repeatedly."""

    table_calls: str
    queue_call_timeouts: str


class ListenerSettings(QueueSettings):
    """Settings of the consumer of domain events that end calls."""

    table_calls: str
