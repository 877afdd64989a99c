"""Pushes: their device, their title and tag, and whether they were delivered. No keys, no addresses, no texts."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from emulation.guard import HELPER_HEADERS


class PushReader:
    """Reads the local push service, and the emulator's SNS for phones."""

    def __init__(self, url: str, emulator: str = "", http: httpx.Client | None = None) -> None:
        """``emulator``: empty when another program serves SNS, which does not list its pushes."""
        self._http = http or httpx.Client(headers=HELPER_HEADERS, timeout=5)
        self._url = url
        self._emulator = emulator

    def all(self) -> list[dict[str, Any]]:
        """The newest first."""
        with ThreadPoolExecutor(1) as beside:
            asked = beside.submit(self._to_phones)
            found = [_shown(one) for one in self._answer(self._url + "/messages")] + asked.result()
        return sorted(found, key=lambda one: str(one["at"]), reverse=True)

    def _to_phones(self) -> list[dict[str, Any]]:
        if not self._emulator:
            return []
        return [_of_phone(one) for one in self._answer(self._emulator + "/_asyncsns/phones")["pushes"]]

    def _answer(self, url: str) -> Any:
        answer = self._http.get(url)
        answer.raise_for_status()
        return answer.json()


def _of_phone(push: dict[str, Any]) -> dict[str, Any]:
    """SNS took it; the result at the vendor's push service is unknown here."""
    known = {name: push[name] for name in ("at", "device", "title", "tag", "trace")}
    return known | {"channel": "phone", "platform": push["platform"], "ttl": None, "urgency": None, "takenAt": None,
                    "error": None}  # fmt: skip


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    """A subscription's id is its whole address: anyone who knows it can push. So a digest of it names the device.

    Pushes to virtual browsers are decrypted here; the title, the tag and the trace are shown, not the text.
    """
    content = _content(message.get("body"))
    headers = message.get("headers") or {}
    return {
        "at": message["at"],
        "channel": "browser",
        "platform": None,
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
