"""How long until the network is whole again: a new post is acknowledged and stands in a follower's home."""

from __future__ import annotations

import time
import uuid
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


def seconds_to_heal(world: World) -> float:
    """From now on. The post that is the probe belongs to the ledger as all others do.

    Raises:
        NotHealed: not within five minutes.
    """
    begun = time.monotonic()
    author, follower = list(world.people)[:2]
    word = f"x{uuid.uuid4().hex[:12]}"
    body = {"clientPostId": word, "text": f"{world.word} {word}"}
    post = str(_insist(begun, world.people[author], "POST", "/v1/posts", json=body)["id"])
    with world.ledger.lock:
        world.ledger.posts.append(Posted(post, author, word))
    while True:
        page = _insist(begun, world.people[follower], "GET", "/v1/timelines/home", params={"limit": 50})
        if post in [one["id"] for one in page["items"]]:
            return time.monotonic() - begun
        _rest(begun, f"post {post} is not in the home of a follower")


def _insist(begun: float, api: Api, method: str, path: str, **request: Any) -> Any:
    while True:
        try:
            answer = api.http.request(method, path, timeout=_REQUEST_SECONDS, **request)
        except (httpx.TransportError, ClientError, BotoCoreError) as error:
            last = f"{method} {path}: {error!r}"
        else:
            if answer.is_success:
                return answer.json()
            last = f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        _rest(begun, last)


def _rest(begun: float, last: str) -> None:
    if time.monotonic() - begun > _PATIENCE_SECONDS:
        raise NotHealed(f"not whole after {_PATIENCE_SECONDS:.0f} s; last: {last}")
    time.sleep(_AGAIN_SECONDS)
