"""A small world for the authorization tests: an owner with one of each resource, and one asker of each kind."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.access.rules import Asker
from services.calls.model import Call, CallState
from services.calls.repository import CallRepository, Current
from services.common.clock import now, now_text, to_text
from services.common.ids import new_id
from services.common.limits import CommandLimits
from services.notifications.device_repository import DeviceRepository
from services.notifications.devices import Device
from services.notifications.preferences import Channel
from services.profiles.public import ProfileRepository
from tests.support.aws import Aws
from tests.support.gateway import Caller, Request, send
from tests.support.lambdas import new_user

#: Refused askers come first, the owner last, because an allowed request may change the resource for the next asker.
ORDER = (
    Asker.ANONYMOUS, Asker.SUSPENDED, Asker.BLOCKED, Asker.OUTSIDER, Asker.DEVELOPER, Asker.MODERATOR,
    Asker.ADMINISTRATOR, Asker.FOLLOWER, Asker.MEMBER, Asker.OWNER,
)  # fmt: skip
_GROUPS = {Asker.MODERATOR: "moderators", Asker.ADMINISTRATOR: "administrators", Asker.DEVELOPER: "developers"}
_POLL = {"options": ["tea", "coffee"], "multiple": False, "durationSeconds": 3600}


@dataclass
class World:
    """``ids`` fill the placeholders of paths and bodies."""

    aws: Aws
    users: dict[Asker, str | None] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def settled(cls, aws: Aws) -> World:
        made = cls(aws)
        made.users = {one: made.person() for one in Asker if one is not Asker.ANONYMOUS}
        made.users[Asker.ANONYMOUS] = None
        made._settle()
        return made

    @property
    def owner(self) -> str:
        found = self.users[Asker.OWNER]
        assert found
        return found

    def person(self) -> str:
        user = new_user()
        body = {"handle": _handle(user), "displayName": "W"}
        assert send(Caller(user), _request("PUT /v1/me", body))["statusCode"] == 201
        return user

    def caller(self, asker: Asker) -> Caller:
        groups = (_GROUPS[asker],) if asker in _GROUPS else ()
        return Caller(self.users[asker], groups, int(time.time()))

    def ask(self, asker: Asker, route: str, body: Any = None) -> dict[str, Any]:
        """``route``: method and path, optionally with a query string; placeholders are replaced."""
        self.ids["my_handle"] = _handle(str(self.users[asker]))
        filled = json.loads(self.fill(json.dumps(body))) if body is not None else None
        return send(self.caller(asker), _request(self.fill(route), filled))

    def fill(self, text: str) -> str:
        for name, value in self.ids.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def make(self, route: str, body: Any = None) -> Any:
        """Make a request as the owner."""
        answer = self.ask(Asker.OWNER, route, body)
        assert answer["statusCode"] < 300, (route, answer)
        return json.loads(answer["body"]) if answer.get("body") else None

    def _settle(self) -> None:
        self.ids |= {"user_id": self.owner, "other_id": self.person(), "asker_id": self.person()}
        self.ids |= {"handle": _handle(self.owner), "draft_id": new_id(), "scheduled_id": new_id()}
        self.ids |= {"search_id": new_id(), "word_id": new_id(), "list_id": new_id(), "notification_id": new_id()}
        self.ids["later"] = to_text(now() + timedelta(days=1))
        self.ids |= {"tag": "tag", "member_id": str(self.users[Asker.MEMBER])}
        people = ProfileRepository("profiles")
        people.follow(str(self.users[Asker.FOLLOWER]), self.owner)
        people.block(self.owner, str(self.users[Asker.BLOCKED]))
        people.request(self.ids["asker_id"], self.owner)
        group = {"clientGroupId": "g", "title": "g", "userIds": [self.ids["member_id"], self.ids["other_id"]]}
        self.ids["conversation_id"] = self.make("POST /v1/conversations/groups", group)["id"]
        member = self.ask(Asker.MEMBER, "PUT /v1/conversations/{conversation_id}/request", {"accept": True})
        assert member["statusCode"] < 300, member
        self.make("PUT /v1/lists/{list_id}", {"name": "l"})
        self.ids["token"] = self.make("PUT /v1/conversations/{conversation_id}/link", {})["token"]
        self._report()
        CommandLimits("idempotency").close(str(self.users[Asker.SUSPENDED]), "spam", 1)

    def _report(self) -> None:
        """A case about a post of the owner, decided, with its measure in force."""
        self.ids["kind"] = "post"
        self.ids["subject_id"] = self.make("POST /v1/posts", {"clientPostId": uuid.uuid4().hex, "text": "x"})["id"]
        about = {"kind": "post", "subjectId": "{subject_id}", "reason": "spam"}
        assert self.ask(Asker.OUTSIDER, "POST /v1/reports", about)["statusCode"] == 201
        decision = {"decision": "hide", "reason": "spam"}
        path = "POST /v1/moderation/cases/post/{subject_id}/decisions"
        assert self.ask(Asker.MODERATOR, path, decision)["statusCode"] == 200

    def refresh(self, route: str) -> None:
        """Recreate what an earlier request may have used up: a post, a message, a medium, a call, a device."""
        if "{post_id}" in route:
            poll = {"poll": _POLL} if "/vote" in route else {}
            body = {"clientPostId": uuid.uuid4().hex, "text": "x", "visibility": "followers", **poll}
            self.ids["post_id"] = self.make("POST /v1/posts", body)["id"]
        if "{seq}" in route:
            text = {"clientMessageId": uuid.uuid4().hex, "text": "x"}
            message = self.make("POST /v1/conversations/{conversation_id}/messages", text)
            self.ids["seq"] = str(message["seq"])
        if "{media_id}" in route:
            parts = {"kind": "video", "contentType": "video/mp4", "bytes": 9_000_000, "resumable": True}
            self.ids["media_id"] = self.make("POST /v1/media", parts)["media"]["id"]
        if "{scheduled_id}" in route:
            later = {"publishAt": "{later}", "post": {"text": "x"}}
            self.make("PUT /v1/scheduled-posts/{scheduled_id}", later)
        if "{device_id}" in route:
            device = Device(self.owner, Channel.WEB_PUSH, f"https://push.example/{new_id()}", "", "p", "a")
            DeviceRepository("notifications").save(device)
            self.ids["device_id"] = device.id
        if route == "GET /v1/me/export":
            for asker in ORDER:
                self.ask(asker, "POST /v1/me/export")
        if "{live_id}" in route:
            self.ids["live_id"] = self._live()
        if "{call_id}" in route or route.startswith("call."):
            self.ids["call_id"] = self._call()

    def _live(self) -> str:
        """A broadcast for followers, which replaces the previous one."""
        if "live_id" in self.ids:
            self.make("POST /v1/live/{live_id}/end")
        self.ids["session"] = "page-0001"
        body = {"clientLiveId": uuid.uuid4().hex, "audience": "followers"}
        live: str = self.make("POST /v1/live", body)["id"]
        return live

    def _call(self) -> str:
        member = self.ids["member_id"]
        call = Call(new_id(), self.owner, member, "audio", CallState.ACCEPTED, now_text())
        calls = CallRepository("calls")
        seen = [calls.current(one) for one in (self.owner, member)]
        assert calls.begin(call, *[Current(one.user_id, one.call_id, None) for one in seen])
        return call.id


def _handle(user: str) -> str:
    return f"w_{user.replace('-', '')[:12]}"


def _request(route: str, body: Any) -> Request:
    method, target = route.split(" ", 1)
    path, _, query = target.partition("?")
    content = None if body is None else json.dumps(body).encode()
    return Request(method, path, query, body=content)
