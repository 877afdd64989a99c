"""People and their relationships, from items that ``query`` reads in one request with those of other tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.common.dynamo import Item
from services.common.relations import Relation, relation_of
from services.common.resources import Author
from services.profiles.graph_repository import relationship_of
from services.profiles.keys import Key, follow_key, mutes_key, profile_key
from services.profiles.model import Profile, Relationship, unknown_author
from services.profiles.mutes import Mutes, mutes_of_item
from services.profiles.repository import ProfileRepository, profile_of

#: ``(table, pk, sk)`` → item
Found = Mapping[tuple[str, str, str], Item]


class PeopleReadModel:
    """The keys of the table to read, and the interpretation of found items."""

    def __init__(self, profiles: ProfileRepository) -> None:
        self._profiles = profiles

    @property
    def table(self) -> str:
        return self._profiles.name

    def profile_keys(self, user_ids: Iterable[str]) -> list[Key]:
        return [profile_key(one) for one in user_ids]

    def edge_keys(self, viewer_id: str, others: Iterable[str]) -> list[Key]:
        """The viewer's edges to others; there is none to oneself."""
        return [follow_key(viewer_id, one) for one in others if one != viewer_id]

    def reverse_edge_keys(self, viewer_id: str, others: Iterable[str]) -> list[Key]:
        """The edges of others to the viewer."""
        return [follow_key(one, viewer_id) for one in others if one != viewer_id]

    def mutes_key(self, viewer_id: str) -> Key:
        return mutes_key(viewer_id)

    def profile(self, found: Found, user_id: str) -> Profile | None:
        item = self._item(found, profile_key(user_id))
        return profile_of(item) if item else None

    def is_suspended(self, found: Found, user_id: str) -> bool:
        return bool((self._item(found, profile_key(user_id)) or {}).get("suspended"))

    def author(self, found: Found, user_id: str) -> Author:
        """The short form of a person, or the placeholder when their profile is gone."""
        profile = self.profile(found, user_id)
        return profile.author() if profile else unknown_author(user_id)

    def mutes(self, found: Found, viewer_id: str) -> Mutes:
        return mutes_of_item(self._item(found, mutes_key(viewer_id)))

    def relation(self, found: Found, viewer_id: str, user_id: str) -> Relation:
        return relation_of(self._item(found, follow_key(viewer_id, user_id)))

    def relationship(self, found: Found, viewer_id: str, user_id: str, *, muting: bool) -> Relationship:
        """The viewer's relationship to a person, from the edges in both directions."""
        if viewer_id == user_id:
            return Relationship(itself=True)
        out, back = follow_key(viewer_id, user_id), follow_key(user_id, viewer_id)
        return relationship_of(self._item(found, out), self._item(found, back), muting=muting)

    def _item(self, found: Found, key: Key) -> Item | None:
        return found.get((self.table, *key))
