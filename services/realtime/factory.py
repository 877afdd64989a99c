"""The transport of this deployment."""

from __future__ import annotations

from functools import cache

from services.realtime.transport import Transport


@cache
def transport() -> Transport:
    """One per execution environment: the registry of connections, and a frame sender for each kind of device.

    Its clients are loaded when it is first used: not every function that may send does.
    """
    from services.realtime.adapter import RegistryTransport, frame_senders, registry
    from services.realtime.events import tell_left

    return RegistryTransport(registry(), frame_senders, tell_left)
