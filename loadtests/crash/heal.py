"""How long until the network is whole again: a new post is acknowledged and stands in a follower's home."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from kit.client import Api
from loadtests.crash.ledger import Posted
from loadtests.crash.world import World

_PATIENCE_SECONDS = 300.0
#: Of one request: the gateway gives an answer within 30 s; what hangs longer is asked again.
_REQUEST_SECONDS = 30.0
_AGAIN_SECONDS = 0.1


class NotHealed(Exception):
    """The network did not come back; the message says what it last answered."""


@dataclass
class Step:
    """The same answer, once or several times in a row: seconds from the fault."""

    asked: float
    answered: float
    answer: str

    def __str__(self) -> str:
        return f"{self.asked:5.1f} to {self.answered:5.1f} s  {self.answer}"


@dataclass
class Healing:
    """What a person saw who posted right after the fault."""

    #: Which faults were asked for: ``pair``, ``emulator+push``.
    kind: str = ""
    #: Seconds from the fault until the post was acknowledged, and until it stood in the home of a follower.
    posted: float = 0.0
    whole: float = 0.0
    steps: list[Step] = field(default_factory=list)

    def note(self, asked: float, answered: float, answer: str) -> None:
        if self.steps and self.steps[-1].answer == answer:
            self.steps[-1].answered = answered
        else:
            self.steps.append(Step(asked, answered, answer))


def heal(world: World, kind: str = "") -> Healing:
    """From now on. The post that is the probe belongs to the ledger as all others do.

    Raises:
        NotHealed: not within five minutes.
    """
    begun, healing = time.monotonic(), Healing(kind)
    author, follower = list(world.people)[:2]
    word = f"x{uuid.uuid4().hex[:12]}"
    body = {"clientPostId": word, "text": f"{world.word} {word}"}
    post = str(_insist(begun, healing, world.people[author], "POST", "/v1/posts", json=body)["id"])
    healing.posted = time.monotonic() - begun
    with world.ledger.lock:
        world.ledger.posts.append(Posted(post, author, word))
    while True:
        page = _insist(begun, healing, world.people[follower], "GET", "/v1/timelines/home", params={"limit": 50})
        healing.whole = time.monotonic() - begun
        if post in [one["id"] for one in page["items"]]:
            return healing
        _rest(begun, f"post {post} is not in the home of a follower")


def _insist(begun: float, healing: Healing, api: Api, method: str, path: str, **request: Any) -> Any:
    while True:
        asked = time.monotonic() - begun
        try:
            answer = api.http.request(method, path, timeout=_REQUEST_SECONDS, **request)
        except (httpx.TransportError, ClientError, BotoCoreError) as error:
            last = f"{method} {path}: {error!r}"
        else:
            last = f"{method} {path}: {answer.status_code}"
            if answer.is_success:
                healing.note(asked, time.monotonic() - begun, last)
                return answer.json()
            last += f" {answer.text[:200]}"
        healing.note(asked, time.monotonic() - begun, last)
        _rest(begun, last)


def _rest(begun: float, last: str) -> None:
    if time.monotonic() - begun > _PATIENCE_SECONDS:
        raise NotHealed(f"not whole after {_PATIENCE_SECONDS:.0f} s; last: {last}")
    time.sleep(_AGAIN_SECONDS)
