"""Moderation and accounts: time from the decision to its effect, and from request to completed export and deletion.

``TRUST_POSTS`` (default 100): posts of the accounts that are exported, suspended and deleted.
"""

from __future__ import annotations

import os
import secrets
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kit.client import Accounts, Api, Endpoints
from kit.client.api import wait_for
from loadtests.bench.report import Figure

_PASSWORD = "Bench-2026-local!"  # noqa: S105 - of accounts that exist on the local target only
_SUITE = "trust"
_PATIENCE = 300.0


def run() -> list[Figure]:
    """Each figure is one measurement: what is counted takes seconds, not milliseconds."""
    endpoints, posts = Endpoints.load(), int(os.environ.get("ASYNCSNS_BENCH_TRUST_POSTS", "100"))
    accounts = Accounts(endpoints)
    desk = Api(endpoints, accounts.join(f"mod{secrets.token_hex(6)}@example.com", _PASSWORD, ("moderators",)))
    reader = _person(endpoints, accounts)
    person = _person(endpoints, accounts)
    note = f"an account with {posts} posts"
    with desk, reader, person:
        made = _publish(person, posts)
        return [
            _hidden(desk, reader, made[0]),
            *_suspended(desk, person, note),
            _exported(person, note),
            _deleted(person, reader, note),
        ]


def _person(endpoints: Endpoints, accounts: Accounts) -> Api:
    name = secrets.token_hex(6)
    api = Api(endpoints, accounts.join(f"t{name}@example.com", _PASSWORD))
    api.put("/v1/me", {"handle": f"b_{name}", "displayName": "Bench"})
    return api


def _publish(person: Api, posts: int) -> list[str]:
    def publish(number: int) -> str:
        body = {"clientPostId": uuid.uuid4().hex, "text": f"朝の散歩 number {number}"}
        return str(person.post("/v1/posts", body)["id"])

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(publish, range(posts)))


def _until(what: str, read: Callable[[], Any], until: Callable[[Any], object]) -> float:
    begun = time.perf_counter()
    wait_for(read, until=until, what=what, seconds=_PATIENCE, every=0.02)
    return time.perf_counter() - begun


def _hidden(desk: Api, reader: Api, post_id: str) -> Figure:
    path = f"/v1/moderation/cases/post/{post_id}/decisions"
    desk.post(path, {"decision": "hide", "reason": "spam"})
    status = lambda: reader.http.get(f"/v1/posts/{post_id}").status_code  # noqa: E731 - one question
    seconds = _until("the post to be hidden", status, lambda found: found == 404)
    return Figure(_SUITE, "a post is hidden: decision to effect", seconds * 1000, "ms", "", "answer to first 404")


def _suspended(desk: Api, person: Api, note: str) -> list[Figure]:
    me = person.get("/v1/me")["id"]
    path, figures = f"/v1/moderation/cases/person/{me}/decisions", []
    for decision, wanted in (("suspend", 403), ("unsuspend", 204)):
        desk.post(path, {"decision": decision, "reason": "spam"})
        write = lambda: person.http.delete("/v1/searches/01ARZ3NDEKTSV4RRFFQ69G5FAV").status_code  # noqa: E731
        seconds = _until(decision, write, lambda found, wanted=wanted: found == wanted)  # type: ignore[misc]
        figures.append(Figure(_SUITE, f"{decision}: decision to effect on commands", seconds * 1000, "ms", "", note))
    return figures


def _exported(person: Api, note: str) -> Figure:
    person.post("/v1/me/export")
    seconds = _until("the export", lambda: person.get("/v1/me/export"), lambda one: one["state"] == "ready")
    return Figure(_SUITE, "export: request to file", seconds, "s", "", note)


def _deleted(person: Api, reader: Api, note: str) -> Figure:
    me = person.get("/v1/me")
    person.post("/v1/me/deletion", {"handle": me["handle"]})
    posts = lambda: len(reader.get(f"/v1/users/{me['id']}/posts", limit=1)["items"])  # noqa: E731
    seconds = _until("the posts to be gone", posts, lambda found: found == 0)
    return Figure(_SUITE, "deletion: request to the last post gone", seconds, "s", "", note)
