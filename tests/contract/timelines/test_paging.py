"""Home, person, public, list and tag timelines: paging both ways amid writes and deletes misses or repeats nothing."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator

import pytest

from services.common.ids import new_id
from tests.contract.profiles.test_lists import Flow, make, put
from tests.support.aws import Aws
from tests.support.social import ids

STEPS = ("write", "write", "write", "reply", "delete", "nothing")


@pytest.fixture
def network(fresh: Aws) -> Iterator[Flow]:
    made = Flow(fresh)
    made.skip()
    yield made


class Reading:
    """A reader's paging through one list: cursors for both directions, and the posts shown."""

    def __init__(self, walk: Walk, kind: str, path: str) -> None:
        self.walk, self.path = walk, path
        # The public timeline shows no replies; homes and lists show no replies to others, but self-replies.
        self.shows_replies = kind != "public"
        self.seen: list[str] = []
        first = self.take("?limit=3")
        self.older, self.newer = first["older"], first["newer"]

    @property
    def wanted(self) -> set[str]:
        """The posts that must have been shown in the end."""
        return self.walk.live if self.shows_replies else self.walk.live - self.walk.replies

    def take(self, query: str) -> dict[str, object]:
        page: dict[str, object] = self.walk.network.get(self.walk.reader, self.path + query)
        # The public timeline also has posts of other tests.
        self.seen += [one for one in ids(page["items"]) if one in self.walk.mine]  # type: ignore[arg-type]
        return page

    def go_back(self) -> None:
        if self.older is not None:
            self.older = self.take(f"?limit=2&cursor={self.older}")["older"]

    def catch_up(self) -> None:
        """Page until there is nothing newer; an empty page is not the end where posts of others were filtered out."""
        while True:
            page = self.take(f"?limit=2&cursor={self.newer}")
            self.newer = page["newer"] or self.newer
            if not page["items"]:
                return

    def finish(self) -> None:
        self.catch_up()
        while self.older is not None and not self.wanted <= set(self.seen):
            self.go_back()


class Walk:
    """One author writes, replies and deletes; one reader pages through all kinds of lists meanwhile."""

    def __init__(self, network: Flow, seed: int) -> None:
        self.network, self.chance = network, random.Random(seed)
        self.reader, self.author = network.person("r"), network.person("a")
        self.tag = f"t{uuid.uuid4().hex[:10]}"
        network.follow(self.reader, self.author)
        on_list = make(network, self.reader)
        put(network, self.reader, on_list, self.author)
        network.flow()
        self.mine: set[str] = set()
        self.live: set[str] = set()
        self.replies: set[str] = set()
        for _ in range(5):
            self.write()
        paths = {
            "home": "/v1/timelines/home",
            "person": f"/v1/users/{self.author}/posts",
            "public": "/v1/timelines/public",
            "list": f"/v1/timelines/lists/{on_list}",
            "tag": f"/v1/timelines/tags/{self.tag}",
        }
        self.readings = {kind: Reading(self, kind, path) for kind, path in paths.items()}

    def write(self, **more: str) -> None:
        post = self.network.post(self.author, f"a post #{self.tag}", **more)["id"]
        self.mine.add(post)
        self.live.add(post)
        if more:
            self.replies.add(post)
        self.network.flow()

    def step(self) -> None:
        name = self.chance.choice(STEPS)
        if name == "write":
            self.write()
        elif name == "reply":
            self.write(replyTo=self.chance.choice(sorted(self.live)))
        elif name == "delete":
            gone = self.chance.choice(sorted(self.live))
            self.live.discard(gone)
            self.network.request(self.author, "DELETE", f"/v1/posts/{gone}")
            self.network.flow()
        for reading in self.readings.values():
            if self.chance.random() < 0.4:
                self.chance.choice((reading.go_back, reading.catch_up))()


def test_nothing_is_missed_or_doubled_while_others_write(network: Flow) -> None:
    walk = Walk(network, seed=7)
    for _ in range(20):
        walk.step()
    assert len(walk.live) >= 8, "too little was written"
    for kind, reading in walk.readings.items():
        reading.finish()
        assert len(reading.seen) == len(set(reading.seen)), f"{kind}: a post was shown twice"
        assert reading.wanted <= set(reading.seen), f"{kind}: a post was missed"
        assert network.request(walk.reader, "GET", f"{reading.path}?cursor={new_id()}").status == 400
