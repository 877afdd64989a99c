"""One user class per scenario that needs more than one person, or more than a request."""

from __future__ import annotations

import io
import time
import uuid
from contextlib import suppress
from functools import cache
from typing import Any

from locust import constant_pacing, task
from PIL import Image

from kit.client import Api, Socket
from kit.client.api import wait_for
from kit.client.socket import Frame, SocketError
from loadtests.browsing import people_of, sentence
from loadtests.sockets import SocketPerson

_SIGNAL_SDP = "v=0\r\n" + "a=candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host\r\n" * 60
#: Members of a group, with the one who writes.
_GROUP = 5
_SECONDS = 10.0


class ChatUser(SocketPerson):
    """Two people in one conversation: A sends over the socket, B receives."""

    def on_start(self) -> None:
        super().on_start()
        first, second = people_of(self.environment).next_pair()
        api, self.sender = self.open(first)
        other, self.receiver = self.open(second)
        self.conversation = api.post("/v1/conversations", {"memberId": second.user_id})["id"]
        other.put(f"/v1/conversations/{self.conversation}/request", {"accept": True})

    @task
    def send(self) -> None:
        client_id = uuid.uuid4().hex
        data = {"conversationId": self.conversation, "clientMessageId": client_id, "text": sentence()}
        begun = time.time()
        try:
            self.sender.send("chat.send", data)
        except (SocketError, TimeoutError, OSError) as error:
            self.report("chat.send -> ack", begun, time.time(), error)
            return
        self.report("chat.send -> ack", begun, time.time())

        def mine(event: Frame) -> bool:
            return bool(event["message"]["clientMessageId"] == client_id)

        self.arrival(self.receiver, "chat.message", mine, "message -> device", begun)
        self.sender.events.clear()


class GroupUser(SocketPerson):
    """Five people in a group: one writes, and it counts when the last of the others has it."""

    wait_time = constant_pacing(3)

    def on_start(self) -> None:
        super().on_start()
        owner, *others = people_of(self.environment).next_group(_GROUP)
        api, self.sender = self.open(owner)
        for one in others:
            with Api(self.endpoints, one) as other:
                other.put(f"/v1/follows/{owner.user_id}")
        body = {"clientGroupId": uuid.uuid4().hex, "title": "Load", "userIds": [one.user_id for one in others]}
        self.conversation = api.post("/v1/conversations/groups", body)["id"]
        self.receivers: list[Socket] = [self.open(one)[1] for one in others]

    @task
    def send(self) -> None:
        data = {"conversationId": self.conversation, "clientMessageId": uuid.uuid4().hex, "text": sentence()}
        begun = time.time()

        def everywhere() -> None:
            self.sender.send("chat.send", data)
            for one in self.receivers:
                one.wait("chat.message", lambda event: _is(event, data["clientMessageId"]), seconds=_SECONDS)
                one.events.clear()

        self.awaited("group message -> last device", begun, everywhere)
        self.sender.events.clear()


def _is(event: Frame, client_id: str) -> bool:
    return bool(event["message"]["clientMessageId"] == client_id)


class EffectsUser(SocketPerson):
    """The effects of a post and a like: A posts, B follows A and searches; A likes, B's device is notified."""

    wait_time = constant_pacing(4)

    def on_start(self) -> None:
        super().on_start()
        first, second = people_of(self.environment).next_pair()
        self.actor = Api(self.endpoints, first)
        self.apis.append(self.actor)
        self.owner, self.socket = self.open(second)

    @task
    def effects(self) -> None:
        """One of each in turn, so that a short run has all of them."""
        self.publish()
        self.like()

    def publish(self) -> None:
        """Looked for every tenth of a second: figures are that coarse."""
        word = f"w{uuid.uuid4().hex[:16]}"
        begun = time.time()
        post = self.actor.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": f"{sentence()} {word}"})["id"]

        def there(page: Any) -> bool:
            """Search answers with hits, which have the post in them."""
            return any(one.get("post", one)["id"] == post for one in page["items"])

        self.awaited("post -> timeline", begun, lambda: wait_for(
            lambda: self.owner.get("/v1/timelines/home", limit=10), until=there, what="the post at a follower",
            seconds=_SECONDS,
        ))  # fmt: skip
        self.awaited("post -> searchable", begun, lambda: wait_for(
            lambda: self.owner.get("/v1/search", q=word), until=there, what="the post in a search", seconds=_SECONDS,
        ))  # fmt: skip

    def like(self) -> None:
        post = self.owner.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": sentence()})["id"]
        begun = time.time()
        self.actor.put(f"/v1/posts/{post}/like")

        def about_it(event: Frame) -> bool:
            return bool(event["notification"].get("postId") == post)

        self.arrival(self.socket, "notification.created", about_it, "like -> notification", begun)


class MediaUser(SocketPerson):
    """Uploads a photo of 1280 by 960 points, waits until it is processed, and posts it."""

    wait_time = constant_pacing(5)

    def on_start(self) -> None:
        super().on_start()
        self.api = Api(self.endpoints, people_of(self.environment).next())
        self.apis.append(self.api)

    @task
    def upload(self) -> None:
        found: list[str] = []
        begun = time.time()
        uploaded = lambda: found.append(self.api.upload("photo", "image/jpeg", photo(), "a gradient"))  # noqa: E731
        if self.awaited("upload -> ready", begun, uploaded):
            body = {"clientPostId": uuid.uuid4().hex, "text": sentence(), "mediaIds": found}
            begun = time.time()
            self.awaited("POST /v1/posts with a photo", begun, lambda: self.api.post("/v1/posts", body))


@cache
def photo() -> bytes:
    made = io.BytesIO()
    Image.linear_gradient("L").resize((1280, 960)).convert("RGB").save(made, "JPEG")
    return made.getvalue()


class CallUser(SocketPerson):
    """A rings B, B accepts, both signal, A hangs up."""

    wait_time = constant_pacing(4)

    def on_start(self) -> None:
        super().on_start()
        first, second = people_of(self.environment).next_pair()
        self.callee_id = second.user_id
        _, self.caller = self.open(first)
        _, self.callee = self.open(second)

    @task
    def call(self) -> None:
        begun = time.time()
        try:
            call = self.caller.send("call.start", {"calleeId": self.callee_id, "media": "audio"})["call"]["id"]
        except SocketError as error:
            # Two simulated pairs may share a person: busy is the right answer then.
            failed = None if error.problem.get("status") == 409 else error
            self.report("call.start -> busy", begun, time.time(), failed)
            return

        def this(event: Frame) -> bool:
            return bool((event.get("call") or {}).get("id") == call or event.get("callId") == call)

        try:
            if self.arrival(self.callee, "call.ringing", this, "call.start -> ringing", begun) is None:
                return
            self.callee.send("call.accept", {"callId": call})
            begun = time.time()
            offer = {"callId": call, "description": {"type": "offer", "sdp": _SIGNAL_SDP}}
            self.caller.send("call.signal", offer)
            self.arrival(self.callee, "call.signal", this, "call.signal -> received", begun)
        finally:
            with suppress(SocketError):
                self.caller.send("call.hangup", {"callId": call})
            self.caller.events.clear()
