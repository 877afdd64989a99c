"""Source data of profiles for comparisons, and the context's own counters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from services.common.clock import to_text
from services.common.counters import Key
from services.common.derived import CounterComparison, whole_table
from services.common.dynamo import Item, Repository, query_page
from services.common.events import DomainEvent, UserFollowed
from services.common.ids import time_of
from services.common.lazy_dataclasses import dataclass
from services.common.streams import Change
from services.profiles.events import deltas_of, events_of
from services.profiles.keys import counts_key

#: More than anybody follows.
_ALL = 1_000_000


def counters(table: str) -> CounterComparison:
    """How many each person follows, and how many follow them."""
    return CounterComparison(table, deltas_of, _counted)


def _counted(item: Item) -> list[Key]:
    return [counts_key(item["id"])] if item.get("type") == "profile" else []


@dataclass(frozen=True)
class FollowEdge:
    """From one person to another: ``since`` is the ULID of its last beginning, ``version`` grows with every turn."""

    following: bool
    version: int
    since: str


class PeopleTruth(Repository):
    """People and follows."""

    def people(self) -> list[str]:
        """In the order of their ids."""
        return sorted(str(item["pk"]).removeprefix("USER#") for item in whole_table(self.name, "PROFILE"))

    def edges_of(self, person: str) -> dict[str, FollowEdge]:
        """Edges to people whom the person follows, or has followed."""
        rows = query_page(self.table, f"USER#{person}", cursor=None, limit=_ALL, prefix="FOLLOW#", consistent=True)
        return {
            row["followeeId"]: FollowEdge(bool(row.get("following")), int(row["version"]), str(row.get("since", "")))
            for row in rows
        }

    def follows_by(self, person: str) -> Iterator[DomainEvent]:
        """The follows as domain events."""
        for row in query_page(self.table, f"USER#{person}", cursor=None, limit=_ALL, prefix="FOLLOW#"):
            if row.get("following"):
                since = str(row["since"])
                for event in events_of(Change(since, None, row)):
                    if isinstance(event, UserFollowed):
                        yield replace(event, at=to_text(time_of(since)))
