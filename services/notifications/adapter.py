"""Web Push: RFC 8030 with encryption (RFC 8291) and VAPID (RFC 8292), by pywebpush."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.common.errors import BadRequest
from services.notifications.devices import Device, DeviceGone, PushFailed, check_endpoint

_TIMEOUT = 5
#: How long the push service keeps a push for a browser that is off.
_TTL_SECONDS = 24 * 3600
_GONE = {404, 410}


@dataclass
class WebPush:
    """``PushSender`` over HTTP. ``private_key`` is the base64url scalar, ``subject`` a mailto: or https: URL."""

    private_key: str
    subject: str
    allowed_hosts: Sequence[str]

    @cached_property
    def _session(self) -> Any:
        import requests

        class NoRedirects(requests.Session):
            """An allow-listed host must not be able to send us elsewhere."""

            def request(self, *args: Any, **options: Any) -> requests.Response:
                return super().request(*args, **{**options, "allow_redirects": False})

        return NoRedirects()

    def send(self, device: Device, payload: Mapping[str, Any]) -> None:
        try:
            # The list of hosts may have become shorter since the browser subscribed.
            check_endpoint(device.address, self.allowed_hosts)
        except BadRequest as error:
            raise DeviceGone(f"{device.id} is not on an allowed host") from error
        # Only the function that pushes has the layer with this library.
        from pywebpush import WebPushException, webpush

        topic = hashlib.sha256(str(payload["tag"]).encode()).hexdigest()[:32]
        try:
            webpush(
                {
                    "endpoint": device.address,
                    "keys": {"p256dh": device.p256dh, "auth": device.auth},
                },
                data=json.dumps(payload, ensure_ascii=False),
                vapid_private_key=self.private_key,
                vapid_claims={"sub": self.subject},
                ttl=_TTL_SECONDS,
                timeout=_TIMEOUT,
                headers={"Topic": topic, "Urgency": "normal"},
                requests_session=self._session,
            )
        except WebPushException as error:
            status = getattr(error.response, "status_code", None)
            if status in _GONE:
                raise DeviceGone(device.id) from error
            raise PushFailed(f"the push service answered {status}") from error
        except OSError as error:
            raise PushFailed(repr(error)[:200]) from error
