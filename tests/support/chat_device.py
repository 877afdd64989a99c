"""A correct client of chat, for the random test of its guarantee."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.chat.public import chat_queries, message_resource
from services.common.errors import NotFound
from tests.support.directory import FakePeople

_queries = chat_queries("chat", FakePeople())


@dataclass
class Device:
    """A correct client: shows messages in order, requests missing ones, keeps the later state."""

    user: str
    conversation: str
    connection: str | None = None
    shown: dict[int, dict[str, Any]] = field(default_factory=dict)
    cursor: str | None = None
    rev: int = 0
    known: set[str] = field(default_factory=set)
    live: list[int] = field(default_factory=list)
    gaps: int = 0
    #: The person is not (or no longer) a member: the client shows nothing.
    out: bool = True
    #: Called while an answer is in transit: frames may overtake it.
    meanwhile: Callable[[], None] = field(default=lambda: None, repr=False)

    def take(self, frame: dict[str, Any]) -> None:
        """Handle a frame; duplicates are recognized by ``eventId``."""
        if frame["eventId"] in self.known:
            return
        self.known.add(frame["eventId"])
        if frame["type"] == "chat.message":
            self._take_message(frame["data"]["message"])
        elif frame["type"] == "chat.changed":
            self._take_change(frame["data"])
        elif frame["type"] == "chat.updated" and frame["data"]["gone"]:
            # The news of a removal may be older than a return, so ask.
            self.resume()

    def _take_message(self, message: dict[str, Any]) -> None:
        seq = message["seq"]
        self.live.append(seq)
        last = max(self.shown, default=0)
        if self.out or seq > last + 1:
            self.gaps += 1
            self.resume()
        elif seq == last + 1:
            self.keep([message])

    def _take_change(self, data: dict[str, Any]) -> None:
        if data["message"]["seq"] in self.shown:
            self.keep([data["message"]])
        if data["rev"] == self.rev + 1:
            self.rev = data["rev"]
        elif data["rev"] > self.rev:
            self.gaps += 1
            self.catch_up()

    def keep(self, messages: list[dict[str, Any]]) -> None:
        """Of two states of a message, the one with the greater ``rev`` wins."""
        for message in messages:
            before = self.shown.get(message["seq"])
            if before is None or message["rev"] >= before["rev"]:
                self.shown[message["seq"]] = message

    def forget(self) -> None:
        self.out, self.cursor, self.rev = True, None, 0
        self.shown.clear()

    def resume(self) -> None:
        """Request the messages after the cursor, and the changes after the last known one."""
        try:
            view = _queries.conversation(self.user, self.conversation)
            if self.out or (self.shown and min(self.shown) != view.membership.since):
                # New here, or back after a removal: read from the beginning. The pages include earlier changes.
                self.forget()
                self.rev = view.conversation.rev
            self.out = False
            self._read_on()
            self.catch_up()
        except NotFound:
            self.forget()

    def _read_on(self) -> None:
        if self.cursor is None:
            page = _queries.messages(self.user, self.conversation, None, 5)
            self.cursor = page.newer
            self.keep([message_resource(message) for message in page.items])
            while page.older:
                page = _queries.messages(self.user, self.conversation, page.older, 5)
                self.keep([message_resource(message) for message in page.items])
        while self.cursor is not None:
            page = _queries.messages(self.user, self.conversation, self.cursor, 5)
            self.keep([message_resource(message) for message in page.items])
            self.cursor = page.newer or self.cursor
            if not page.items:
                return

    def catch_up(self) -> None:
        """Request changes after ``rev``: each message once, in its current state."""
        while True:
            try:
                found = _queries.changes(self.user, self.conversation, self.rev, 5)
            except NotFound:
                return self.forget()
            self.meanwhile()
            self.keep([message_resource(one) for one in found.messages if one.seq in self.shown])
            self.rev = max(self.rev, found.rev)
            if not found.more:
                return None
