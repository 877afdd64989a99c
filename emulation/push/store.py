"""Subscriptions, the messages that came for them, and those that wait for a browser that is off.

Subscriptions and waiting messages are stored in SQLite, as a vendor's push service stores them; the list of latest
pushes is for inspection, in memory.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulation.push.kept import Kept
from emulation.push.subscriptions import (
    Message,
    RealBrowser,
    Subscription,
    VirtualBrowser,
    subscription_of,
    time_text,
)

_MESSAGES_KEPT = 200
_SUBSCRIPTIONS_KEPT = 5000


@dataclass(frozen=True)
class Waiting:
    """A push for a real browser until the browser acknowledges it. ``version`` is the message's id."""

    version: str
    channel: str
    ttl: int
    encoding: str
    body: bytes


class PushStore:
    """All data of the service; bounded, the oldest are removed first. Without ``path`` it is in memory.

    Raises:
        NewerStateError: a newer version wrote the file.
    """

    def __init__(self, path: Path | None = None, fsync: bool = False) -> None:
        self._rows = Kept(path, fsync)
        rows = self._rows.read("SELECT row FROM subscriptions ORDER BY rowid")
        found = (subscription_of(json.loads(row)) for (row,) in rows)
        self._subscriptions: dict[str, Subscription] = {one.id: one for one in found}
        self.messages: deque[Message] = deque(maxlen=_MESSAGES_KEPT)

    def subscribe(self, origin: str, server_key: str | None) -> VirtualBrowser:
        """A virtual browser subscribes."""
        made = VirtualBrowser(secrets.token_urlsafe(24), origin, server_key)
        self._keep(made)
        return made

    def register(self, origin: str, server_key: str | None, uaid: str, channel: str) -> RealBrowser:
        """Subscribe a real browser; the same channel gets the same subscription."""
        for one in self._of_agent(uaid):
            if one.channel == channel and one.server_key == server_key:
                return one
        made = RealBrowser(secrets.token_urlsafe(24), origin, server_key, agent=uaid, channel=channel)
        self._keep(made)
        return made

    def _keep(self, made: Subscription) -> None:
        self._subscriptions[made.id] = made
        self._rows.write("INSERT INTO subscriptions VALUES (?, ?)", (made.id, json.dumps(made.to_row())))
        while len(self._subscriptions) > _SUBSCRIPTIONS_KEPT:
            self.unsubscribe(next(iter(self._subscriptions)))

    def find(self, subscription_id: str) -> Subscription | None:
        return self._subscriptions.get(subscription_id)

    def unsubscribe(self, subscription_id: str) -> bool:
        gone = self._subscriptions.pop(subscription_id, None)
        self._rows.write("DELETE FROM subscriptions WHERE id = ?", (subscription_id,))
        if isinstance(gone, RealBrowser):
            self._rows.write("DELETE FROM waiting WHERE uaid = ? AND channel = ?", (gone.agent, gone.channel))
        return gone is not None

    def unregister(self, uaid: str, channel: str) -> bool:
        """A channel of a browser ends; whether there was one."""
        ended = [self.unsubscribe(one.id) for one in self._of_agent(uaid) if one.channel == channel]
        return any(ended)

    def _of_agent(self, uaid: str) -> list[RealBrowser]:
        return [one for one in self._subscriptions.values() if isinstance(one, RealBrowser) and one.agent == uaid]

    def agent(self, uaid: str | None) -> str:
        """``uaid`` if it is known, otherwise a new one: the browser then drops its subscriptions."""
        if uaid and self._rows.read("SELECT 1 FROM agents WHERE uaid = ?", (uaid,)):
            return uaid
        made = secrets.token_hex(16)
        self._rows.write("INSERT INTO agents VALUES (?)", (made,))
        return made

    def receive(self, subscription: Subscription, body: bytes, headers: dict[str, str], subject: str) -> Message:
        """Record a push, decrypted if the keys are known; a push for a real browser waits until it is acknowledged.

        A ``Topic`` replaces the waiting message of the same one (RFC 8030, 5.4).
        """
        decrypted: str | None = None
        error: str | None = None
        try:
            decrypted = subscription.decrypt(body)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
        message = Message(
            secrets.token_urlsafe(16), subscription.id, time_text(), decrypted, headers, subject, error
        )  # fmt: skip
        self.messages.append(message)
        if isinstance(subscription, RealBrowser):
            self._wait(subscription, message, body)
        return message

    def _wait(self, browser: RealBrowser, message: Message, body: bytes) -> None:
        ttl, topic = int(message.headers.get("ttl", "0")), message.headers.get("topic")
        if topic:
            self._rows.write(
                "DELETE FROM waiting WHERE uaid = ? AND channel = ? AND topic = ?",
                (browser.agent, browser.channel, topic),
            )
        encoding = message.headers.get("content-encoding", "")
        self._rows.write(
            "INSERT INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (message.id, browser.agent, browser.channel, topic, time.time() + ttl, ttl, encoding, body),
        )

    def waiting(self, uaid: str) -> list[Waiting]:
        """Unacknowledged and unexpired messages for a browser, the oldest first."""
        self._rows.write("DELETE FROM waiting WHERE expires < ?", (time.time(),))
        rows = self._rows.read(
            "SELECT version, channel, ttl, encoding, body FROM waiting WHERE uaid = ? ORDER BY rowid", (uaid,)
        )
        return [Waiting(*row) for row in rows]

    def acknowledge(self, uaid: str, version: str, error: str | None = None) -> None:
        """Record that the browser acknowledged a message, or refused it for good (``error``)."""
        self._rows.write("DELETE FROM waiting WHERE uaid = ? AND version = ?", (uaid, version))
        for message in self.messages:
            if message.id == version:
                message.taken_at, message.error = time_text(), error

    def of(self, subscription_id: str) -> list[Message]:
        return [message for message in self.messages if message.subscription == subscription_id]

    def describe(self) -> dict[str, Any]:
        ((waiting,),) = self._rows.read("SELECT count(*) FROM waiting")
        return {"subscriptions": len(self._subscriptions), "messages": len(self.messages), "waiting": waiting}

    def close(self) -> None:
        self._rows.close()
