"""Web Push: RFC 8030 with encryption (RFC 8291) and VAPID (RFC 8292), by pywebpush."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from services.common.errors import BadRequest
from services.common.lazy_dataclasses import dataclass
from services.notifications.devices import Device, DeviceGone, PushFailed, check_endpoint

_TIMEOUT = 5
#: How long the push service keeps a push for a browser that is off.
_TTL_SECONDS = 24 * 3600
_GONE = {404, 410}
#: Of Google's, Mozilla's and Apple's services where the subscription is another key's.
_OF_ANOTHER_KEY = {400, 401, 403}


def private_key_of(pair: str) -> str:
    """The private key in the JSON of Secrets Manager: ``{"private": …, "public": …}``."""
    return str(json.loads(pair)["private"])


def former_key_of(pair: str) -> str:
    """``{"former": {"private": …}}`` of the same JSON while keys are rotated; else empty."""
    return str(json.loads(pair).get("former", {}).get("private", ""))


@dataclass
class WebPush:
    """``PushSender`` over HTTP. ``private_key`` gives the base64url scalar, ``subject`` is a mailto: or https: URL.

    A subscription takes pushes of the key that it was made with (RFC 8292, section 4.2): one that refuses the present
    key is tried with ``former_key``.
    """

    private_key: Callable[[], str]
    subject: str
    allowed_hosts: Sequence[str]
    former_key: Callable[[], str] = str

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
        status = self._push(device, payload, self.private_key())
        if status in _OF_ANOTHER_KEY and (former := self.former_key()):
            status = self._push(device, payload, former)
        if status in _GONE:
            raise DeviceGone(device.id)
        if status is not None:
            raise PushFailed(f"the push service answered {status}")

    def _push(self, device: Device, payload: Mapping[str, Any], private_key: str) -> int | None:
        """The status of a refusal; None when the push service took it."""
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
                vapid_private_key=private_key,
                vapid_claims={"sub": self.subject},
                ttl=int(payload.get("ttl", _TTL_SECONDS)),
                timeout=_TIMEOUT,
                headers={"Topic": topic, "Urgency": "high" if payload.get("ring") else "normal"},
                requests_session=self._session,
            )
        except WebPushException as error:
            return int(getattr(error.response, "status_code", None) or 0)
        except OSError as error:
            raise PushFailed(repr(error)[:200]) from error
        return None
