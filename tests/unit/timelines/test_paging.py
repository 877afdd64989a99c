"""Home, person, public, list and tag: paged both ways while others write and delete, nothing is missed or doubled."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator

import pytest

from services.common.ids import new_id
from services.timelines import handler as timelines
from tests.support.aws import Aws
from tests.support.social import ids
from tests.unit.profiles.test_lists import Flow, make, put

STEPS = ("write", "write", "write", "reply", "delete", "older", "newer", "newer")


@pytest.fixture
def network(fresh: Aws) -> Iterator[Flow]:
    timelines._fan_out.cache_clear()
    made = Flow(fresh)
    made.skip()
    yield made
    timelines._fan_out.cache_clear()


class Walk:
    """A reader of one list. ``live`` are the posts that must have been seen in the end, ``dead`` those that may."""

    def __init__(self, network: Flow, kind: str, seed: int) -> None:
        self.network, self.chance = network, random.Random(seed)
        self.reader, self.author = network.person("r"), network.person("a")
        self.tag = f"t{uuid.uuid4().hex[:10]}"
        network.follow(self.reader, self.author)
        on_list = make(network, self.reader)
        put(network, self.reader, on_list, self.author)
        network.flow()
        self.path = {
            "home": "/v1/timelines/home",
            "person": f"/v1/users/{self.author}/posts",
            "public": "/v1/timelines/public",
            "list": f"/v1/timelines/lists/{on_list}",
            "tag": f"/v1/timelines/tags/{self.tag}",
        }[kind]
        # The public timeline shows no replies, homes and lists none to others; here one answers oneself.
        self.shows_replies = kind != "public"
        self.mine: set[str] = set()
        self.live: set[str] = set()
        self.seen: list[str] = []
        for _ in range(5):
            self.write()
        first = self.take("?limit=3")
        self.older, self.newer = first["older"], first["newer"]

    def take(self, query: str) -> dict[str, object]:
        page: dict[str, object] = self.network.get(self.reader, self.path + query)
        # Others' posts of other tests are in the public timeline too.
        self.seen += [one for one in ids(page["items"]) if one in self.mine]  # type: ignore[arg-type]
        return page

    def write(self, **more: str) -> None:
        post = self.network.post(self.author, f"a post #{self.tag}", **more)["id"]
        self.mine.add(post)
        if not more or self.shows_replies:
            self.live.add(post)
        self.network.flow()

    def step(self, name: str) -> None:
        if name == "write":
            self.write()
        elif name == "reply" and self.live:
            self.write(replyTo=self.chance.choice(sorted(self.live)))
        elif name == "delete" and self.live:
            gone = self.chance.choice(sorted(self.live))
            self.live.discard(gone)
            self.network.request(self.author, "DELETE", f"/v1/posts/{gone}")
            self.network.flow()
        elif name == "newer":
            self.catch_up()
        elif name == "older" and self.older is not None:
            self.older = self.take(f"?limit=2&cursor={self.older}")["older"]

    def catch_up(self) -> None:
        """Until a page says that nothing is newer; an empty one is none, where others' posts were left out of it."""
        while True:
            page = self.take(f"?limit=2&cursor={self.newer}")
            self.newer = page["newer"] or self.newer
            if not page["items"]:
                return


@pytest.mark.parametrize("kind", ["home", "person", "public", "list", "tag"])
def test_nothing_is_missed_or_doubled_while_others_write(network: Flow, kind: str) -> None:
    walk = Walk(network, kind, seed=7)
    for _ in range(26):
        walk.step(walk.chance.choice(STEPS))
    walk.catch_up()
    while walk.older is not None and not walk.live <= set(walk.seen):
        walk.step("older")
    assert len(walk.seen) == len(set(walk.seen)), "something was shown twice"
    assert walk.live <= set(walk.seen), "something was missed"
    assert len(walk.live) >= 6, "too little was written"
    assert walk.network.request(walk.reader, "GET", f"{walk.path}?cursor={new_id()}").status == 400
