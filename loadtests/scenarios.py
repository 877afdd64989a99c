"""One user class per scenario. Names of requests are routes, not URLs, so that the table stays short."""

from __future__ import annotations

import random
import time
import uuid
from contextlib import suppress
from typing import Any, ClassVar

from locust import FastHttpUser, User, constant_pacing, task
from locust.env import Environment

from kit.client import Account, Api, Endpoints, Socket
from kit.client.socket import Frame, SocketError
from loadtests.people import People

_WORDS = ["朝", "散歩", "珈琲", "写真", "京都", "海", "星", "コード", "テスト", "serverless", "async"]
_WORDS += ["stream", "morning", "coffee", "trail", "sunset"]
_QUERIES = ["京都", "コード", "coffee", "朝 散歩", '"morning coffee"', "from:load0001", "has:photo 海"]
_SIGNAL_SDP = "v=0\r\n" + "a=candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host\r\n" * 60


def sentence() -> str:
    """A short post in two languages with a tag."""
    return " ".join(random.sample(_WORDS, 6)) + f" #{random.choice(_WORDS)}"


def people_of(environment: Environment) -> People:
    """Prepared once per Locust process, by the listener in ``locustfile.py``."""
    people: People = environment.people  # type: ignore[attr-defined]
    return people


class _HttpPerson(FastHttpUser):
    """Base: signed in, calls through the one origin."""

    abstract = True
    wait_time = constant_pacing(1)
    account: Account

    def on_start(self) -> None:
        self.account = people_of(self.environment).next()
        self.client.auth_header = f"Bearer {self.account.access_token}"

    def call(self, method: str, path: str, name: str, expected: int, body: Any = None) -> Any:
        """One request; any status but ``expected`` is a failure with the body in it."""
        headers = {"authorization": f"Bearer {self.account.access_token}"}
        arguments: dict[str, Any] = {} if body is None else {"json": body}
        with self.client.request(method, path, name=name, headers=headers, catch_response=True, **arguments) as answer:
            if answer.status_code != expected:
                answer.failure(f"expected {expected}, got {answer.status_code}: {(answer.text or '')[:200]}")
                return None
            answer.success()
            return answer.json() if answer.text else None


class PostingUser(_HttpPerson):
    """Reads the home timeline, posts, likes what is there."""

    def on_start(self) -> None:
        super().on_start()
        self.seen: list[str] = []

    @task(6)
    def read_home(self) -> None:
        page = self.call("GET", "/v1/timelines/home", "GET /v1/timelines/home", 200)
        if page:
            self.seen = [post["id"] for post in page["items"]]

    @task(3)
    def publish(self) -> None:
        body = {"clientPostId": uuid.uuid4().hex, "text": sentence()}
        self.call("POST", "/v1/posts", "POST /v1/posts", 201, body)

    @task(2)
    def like(self) -> None:
        if self.seen:
            post = random.choice(self.seen)
            self.call("PUT", f"/v1/posts/{post}/like", "PUT /v1/posts/{id}/like", 204)


class SearchUser(_HttpPerson):
    """Searches posts and asks for suggestions."""

    @task(3)
    def search(self) -> None:
        query = random.choice(_QUERIES).replace("#", "%23").replace(" ", "+").replace('"', "%22")
        self.call("GET", f"/v1/search?q={query}", "GET /v1/search", 200)

    @task(1)
    def suggest(self) -> None:
        self.call("GET", f"/v1/search/suggest?q={random.choice(_WORDS)[:2]}", "GET /v1/search/suggest", 200)


class _SocketPerson(User):
    """Base of the socket scenarios: latency is from the sender's clock in the payload to the arrival."""

    abstract = True
    wait_time = constant_pacing(2)
    host_not_needed: ClassVar[bool] = True

    def on_start(self) -> None:
        self.endpoints: Endpoints = people_of(self.environment).endpoints
        self.sockets: list[Socket] = []
        self.apis: list[Api] = []

    def on_stop(self) -> None:
        for socket in self.sockets:
            with suppress(OSError):
                socket.close()
        for api in self.apis:
            api.close()

    def open(self, account: Account) -> tuple[Api, Socket]:
        api = Api(self.endpoints, account)
        self.apis.append(api)
        begun = time.time()
        socket = Socket(self.endpoints, api)
        self.report("connect", begun, time.time())
        self.sockets.append(socket)
        return api, socket

    def report(self, name: str, begun: float, ended: float, error: Exception | None = None) -> None:
        self.environment.events.request.fire(
            request_type="WS", name=name, response_time=(ended - begun) * 1000, response_length=0, exception=error
        )

    def arrival(self, socket: Socket, kind: str, fits: Any, name: str, begun: float) -> Frame | None:
        """Wait for an event, report its latency by the socket's arrival time, and forget what has arrived."""
        try:
            frame = socket.wait(kind, fits, seconds=10)
        except TimeoutError as error:
            self.report(name, begun, time.time(), error)
            return None
        arrived = next(at for at, one in socket.events if one is frame)
        socket.events.clear()
        self.report(name, begun, arrived)
        return frame


class ChatUser(_SocketPerson):
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

        self.arrival(self.receiver, "chat.message", mine, "chat.send -> received", begun)
        self.sender.events.clear()


class NotificationUser(_SocketPerson):
    """A follows and likes; B's notification arrives on B's socket."""

    def on_start(self) -> None:
        super().on_start()
        first, second = people_of(self.environment).next_pair()
        self.actor, self.owner = Api(self.endpoints, first), Api(self.endpoints, second)
        self.apis += [self.actor, self.owner]
        _, self.socket = self.open(second)

    @task
    def like(self) -> None:
        post = self.owner.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": sentence()})["id"]
        begun = time.time()
        self.actor.put(f"/v1/posts/{post}/like")

        def about_it(event: Frame) -> bool:
            return bool(event["notification"].get("postId") == post)

        self.arrival(self.socket, "notification.created", about_it, "like -> notification", begun)


class CallUser(_SocketPerson):
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
