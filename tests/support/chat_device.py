"""A client of chat as it should be written, for the random test of its guarantee."""

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
    """A client as it should be written: shows messages in order, asks for what it lacks, keeps the later state."""

    user: str
    conversation: str
    connection: str | None = None
    shown: dict[int, dict[str, Any]] = field(default_factory=dict)
    cursor: str | None = None
    rev: int = 0
    known: set[str] = field(default_factory=set)
    live: list[int] = field(default_factory=list)
    gaps: int = 0
    #: No member (any more): nothing is shown.
    out: bool = True
    #: What happens while an answer is on its way: frames overtake it.
    meanwhile: Callable[[], None] = field(default=lambda: None, repr=False)

    def take(self, frame: dict[str, Any]) -> None:
        """A frame came; repeated ones are recognised by ``eventId``."""
        if frame["eventId"] in self.known:
            return
        self.known.add(frame["eventId"])
        if frame["type"] == "chat.message":
            self._take_message(frame["data"]["message"])
        elif frame["type"] == "chat.changed":
            self._take_change(frame["data"])
        elif frame["type"] == "chat.updated" and frame["data"]["gone"]:
            # The word "gone" may be older than a return: ask.
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
        """Of two states of a message the one with the greater ``rev`` holds."""
        for message in messages:
            before = self.shown.get(message["seq"])
            if before is None or message["rev"] >= before["rev"]:
                self.shown[message["seq"]] = message

    def forget(self) -> None:
        self.out, self.cursor, self.rev = True, None, 0
        self.shown.clear()

    def resume(self) -> None:
        """Everything after the last that was shown by cursor, and every change after the last that is known."""
        try:
            view = _queries.conversation(self.user, self.conversation)
            if self.out or (self.shown and min(self.shown) != view.membership.since):
                # New here, or back after being away: from the beginning. Changes before this are in the pages.
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
        """Changes after ``rev``, each message once and as it is now."""
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
