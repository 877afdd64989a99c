"""Source data of posts for comparisons, and the context's own counters. Actions are returned as domain events."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache

from services.common.clock import to_text
from services.common.counters import Key
from services.common.derived import CounterComparison
from services.common.dynamo import Item, Repository, batch_get, query_page
from services.common.events import DomainEvent, PostPublished, PostReposted
from services.common.ids import time_of
from services.common.streams import Change
from services.posts.events import deltas_of, events_of
from services.posts.keys import author_counts_key, counts_key, post_key

#: Of each kind, the newest: no home timeline holds more.
_NEWEST = 400
_DEEDS = ("LIKES", "REPOSTS", "REACTIONS")


def counters(table: str) -> CounterComparison:
    """Likes, replies, reposts, quotes, reactions and votes of live posts; how many posts each author has."""
    return CounterComparison(table, deltas_of, _counted)


def _counted(item: Item) -> list[Key]:
    if item.get("type") != "post" or item["state"] != "live":
        return []
    return [counts_key(item["id"]), author_counts_key(item["authorId"])]


class PostTruth(Repository):
    """What people posted, reposted, liked and reacted to, the newest 400 of each kind."""

    def __init__(self, table_name: str) -> None:
        super().__init__(table_name)
        self.published = lru_cache(maxsize=2000)(self._published)

    def _published(self, author: str) -> tuple[PostPublished | PostReposted, ...]:
        """Live posts, and reposts."""
        events = [*self._events("AUTHOR", author), *self._events("REPOSTS", author)]
        return tuple(one for one in events if isinstance(one, PostPublished | PostReposted))

    def deeds(self, person: str) -> Iterator[DomainEvent]:
        """All actions that may notify others."""
        yield from self._events("AUTHOR", person)
        for kind in _DEEDS:
            yield from self._events(kind, person)

    def _events(self, kind: str, person: str) -> Iterator[DomainEvent]:
        for item in query_page(self.table, f"{kind}#{person}", cursor=None, limit=_NEWEST, index="gsi1"):
            if item.get("state", "live") == "live":
                began = str(item["gsi1sk"])
                for event in events_of(Change(began, None, item)):
                    yield event if kind == "AUTHOR" else replace(event, at=to_text(time_of(began)))

    def gone(self, post_ids: Collection[str]) -> set[str]:
        """Ids of posts that were deleted, or never existed."""
        found = batch_get({self.name: [post_key(one) for one in post_ids]}) if post_ids else {}
        live = {item["id"] for item in found.values() if item["state"] == "live"}
        return set(post_ids) - live
