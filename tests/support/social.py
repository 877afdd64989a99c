"""A small network for tests: the social functions invoked as the gateway invokes them, streams delivered on demand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.accounts import handler as accounts
from services.posts import handler as posts
from services.profiles import handler as profiles
from services.query import handler as query
from tests.support.aws import Aws
from tests.support.lambdas import Answer, Context, call_http, new_user

_POSTS = ("posts", "media", "drafts", "scheduled-posts")
_GRAPH = ("me", "follows", "follow-requests", "blocks", "mutes", "lists")
_WRITES = {**dict.fromkeys(_POSTS, posts.handler), **dict.fromkeys(_GRAPH, profiles.handler)}


@dataclass
class Network:
    """Commands and queries as people send them; ``project()`` delivers the streams."""

    aws: Aws
    _read: dict[str, int] = field(default_factory=dict)

    def request(self, user: str | None, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """``path`` may contain a query string."""
        route, _, text = path.partition("?")
        handler = query.handler if method == "GET" else _WRITES[route.split("/")[2]]
        if method == "POST" and route.startswith("/v1/me/"):
            handler = accounts.handler
        return call_http(handler, method, route, user=user, body=body, key=key, query=text)

    def get(self, user: str, path: str) -> Any:
        answer = self.request(user, "GET", path)
        assert answer.status == 200, answer
        return answer.body

    def person(self, prefix: str = "u") -> str:
        """Create a profile; returns the user id."""
        user = new_user()
        body = {"handle": self.handle_of(user, prefix), "displayName": f"Person {prefix}", "bio": "hello"}
        answer = self.request(user, "PUT", "/v1/me", body)
        assert answer.status == 201, answer
        return user

    def handle_of(self, user: str, prefix: str = "u") -> str:
        return f"{prefix}_{user.replace('-', '')[:12]}"

    def post(self, user: str, text: str = "hello", **more: Any) -> dict[str, Any]:
        body = {"clientPostId": uuid.uuid4().hex, "text": text, **more}
        answer = self.request(user, "POST", "/v1/posts", body)
        assert answer.status == 201, answer
        created: dict[str, Any] = answer.body
        return created

    def follow(self, follower: str, followee: str) -> None:
        assert self.request(follower, "PUT", f"/v1/follows/{followee}").status == 204

    def project(self, times: int = 1) -> None:
        """Deliver the new stream records to the projectors, each batch ``times`` times."""
        for table, handler in (("profiles", profiles.projector), ("posts", posts.projector)):
            records = self.aws.changes(table)
            new = records[self._read.get(table, 0) :]
            self._read[table] = len(records)
            for start in range(0, len(new), 100):
                for _ in range(times):
                    answer = handler({"Records": new[start : start + 100]}, Context())
                    assert answer == {"batchItemFailures": []}, answer

    def skip(self) -> None:
        """Skip the present stream records, which come from other tests."""
        for table in ("profiles", "posts"):
            self._read[table] = len(self.aws.changes(table))


def ids(items: Sequence[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]
