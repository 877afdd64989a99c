"""Keeps the newest messages published to phones' endpoints in memory, for inspection.

SNS passes them to the vendors' push services; MiniStack answers with an id and forgets them. ``GET /_asyncsns/phones``
shows the rows, the newest first. Of a message its title, tag and trace are kept; tokens, texts and ARNs are not: a
digest of the endpoint's ARN names the phone.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from emulation.emulator import seams

_KEPT: Final = 200
_OK: Final = 200


@dataclass(frozen=True)
class PhonePush:
    """``platform``: as SNS names it (``GCM``, ``APNS``). ``at``: RFC 3339."""

    at: str
    device: str
    platform: str
    title: str | None
    tag: str | None
    trace: str | None


PUSHES: deque[PhonePush] = deque(maxlen=_KEPT)


def shown() -> list[dict[str, Any]]:
    """The newest first."""
    return [asdict(one) for one in reversed(PUSHES)]


def keep_what_phones_get() -> None:
    """Wrap publishing."""
    sns = seams.module("services.sns")
    publish = sns._publish

    def publish_and_keep(params: Any) -> Any:
        answer = publish(params)
        endpoint = sns._platform_endpoints.get(sns._p(params, "TargetArn"))
        if endpoint is not None and answer[0] == _OK:
            message, structure = sns._p(params, "Message"), sns._p(params, "MessageStructure")
            PUSHES.append(push_of(endpoint["arn"], endpoint["application_arn"], message, is_json=structure == "json"))
        return answer

    sns._publish = publish_and_keep


def push_of(endpoint: str, application: str, message: str, *, is_json: bool) -> PhonePush:
    """``application``: ``arn:aws:sns:<region>:<account>:app/<platform>/<name>``."""
    platform = application.split(":")[-1].split("/")[1]
    parts = json.loads(message) if is_json else {"default": message}
    title, data = _told(parts.get(platform)) or (parts.get("default"), {})
    trace = str(data.get("trace") or "")[5:40] or None
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    device = hashlib.sha256(endpoint.encode()).hexdigest()[:8]
    return PhonePush(at, device, platform, title, data.get("tag"), trace)


def _told(part: str | None) -> tuple[str | None, dict[str, Any]] | None:
    """Title and data in the shape of the platform: FCM's HTTP v1 message, or APNs' payload."""
    try:
        document = json.loads(part or "")
    except ValueError:
        return None
    if "aps" in document:
        alert = document["aps"].get("alert")
        return (alert.get("title") if isinstance(alert, dict) else alert), document
    message = (document.get("fcmV1Message") or {}).get("message") or document
    return (message.get("notification") or {}).get("title"), message.get("data") or {}
