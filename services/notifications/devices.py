"""Devices that get a person's pushes, browsers and phones, and the addresses that may be pushed to."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

from services.common.errors import BadRequest, FieldError
from services.common.lazy_dataclasses import dataclass
from services.notifications.preferences import Channel

ENDPOINT_LIMIT = 1024
NAME_LIMIT = 60
_POINT_BYTES = 65
_AUTH_BYTES = 16


class Platform(StrEnum):
    """Push services of phones that Amazon SNS supports."""

    FCM = "fcm"
    APNS = "apns"


@dataclass(frozen=True)
class Device:
    """A device of one channel.

    ``address`` is secret: a browser's endpoint URL (RFC 8030) or a phone's token. Browsers have the keys ``p256dh`` and
    ``auth`` (RFC 8291, base64url); phones the ``platform`` and the ARN of their SNS endpoint. Times are RFC 3339;
    ``last_used_at`` is within an hour of the last push that was taken, ``failure`` why the last one was not.
    """

    user_id: str
    channel: Channel
    address: str
    name: str = ""
    p256dh: str = ""
    auth: str = ""
    platform: Platform | None = None
    endpoint_arn: str = ""
    created_at: str = ""
    last_used_at: str | None = None
    failure: str | None = None

    @property
    def id(self) -> str:
        return device_id(self.address)


class DeviceGone(Exception):
    """The push service does not know the device any more, or it may no longer be pushed to."""


class PushFailed(Exception):
    """The push service refused or could not be reached; worth another try."""


class PushSender(Protocol):
    """Sends one payload to one device of its channel."""

    def send(self, device: Device, payload: Mapping[str, Any]) -> None:
        """Raises ``DeviceGone`` or ``PushFailed``."""


def device_id(address: str) -> str:
    """A short name of an address, which is itself a secret and too long for a key."""
    return hashlib.sha256(address.encode()).hexdigest()[:32]


def check_endpoint(endpoint: str, allowed: Sequence[str]) -> None:
    """Refuse addresses outside of known push services: the endpoint is user input, and the server will call it.

    Args:
        allowed: ``host`` (https on 443 only), ``*.domain`` (the same), or ``host:port`` (any scheme, for local use).

    Raises:
        BadRequest: not allowed.
    """
    fault = FieldError("endpoint", f"an https URL of one of {', '.join(allowed)}", repr(endpoint)[:96])
    refused = BadRequest("Pushes to this address are not allowed.", fault)
    try:
        url = urlsplit(endpoint)
        host, port = (url.hostname or "").lower(), url.port
    except ValueError as error:
        raise refused from error
    if url.username or url.password or url.fragment or not host or len(endpoint) > ENDPOINT_LIMIT:
        raise refused
    if url.scheme in ("http", "https") and f"{host}:{port}" in allowed:
        return
    if url.scheme != "https" or port not in (None, 443) or not any(_fits(host, entry) for entry in allowed):
        raise refused


def _fits(host: str, entry: str) -> bool:
    return host.endswith(entry[1:]) if entry.startswith("*.") else host == entry


def check_keys(p256dh: str, auth: str) -> None:
    """Raises ``BadRequest`` unless they are an uncompressed P-256 point and 16 bytes, base64url."""
    point = _decoded("keys.p256dh", p256dh, _POINT_BYTES)
    if point[0] != 4:
        raise BadRequest("A key is invalid.", FieldError("keys.p256dh", "an uncompressed P-256 point", p256dh[:32]))
    _decoded("keys.auth", auth, _AUTH_BYTES)


def _decoded(field: str, value: str, size: int) -> bytes:
    try:
        found = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != size:
        raise BadRequest("A key is invalid.", FieldError(field, f"{size} bytes as base64url", value[:32]))
    return found
