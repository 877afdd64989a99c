"""Smoke tests of a deployment; each step returns its observation, or raises."""

from __future__ import annotations

import io
import secrets
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import httpx
from PIL import Image

from kit.client import Account, Accounts, Api, Endpoints, Problem, Socket
from kit.client.api import PATIENCE_SECONDS, wait_for


class NotAsExpected(Exception):
    """The message has the expected and the actual value."""


@dataclass
class Visit:
    """Two people who are created for the test and deleted at its end."""

    endpoints: Endpoints
    #: A word that only this visit writes.
    word: str = field(default_factory=lambda: f"smoke{secrets.token_hex(4)}")
    people: dict[str, Account] = field(default_factory=dict)
    apis: dict[str, Api] = field(default_factory=dict)
    post: str = ""
    opened: ExitStack = field(default_factory=ExitStack)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """As a browser without an account."""
        return httpx.get(f"{self.endpoints.base_url}{path}", headers=headers, timeout=PATIENCE_SECONDS)


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise NotAsExpected(f"{what}: expected {wanted}, got {found}")


def pages(visit: Visit) -> str:
    for path in ("/", "/settings", "/config.json"):
        answer = visit.get(path)
        expect(f"GET {path}", answer.status_code, 200)
    expect("the page's type", visit.get("/").headers["content-type"].partition(";")[0], "text/html")
    return f"{visit.endpoints.base_url}/ and its settings"


def doors(visit: Visit) -> str:
    """Private paths are closed, public ones are open."""
    expect("GET /v1/status", visit.get("/v1/status").status_code, 200)
    expect("GET /v1/me without a token", visit.get("/v1/me").status_code, 401)
    expect("GET /media/private/x without a signature", visit.get("/media/private/x").status_code, 403)
    around = httpx.get(f"{visit.endpoints.gateway_api_url}/v1/status", timeout=PATIENCE_SECONDS)
    expect("the API without CloudFront", around.status_code, 403)
    return "no token 401, no signature 403, round CloudFront 403"


def people(visit: Visit) -> str:
    """Create people by the operator's rights, because nobody reads their mail; sign in by SRP as a browser does."""
    accounts = Accounts(visit.endpoints)
    for name in ("ann", "bob"):
        account = accounts.join(f"{visit.word}-{name}@example.com", f"Smoke-{secrets.token_urlsafe(16)}-1a")
        visit.people[name] = account
        visit.apis[name] = visit.opened.enter_context(Api(visit.endpoints, account))
        visit.apis[name].put("/v1/me", {"handle": f"{visit.word}_{name}", "displayName": f"Smoke {name}"})
    visit.apis["bob"].put(f"/v1/follows/{visit.people['ann'].user_id}")
    return "two people signed up, in and follow each other's posts"


def posts(visit: Visit) -> str:
    ann, bob = visit.apis["ann"], visit.apis["bob"]
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((640, 400)).convert("RGB").save(picture, "JPEG")
    media = ann.upload("photo", "image/jpeg", picture.getvalue(), "A gradient")
    body = {"clientPostId": uuid.uuid4().hex, "text": f"Good morning {visit.word}", "mediaIds": [media]}
    visit.post = str(ann.post("/v1/posts", body)["id"])
    shown = bob.get(f"/v1/posts/{visit.post}")["media"][0]["url"]
    expect("the photo by its signed link", visit.get(shown).status_code, 200)
    expect("the photo without the signature", visit.get(shown.partition("?")[0]).status_code, 403)
    return "a photo was uploaded, checked, posted and shown by a signed link"


def timelines(visit: Visit) -> str:
    bob = visit.apis["bob"]
    wait_for(
        lambda: bob.get("/v1/timelines/home"),
        until=lambda page: visit.post in [one["id"] for one in page["items"]],
        what="the post in a follower's timeline",
    )
    return "the post reached a follower"


def search(visit: Visit) -> str:
    bob = visit.apis["bob"]
    wait_for(
        lambda: bob.get("/v1/search", q=visit.word),
        until=lambda page: visit.post in [one["post"]["id"] for one in page["items"]],
        what="the post in search",
    )
    return f"search finds {visit.word}"


def notifications(visit: Visit) -> str:
    visit.apis["bob"].put(f"/v1/posts/{visit.post}/like")
    wait_for(
        lambda: visit.apis["ann"].get("/v1/notifications"),
        until=lambda page: page["items"],
        what="the notification of the like",
    )
    return "a like was told"


def sockets(visit: Visit) -> str:
    ann, bob = visit.apis["ann"], visit.apis["bob"]
    conversation = ann.post("/v1/conversations", {"memberId": visit.people["bob"].user_id})["id"]
    client_id = uuid.uuid4().hex
    with Socket(visit.endpoints, ann) as hers, Socket(visit.endpoints, bob) as his:
        sent = {"conversationId": conversation, "clientMessageId": client_id, "text": "Good morning"}
        hers.send("chat.send", sent)
        his.wait("chat.message", lambda data: data["message"]["clientMessageId"] == client_id)
        call = hers.send("call.start", {"calleeId": visit.people["bob"].user_id, "media": "audio"})["call"]["id"]
        his.wait("call.ringing", lambda data: data["call"]["id"] == call)
        his.send("call.accept", {"callId": call})
        hers.send("call.hangup", {"callId": call})
        his.wait("call.ended", lambda data: data["call"]["id"] == call)
    return "a message arrived, a call rang, was taken and ended"


STEPS: Final[tuple[tuple[str, Callable[[Visit], str]], ...]] = (
    ("pages", pages),
    ("doors", doors),
    ("people", people),
    ("posts", posts),
    ("timelines", timelines),
    ("search", search),
    ("notifications", notifications),
    ("sockets", sockets),
)


def leave(visit: Visit) -> list[str]:
    """Delete the accounts with all that they made; returns what could not be deleted, and why."""
    left: list[str] = []
    for name, api in visit.apis.items():
        try:
            api.post("/v1/me/deletion", {"handle": f"{visit.word}_{name}"})
        except (Problem, httpx.HTTPError) as error:
            left.append(f"{visit.people[name].email}: {error}")
    visit.opened.close()
    return left
