"""Counters equal the stored edges after 50 clients acted at random.

Some requests are sent twice with one Idempotency-Key, and every stream record is delivered again and again.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.common.ids import new_id
from tests.support.aws import Aws
from tests.support.social import Network

CLIENTS, TURNS = 50, 5
EMOJI = ("👍", "🎉", "😀")
POLL = {"options": ["tea", "coffee", "water"], "multiple": True, "durationSeconds": 3600}
#: 409: another request with this key is in progress, or the person voted differently; 403: a block; 404: behind one
FINE = {200, 201, 202, 204, 403, 404, 409}

Item = dict[str, Any]


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    return made


class Crowd:
    """People, posts with polls, and the actions on them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.people = [network.person(f"p{number}") for number in range(6)]
        self.posts = [network.post(one, "what?", poll=POLL)["id"] for one in self.people[:3]]
        self.made: list[str] = []
        self._actions: tuple[Callable[[random.Random], tuple[str, str, Any]], ...] = (
            *(self._edge(kind) for kind in ("like", "repost", "bookmark", "reaction", "vote")),
            self._tie("follows", 4), self._tie("blocks", 1), self._tie("mutes/users", 1), self._publish,
        )  # fmt: skip

    def _edge(self, kind: str) -> Callable[[random.Random], tuple[str, str, Any]]:
        def act(chance: random.Random) -> tuple[str, str, Any]:
            path = f"/v1/posts/{chance.choice(self.posts)}/{kind}"
            bodies = {"reaction": {"emoji": chance.choice(EMOJI)}, "vote": {"choices": [chance.randrange(3)]}}
            put = kind == "vote" or chance.random() < 0.65
            return ("PUT", path, bodies.get(kind)) if put else ("DELETE", path, None)

        return act

    def _tie(self, kind: str, of_five: int) -> Callable[[random.Random], tuple[str, str, Any]]:
        def act(chance: random.Random) -> tuple[str, str, Any]:
            path = f"/v1/{kind}/{chance.choice(self.people)}"
            put = chance.random() < of_five / 5 * 0.65
            return ("PUT", path, {} if kind == "mutes/users" else None) if put else ("DELETE", path, None)

        return act

    def _publish(self, _: random.Random) -> tuple[str, str, Any]:
        return "POST", "/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": "once"}

    def client(self, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(TURNS):
            who, (method, path, body) = chance.choice(self.people), chance.choice(self._actions)(chance)
            if path.endswith(who):
                continue
            key = new_id() if chance.random() < 0.5 else None
            answers = [self.network.request(who, method, path, body, key=key) for _ in range(2 if key else 1)]
            assert {one.status for one in answers} <= FINE, answers
            # A successful request is executed once; a refused one leaves no record and may succeed the second time.
            if key and answers[0].status < 400:
                assert answers[0].body == answers[1].body
            if method == "POST":
                self.made.append(answers[0].body["id"])


def items(network: Network, table: str) -> Iterator[Item]:
    for page in network.aws.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        for one in page["Items"]:
            yield {name: next(iter(value.values())) for name, value in one.items()}


def edges(network: Network, crowd: Crowd) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """The stored edges: those of each post by kind; whom each person follows and is followed by."""
    on_posts: Counter[tuple[str, str]] = Counter()
    for one in items(network, "posts"):
        # VIEWER#<user> / <post>#LIKE, or POST#<post> / VOTE#<user>
        of_viewer = one["pk"].startswith("VIEWER#")
        post, kind = (one["pk"].removeprefix("POST#"), one["sk"].partition("#")[0])
        if of_viewer:
            post, _, kind = one["sk"].partition("#")
        if post in crowd.posts and "#" in one["sk"]:
            on_posts[post, kind] += 1
            if kind == "REACTION":
                on_posts[post, one["emoji"]] += 1
    ties: Counter[str] = Counter()
    for one in items(network, "profiles"):
        if one["sk"].startswith("FOLLOW#") and one.get("following"):
            ties[f"following {one['pk'].removeprefix('USER#')}"] += 1
            ties[f"followers {one['sk'].removeprefix('FOLLOW#')}"] += 1
    return on_posts, ties


def check(network: Network, crowd: Crowd) -> None:
    on_posts, ties = edges(network, crowd)
    assert {kind for _, kind in on_posts} >= {"LIKE", "REPOST", "BOOKMARK", "REACTION", "VOTE"}, (
        "the clients did too little"
    )
    for post, owner in zip(crowd.posts, crowd.people, strict=False):
        shown = network.get(owner, f"/v1/posts/{post}")
        assert shown["counts"]["likes"] == on_posts[post, "LIKE"]
        assert shown["counts"]["reposts"] == on_posts[post, "REPOST"]
        assert (
            shown["poll"]["voters"] == on_posts[post, "VOTE"] == sum(one["votes"] for one in shown["poll"]["options"])
        )
        assert {one["emoji"]: one["count"] for one in shown["reactions"]} == {
            one: on_posts[post, one] for one in EMOJI if on_posts[post, one]
        }
    published = Counter(one["authorId"] for one in items(network, "posts") if one["sk"] == "POST")
    for one in crowd.people:
        counts = network.get(one, "/v1/me")["counts"]
        assert counts == {
            "followers": ties[f"followers {one}"], "following": ties[f"following {one}"], "posts": published[one],
        }  # fmt: skip


def test_counts_equal_the_edges_after_fifty_concurrent_clients(network: Network) -> None:
    start = dict(network._read)
    crowd = Crowd(network)
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(crowd.client, range(CLIENTS)))
    assert len(set(crowd.made)) == len(crowd.made)
    network.project(times=2)
    check(network, crowd)
    # All records again from the first on, as after a lost checkpoint
    network._read = start
    network.project()
    check(network, crowd)
