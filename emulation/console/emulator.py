"""What the console reads from the emulator: the mails that Cognito would have sent, and the logs."""

from __future__ import annotations

import time
from typing import Any

import httpx

_MAILS = "/_ministack/ses/messages"
_LOG_LIMIT = 200


class EmulatorReader:
    """Read-only; every failure reaches the page as a message, not as a stack trace."""

    def __init__(self, base_url: str, logs: Any) -> None:
        self._base_url = base_url
        self._logs = logs

    def mails(self) -> list[dict[str, Any]]:
        """Newest first: ``{to, subject, body, at}``."""
        answer = httpx.get(self._base_url + _MAILS, timeout=5)
        answer.raise_for_status()
        document = answer.json()
        messages = document if isinstance(document, list) else document.get("messages", [])
        if isinstance(messages, dict):  # By account, as soon as there is a mail.
            messages = [message for of_account in messages.values() for message in of_account]
        return [_mail(message) for message in reversed(messages)]

    def log_groups(self) -> list[str]:
        """Names of all log groups, sorted."""
        pages = self._logs.get_paginator("describe_log_groups").paginate()
        return sorted(group["logGroupName"] for page in pages for group in page["logGroups"])

    def log_events(self, group: str, minutes: int) -> list[dict[str, Any]]:
        """The newest 200 events of the last ``minutes``: ``{at (epoch ms), message}``."""
        since = int((time.time() - minutes * 60) * 1000)
        events: list[dict[str, Any]] = []
        for page in self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since):
            events += [{"at": event["timestamp"], "message": event["message"]} for event in page["events"]]
        return events[-_LOG_LIMIT:]


def _mail(message: dict[str, Any]) -> dict[str, Any]:
    lower = {str(key).lower(): value for key, value in message.items()}
    destination = lower.get("destination") or {}
    to = lower.get("to") or (destination.get("ToAddresses") if isinstance(destination, dict) else destination) or []
    body = next((lower[key] for key in ("body", "bodytext", "body_text", "text", "message") if lower.get(key)), "")
    if isinstance(body, dict):
        body = body.get("Text", {}).get("Data") or body.get("Html", {}).get("Data") or str(body)
    return {
        "to": to if isinstance(to, str) else ", ".join(map(str, to)),
        "subject": str(lower.get("subject") or ""),
        "body": str(body),
        "at": lower.get("timestamp") or lower.get("sent_at") or lower.get("date"),
    }
