"""The life of a post: edits, votes, and how exactly a scheduled post keeps its time."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

from kit.client import Api
from kit.client.api import wait_for
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures
from services.common.clock import from_text, now, to_text
from services.common.ids import new_id

_EDITS = 20
_POLLS = 5
#: Voters at the same moment: few, so that a cold start is the exception.
_AT_ONCE = 2
#: Spread over a few seconds, so that no two are due in the same moment.
_SCHEDULED = 6
_PATIENCE_S = 60.0


def run(crowd: Crowd) -> list[Figure]:
    """Scheduled posts wait while the other figures are taken; about 100 seconds in all."""
    with ExitStack() as stack:
        apis = [stack.enter_context(Api(crowd.endpoints, account)) for account in crowd.accounts]
        due = _schedule(apis[0])
        edited, found = _edit(apis[0])
        voted, counted = _vote(apis[0], apis[1:])
        late = [_lateness(apis[0], text, at) for text, at in due.items()]
    each = f"{len(apis) - 1} voters, {_AT_ONCE} at once, {_POLLS} polls"
    return [
        *latency_figures("life", "edit (one transaction, a version kept)", edited, "≤ 300"),
        *latency_figures("life", "edit → search finds the new text", found, "≤ 1,000"),
        *latency_figures("life", "vote", voted, "≤ 300", each),
        *latency_figures("life", "last vote → all counted", counted, "≤ 1,000", each),
        *latency_figures("life", "scheduled post after its time", late, "≤ 5,000", f"{_SCHEDULED} posts"),
    ]


def _publish(author: Api, text: str, **more: object) -> dict[str, object]:
    made: dict[str, object] = author.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text, **more})
    return made


def _schedule(author: Api) -> dict[str, str]:
    """Text → when it is due."""
    due = {}
    for number in range(_SCHEDULED):
        text, at = f"due {uuid.uuid4().hex}", to_text(now() + timedelta(seconds=70 + 2 * number))
        author.put(f"/v1/scheduled-posts/{new_id()}", {"publishAt": at, "post": {"text": text}})
        due[text] = at
    return due


def _edit(author: Api) -> tuple[list[float], list[float]]:
    post = _publish(author, "to be edited")
    commands, searches = [], []
    for version in range(1, _EDITS + 1):
        word = f"edit{uuid.uuid4().hex[:12]}"
        begun = time.perf_counter()
        author.call("PATCH", f"/v1/posts/{post['id']}", {"version": version, "text": f"{word} 朝の散歩"})
        commands.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        wait_for(
            lambda word=word: author.get("/v1/search", q=word)["items"],  # type: ignore[misc]
            until=bool, what="the edit in search", seconds=_PATIENCE_S,
        )  # fmt: skip
        searches.append(time.perf_counter() - begun)
    return commands, searches


def _vote(author: Api, voters: list[Api]) -> tuple[list[float], list[float]]:
    commands: list[float] = []
    counted = []
    for _ in range(_POLLS):
        post = _publish(author, "which?", poll={"options": ["this", "that"], "durationSeconds": 300})
        path = f"/v1/posts/{post['id']}"

        def vote(numbered: tuple[int, Api], path: str = path) -> float:
            number, voter = numbered
            begun = time.perf_counter()
            voter.put(f"{path}/vote", {"choices": [number % 2]})
            return time.perf_counter() - begun

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            commands += pool.map(vote, enumerate(voters))
        begun = time.perf_counter()
        wait_for(
            lambda path=path: author.get(path)["poll"]["voters"],  # type: ignore[misc]
            until=lambda number: number == len(voters), what="all votes to be counted", seconds=_PATIENCE_S,
        )  # fmt: skip
        counted.append(time.perf_counter() - begun)
    return commands, counted


def _lateness(author: Api, text: str, at: str) -> float:
    assert author.account is not None
    path = f"/v1/users/{author.account.user_id}/posts"

    def published() -> str | None:
        return next((one["createdAt"] for one in author.get(path, limit=50)["items"] if one["text"] == text), None)

    made = wait_for(published, until=bool, what="the scheduled post", seconds=120)
    return (from_text(str(made)) - from_text(at)).total_seconds()
