"""Settings of real time: of the registry of connections, of the sender of frames, and of the functions."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from services.common.settings import CommandSettings, EventSettings, FunctionSettings


class RegistrySettings(FunctionSettings):
    """Settings of a function that asks who is connected: connections are in the table, or where
    ``realtime_registry_url`` says (``redis://`` or ``rediss://host:port[?cluster=true]``)."""

    table_realtime: str = ""
    realtime_registry_url: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if not self.table_realtime and not self.realtime_registry_url:
            raise ValueError("expected the environment variable TABLE_REALTIME or REALTIME_REGISTRY_URL")
        return self


class FrameSenderSettings(FunctionSettings):
    """``@connections`` of the WebSocket API, and a WebTransport session server beside it; without one there are no
    WebTransport devices."""

    websocket_callback_url: str
    webtransport_callback_url: str = ""


class TransportSettings(RegistrySettings, FrameSenderSettings, EventSettings):
    """Settings of a function that sends to devices, and publishes that some are gone."""


class RealtimeSettings(TransportSettings, CommandSettings):
    """Settings of the function that issues tickets and handles connection events; tickets are always in the table."""

    table_realtime: str


class AuthorizerSettings(FunctionSettings):
    """Settings of the function that lets devices in by their tickets."""

    table_realtime: str
