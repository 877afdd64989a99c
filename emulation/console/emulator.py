"""Reads over plain HTTP: the mails that Cognito would have sent, and the gateway's open sockets."""

from __future__ import annotations

from typing import Any

import httpx

from emulation.console.mails import Mails


class EmulatorReader:
    """Every failure reaches the page as a message, not as a stack trace."""

    def __init__(self, http: httpx.Client, gateway: httpx.Client) -> None:
        """Clients at the two servers: to make one for each request costs 70 ms of processor time, because it reads all
        certificate authorities."""
        self._http = http
        self._gateway = gateway
        self._mails = Mails(http)

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
        """Newest first: ``{id, to, subject, body, at}``."""
        return self._mails.newest()
