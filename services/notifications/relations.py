"""``Graph`` from the profiles table: a read-only view of the edges and mutes that the social graph publishes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from services.common.dynamo import Repository, batch_get
from services.common.relations import Relation, relation_of
from services.notifications.screen import Mutes, Pair


class Relations(Repository):
    """One batch read for all pairs. ``mutes_of`` makes mutes of the item that the graph keeps them in."""

    setting = "table_profiles"

    def __init__(self, mutes_of: Callable[[Mapping[str, Any] | None], Mutes], table_name: str | None = None) -> None:
        super().__init__(table_name)
        self._mutes_of = mutes_of

    def standings(self, pairs: Collection[Pair]) -> tuple[Mapping[Pair, Relation], Mapping[str, Mutes]]:
        edges = {(one, other): (f"USER#{one}", f"FOLLOW#{other}") for one, other in pairs if other}
        mutes = {one: (f"USER#{one}", "MUTES") for one, _ in pairs}
        found = batch_get({self.name: [*edges.values(), *mutes.values()]})
        return (
            {pair: relation_of(found.get((self.name, *key))) for pair, key in edges.items()},
            {one: self._mutes_of(item) for one, key in mutes.items() if (item := found.get((self.name, *key)))},
        )
