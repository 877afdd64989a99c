"""What the push service took: which device, what it was about, whether the browser has it. No keys, no addresses."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx

from emulation.guard import HELPER_HEADERS


class PushReader:
    """Reads the local push service."""

    def __init__(self, url: str) -> None:
        self._url = url

    def all(self) -> list[dict[str, Any]]:
        """The newest first."""
        answer = httpx.get(self._url + "/messages", headers=HELPER_HEADERS, timeout=5)
        answer.raise_for_status()
        return [_shown(one) for one in answer.json()]


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    """The id of a subscription is the whole of its address: who knows it can push. So a digest of it names the device.

    The content of a virtual browser is known here; of it the title, the tag and the trace are shown, not the text.
    """
    content = _content(message.get("body"))
    headers = message.get("headers") or {}
    return {
        "at": message["at"],
        "device": hashlib.sha256(str(message["subscription"]).encode()).hexdigest()[:8],
        "title": content.get("title"),
        "tag": content.get("tag"),
        "trace": str(content.get("trace", ""))[5:40] or None,
        "ttl": headers.get("ttl"),
        "urgency": headers.get("urgency"),
        "takenAt": message.get("taken_at"),
        "error": message.get("error"),
    }


def _content(body: str | None) -> dict[str, Any]:
    try:
        found = json.loads(body or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
