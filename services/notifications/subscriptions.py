"""Web Push subscriptions of browsers, and which addresses may be pushed to."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.common.errors import BadRequest, FieldError

ENDPOINT_LIMIT = 1024
_POINT_BYTES = 65
_AUTH_BYTES = 16


@dataclass(frozen=True)
class Subscription:
    """As ``PushSubscription.toJSON()`` gives it (RFC 8291): keys are base64url."""

    user_id: str
    endpoint: str
    p256dh: str
    auth: str

    @property
    def id(self) -> str:
        return endpoint_id(self.endpoint)


def endpoint_id(endpoint: str) -> str:
    """A short name of an endpoint, which is itself a secret and too long for a key."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:32]


def check_endpoint(endpoint: str, allowed: Sequence[str]) -> None:
    """Refuse addresses that are no push service: the endpoint comes from outside, and the server will call it.

    Args:
        allowed: ``host`` (https on 443 only), ``*.domain`` (the same), or ``host:port`` (any scheme, for local use).

    Raises:
        BadRequest: not allowed.
    """
    fault = FieldError("endpoint", f"an https URL of one of {', '.join(allowed)}", repr(endpoint)[:96])
    refused = BadRequest("Nothing is pushed to this address.", fault)
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
        raise BadRequest("A key is wrong.", FieldError("keys.p256dh", "an uncompressed P-256 point", p256dh[:32]))
    _decoded("keys.auth", auth, _AUTH_BYTES)


def _decoded(field: str, value: str, size: int) -> bytes:
    try:
        found = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != size:
        raise BadRequest("A key is wrong.", FieldError(field, f"{size} bytes as base64url", value[:32]))
    return found
