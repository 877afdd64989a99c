"""Conversations through the functions of chat and query, for tests: people by name, routes by a few words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from services.chat import handler as chat
from services.chat.ports import ChatPorts
from services.chat.settings import CommandsSettings
from services.common.entry import Handler
from services.query import handler as query
from tests.support.directory import FakePeople
from tests.support.lambdas import Answer, Context, call_http, new_user, socket_event
from tests.support.transport import FakeTransport

#: The entry point itself: tests replace the name in its module.
_CHAT = chat.handler


@cache
def composed(_emulator: str) -> tuple[ChatPorts, Handler]:
    """The function of chat, made once for an emulator, and its ports, which each test replaces: to make the application
    takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        ports = chat.build_ports(CommandsSettings.read())
        patch.setattr(chat, "build_ports", lambda settings: ports)
        return ports, _CHAT.compose(CommandsSettings.read())


@dataclass
class Library:
    """Processed media, by owner."""

    owned: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def add(self, owner: str, media_id: str, kind: str = "photo") -> str:
        medium = {"id": media_id, "kind": kind, "state": "ready", "contentType": "image/jpeg", "bytes": 1,
                  "altText": "", "url": f"/media/{media_id}", "thumbnailUrl": None}  # fmt: skip
        self.owned.setdefault(owner, {})[media_id] = medium
        return media_id

    def ready(self, owner_id: str, media_ids: Any) -> dict[str, dict[str, Any]]:
        mine = self.owned.get(owner_id, {})
        return {one: mine[one] for one in media_ids if one in mine}

    def picture_url(self, owner_id: str, media_id: str) -> str | None:
        found = self.ready(owner_id, [media_id]).get(media_id)
        return str(found["url"]) if found and found["kind"] == "photo" else None


@dataclass
class Room:
    """The real functions; everybody has a profile."""

    people: FakePeople
    library: Library
    transport: FakeTransport

    def person(self) -> str:
        return new_user()

    def call(self, user: str | None, method: str, path: str, body: Any = None, query_text: str = "") -> Answer:
        handler = query.handler if method == "GET" else chat.handler
        return call_http(handler, method, f"/v1{path}", user=user, body=body, query=query_text)

    def do(self, user: str, method: str, path: str, body: Any = None, query_text: str = "") -> Any:
        """The answer's body; fails when the request was refused."""
        answer = self.call(user, method, f"/conversations{path}", body, query_text)
        assert answer.status < 300, (answer.status, answer.body)
        return answer.body

    def refused(self, user: str | None, method: str, path: str, body: Any = None, query_text: str = "") -> int:
        """The status of a refusal, which must be a problem document."""
        answer = self.call(user, method, f"/conversations{path}", body, query_text)
        assert 400 <= answer.status < 500, (answer.status, answer.body)
        assert answer.body["status"] == answer.status
        return answer.status

    def act(self, user: str, action: str, data: Any) -> dict[str, Any]:
        event = socket_event("MESSAGE", user=user, device="d", body={"action": action, "id": "1", "data": data})
        chat.handler(event, Context())
        return dict(self.transport.replies[-1][1])

    def pair(self, one: str, other: str) -> str:
        return str(self.do(one, "POST", "", {"memberId": other})["id"])

    def group(self, owner: str, *others: str, title: str = "Walkers") -> str:
        body = {"clientGroupId": new_user(), "title": title, "userIds": list(others)}
        return str(self.do(owner, "POST", "/groups", body)["id"])

    def say(self, user: str, conversation: str, text: str = "hello", **more: Any) -> dict[str, Any]:
        body = {"clientMessageId": new_user(), "text": text, **more}
        sent: dict[str, Any] = self.do(user, "POST", f"/{conversation}/messages", body)
        return sent

    def log(self, user: str, conversation: str) -> list[dict[str, Any]]:
        """The messages that this member sees, oldest first."""
        items: list[dict[str, Any]] = self.do(user, "GET", f"/{conversation}/messages", query_text="limit=50")["items"]
        return items[::-1]

    def listed(self, user: str, folder: str = "inbox") -> list[str]:
        return [one["id"] for one in self.do(user, "GET", "", query_text=f"folder={folder}")["items"]]
