"""Reads over plain HTTP: the mails that Cognito would have sent, and the gateway's open sockets."""

from __future__ import annotations

from typing import Any

import httpx

_MAILS = "/_ministack/ses/messages"


class EmulatorReader:
    """Every failure reaches the page as a message, not as a stack trace."""

    def __init__(self, http: httpx.Client, gateway: httpx.Client) -> None:
        """Clients at the two servers: to make one for each request costs 70 ms of processor time, because it reads all
        certificate authorities."""
        self._http = http
        self._gateway = gateway

    def sockets(self) -> list[dict[str, Any]]:
        """The open ones, newest first: ``{api, stage, client, device, seconds, received, sent}``."""
        answer = self._gateway.get("/_sockets")
        answer.raise_for_status()
        return list(answer.json()["sockets"])

    def keys(self, method: str = "GET") -> dict[str, Any]:
        """The most requested partition keys; ``PUT`` starts counting, ``DELETE`` stops."""
        answer = self._http.request(method, "/_asyncsns/keys")
        answer.raise_for_status()
        return dict(answer.json())

    def mails(self) -> list[dict[str, Any]]:
        """Newest first: ``{to, subject, body, at}``."""
        answer = self._http.get(_MAILS)
        answer.raise_for_status()
        document = answer.json()
        messages = document if isinstance(document, list) else document.get("messages", [])
        if isinstance(messages, dict):  # By account, as soon as there is a mail.
            messages = [message for of_account in messages.values() for message in of_account]
        return [_mail(message) for message in reversed(messages)]


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
