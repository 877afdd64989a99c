"""Relations of pairs of people, and the mutes of the first of each pair, in one batch read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from services.common.dynamo import Repository, batch_get
from services.common.relations import Relation, relation_of
from services.profiles.keys import follow_key, mutes_key
from services.profiles.mutes import Mutes, mutes_of_item

#: (viewer, other person)
Pair = tuple[str, str]


class StandingRepository(Repository):
    """Reads edges and mutes, for contexts that send notifications."""

    def standings(self, pairs: Collection[Pair]) -> tuple[Mapping[Pair, Relation], Mapping[str, Mutes]]:
        """The relation of each pair, and the mutes of the viewers in them; viewers who mute nothing are left out."""
        edges = {(one, other): follow_key(one, other) for one, other in pairs if other}
        mutes = {one: mutes_key(one) for one, _ in pairs}
        found = batch_get({self.name: [*edges.values(), *mutes.values()]})
        return (
            {pair: relation_of(found.get((self.name, *key))) for pair, key in edges.items()},
            {one: mutes_of_item(item) for one, key in mutes.items() if (item := found.get((self.name, *key)))},
        )
