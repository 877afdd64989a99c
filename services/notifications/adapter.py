"""Web Push: RFC 8030 with encryption (RFC 8291) and VAPID (RFC 8292), by pywebpush."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from services.notifications.subscriptions import Subscription

_TIMEOUT = 5
#: How long the push service keeps a push for a browser that is off.
_TTL_SECONDS = 24 * 3600
_GONE = {404, 410}


class SubscriptionGone(Exception):
    """The push service does not know the subscription any more (404, 410)."""


class PushFailed(Exception):
    """The push service refused or could not be reached; worth another try."""


class PushSender(Protocol):
    """Sends one payload to one browser."""

    def send(self, subscription: Subscription, payload: Mapping[str, Any]) -> None:
        """Raises ``SubscriptionGone`` or ``PushFailed``."""


@dataclass
class WebPush:
    """``PushSender`` over HTTP. ``private_key`` is the base64url scalar, ``subject`` a mailto: or https: URL."""

    private_key: str
    subject: str

    @cached_property
    def _session(self) -> Any:
        import requests

        class NoRedirects(requests.Session):
            """An allow-listed host must not be able to send us elsewhere."""

            def request(self, *args: Any, **options: Any) -> requests.Response:
                return super().request(*args, **{**options, "allow_redirects": False})

        return NoRedirects()

    def send(self, subscription: Subscription, payload: Mapping[str, Any]) -> None:
        # Only the function that pushes has the layer with this library.
        from pywebpush import WebPushException, webpush

        topic = hashlib.sha256(str(payload["tag"]).encode()).hexdigest()[:32]
        try:
            webpush(
                {
                    "endpoint": subscription.endpoint,
                    "keys": {"p256dh": subscription.p256dh, "auth": subscription.auth},
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
                raise SubscriptionGone(subscription.id) from error
            raise PushFailed(f"the push service answered {status}") from error
        except OSError as error:
            raise PushFailed(repr(error)[:200]) from error
