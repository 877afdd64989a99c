"""People of the running stack for end-to-end tests: new ones for each test, through public addresses only."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from kit.client import Accounts, Api, Endpoints, Problem
from kit.client.api import PATIENCE_SECONDS, wait_for

PASSWORD = "Asyncsns-test-1"
#: A client without a token. httpx's default timeout of five seconds is too short for a busy machine.
fetch = partial(httpx.get, timeout=PATIENCE_SECONDS)


@dataclass
class Person:
    """A signed-in person with a profile."""

    api: Api
    id: str
    handle: str

    def post(self, text: str = "hello", **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.api.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text, **more})
        return made

    def follow(self, other: Person) -> None:
        self.api.put(f"/v1/follows/{other.id}")

    def home(self) -> list[str]:
        return [post["id"] for post in self.api.get("/v1/timelines/home", limit=50)["items"]]

    def sees_in_public(self, post_id: str) -> bool:
        """Wait until the public timeline shows the post, behind whatever others have published since."""
        cursor = None
        while True:
            page = self.api.get("/v1/timelines/public", limit=50, cursor=cursor)
            ids = [post["id"] for post in page["items"]]
            cursor = page["older"]
            if post_id in ids or cursor is None or (ids and ids[-1] < post_id):
                return post_id in ids

    def walk(self, path: str, *, limit: int = 20) -> list[dict[str, Any]]:
        """All items of a list, by its ``older`` cursors."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.api.get(path, limit=limit, cursor=cursor)
            found += page["items"]
            cursor = page["older"]
            if cursor is None:
                return found

    def refused(self, method: str, path: str, body: Any = None, **params: Any) -> Problem:
        """The problem document of a refusal; fails when the API doesn't refuse."""
        try:
            answer = self.api.call(method, path, body, **params)
        except Problem as problem:
            assert isinstance(problem.document, dict), problem
            assert {"type", "title", "status"} <= set(problem.document), problem
            return problem
        raise AssertionError(f"{method} {path} was not refused: {answer}")


@dataclass
class Town:
    """Creates people; ``close`` closes their connections."""

    endpoints: Endpoints
    people: list[Person] = field(default_factory=list)

    def stranger(self) -> Api:
        """A signed-in person without a profile."""
        account = Accounts(self.endpoints).join(f"t{secrets.token_hex(8)}@example.com", PASSWORD)
        return Api(self.endpoints, account)

    def person(self, name: str = "Test", **more: Any) -> Person:
        api = self.stranger()
        handle = f"t_{secrets.token_hex(6)}"
        profile = api.put("/v1/me", {"handle": handle, "displayName": name, **more})
        person = Person(api, profile["id"], handle)
        self.people.append(person)
        return person

    def close(self) -> None:
        for person in self.people:
            person.api.close()


def eventually(
    read: Callable[[], Any],
    until: Callable[[Any], bool],
    what: str,
    seconds: float = PATIENCE_SECONDS,
    every: float = 0.1,
) -> Any:
    """The first value of ``read()`` that ``until`` accepts; fails with the last value at the deadline."""
    return wait_for(read, until=until, what=what, seconds=seconds, every=every, slowing=True)
