"""People who browse, by HTTP. Names of requests are routes, not URLs, so that the table stays short."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from locust import FastHttpUser, constant_pacing
from locust.env import Environment

from kit.client import Account
from loadtests.mix import ACTIONS
from loadtests.people import People

_WORDS = ["朝", "散歩", "珈琲", "写真", "京都", "海", "星", "コード", "テスト", "serverless", "async"]
_WORDS += ["stream", "morning", "coffee", "trail", "sunset"]
_QUERIES = ["京都", "コード", "coffee", "朝 散歩", '"morning coffee"', "from:load0001", "has:photo 海"]


def sentence() -> str:
    """A short post in two languages with a tag."""
    return " ".join(random.sample(_WORDS, 6)) + f" #{random.choice(_WORDS)}"


def people_of(environment: Environment) -> People:
    """Prepared once per Locust process, by the listener in ``locustfile.py``."""
    people: People = environment.people  # type: ignore[attr-defined]
    return people


class BrowsingUser(FastHttpUser):
    """Reads timelines and pages, posts, likes, searches: by the weights of ``mix.ACTIONS``."""

    wait_time = constant_pacing(1)
    account: Account
    #: Posts of the last page of the home timeline, with their authors.
    seen: list[tuple[str, str]]

    def on_start(self) -> None:
        self.account = people_of(self.environment).next()
        self.seen = []

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

    def read_home(self) -> None:
        page = self.call("GET", "/v1/timelines/home", "GET /v1/timelines/home", 200)
        if page:
            self.seen = [(post["id"], post["author"]["id"]) for post in page["items"]]

    def read_person(self) -> None:
        person = random.choice(self.seen)[1] if self.seen else self.account.user_id
        self.call("GET", f"/v1/users/{person}/posts", "GET /v1/users/{id}/posts", 200)

    def publish(self) -> None:
        body = {"clientPostId": uuid.uuid4().hex, "text": sentence()}
        self.call("POST", "/v1/posts", "POST /v1/posts", 201, body)

    def like(self) -> None:
        if not self.seen:
            self.read_home()
            return
        post = random.choice(self.seen)[0]
        self.call("PUT", f"/v1/posts/{post}/like", "PUT /v1/posts/{id}/like", 204)

    def search(self) -> None:
        query = random.choice(_QUERIES).replace("#", "%23").replace(" ", "+").replace('"', "%22")
        self.call("GET", f"/v1/search?q={query}", "GET /v1/search", 200)

    def suggest(self) -> None:
        self.call("GET", f"/v1/search/suggest?q={random.choice(_WORDS)[:2]}", "GET /v1/search/suggest", 200)

    def read_notifications(self) -> None:
        self.call("GET", "/v1/notifications", "GET /v1/notifications", 200)

    #: Name in ``ACTIONS`` → what is done.
    _DONE_BY: ClassVar[dict[str, Callable[[Any], None]]] = {
        "GET /v1/timelines/home": read_home,
        "GET /v1/users/{id}/posts": read_person,
        "PUT /v1/posts/{id}/like": like,
        "GET /v1/search": search,
        "POST /v1/posts": publish,
        "GET /v1/notifications": read_notifications,
        "GET /v1/search/suggest": suggest,
    }


BrowsingUser.tasks = [BrowsingUser._DONE_BY[name] for name, one in ACTIONS.items() for _ in range(one.weight)]
