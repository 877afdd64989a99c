"""Taking away the profile of an account that is deleted, and its edges to others."""

from __future__ import annotations

from itertools import islice

from botocore.exceptions import ClientError

from services.common.clock import epoch_in
from services.common.dynamo import Item, batch_write, cancellation_codes, transact
from services.common.errors import Conflict
from services.common.partitions import items_of
from services.profiles.keys import follow_key, handle_key, profile_key
from services.profiles.repository import ProfileRepository


class ProfileErasure:
    """Each method takes away up to ``most`` things and says how many it found."""

    def __init__(self, profiles: ProfileRepository, most: int) -> None:
        self._profiles, self._most = profiles, most

    def profile(self, user_id: str, quarantine_days: int) -> int:
        """The profile; nobody else gets its handle for so many days: nobody shall pass for who has just left."""
        profile = self._profiles.get(user_id)
        if profile is None:
            return 0
        (pk, sk), (handle_pk, handle_sk) = profile_key(user_id), handle_key(profile.handle)
        kept = {"pk": handle_pk, "sk": handle_sk, "handle": profile.handle, "ttl": epoch_in(days=quarantine_days)}
        unchanged = {
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": profile.version},
        }
        table = {"TableName": self._profiles.name}
        try:
            transact(
                [{"Delete": {**table, "Key": {"pk": pk, "sk": sk}, **unchanged}}, {"Put": {**table, "Item": kept}}]
            )
        except ClientError as error:
            if cancellation_codes(error):
                raise Conflict("The profile was changed at the same time.") from error
            raise
        return 1

    def followers(self, user_id: str) -> int:
        """Others' edges and requests to the person: undone as by hand, so that counters and timelines follow, then
        removed."""
        found = 0
        for one in ("FOLLOWERS", "REQUESTS"):
            for edge in self._listed(f"{one}#{user_id}", "gsi1"):
                self._profiles.unfollow(edge["followerId"], user_id)
                self._remove_edge(edge["followerId"], user_id)
                found += 1
        return found

    def blocks(self, user_id: str) -> int:
        """Blocks both ways, with the edges that they ended."""
        found = 0
        for partition, index in ((f"BLOCKING#{user_id}", "gsi2"), (f"BLOCKERS#{user_id}", "gsi1")):
            for block in self._listed(partition, index):
                self._profiles.unblock(block["blockerId"], block["blockedId"])
                other = block["blockedId"] if block["blockerId"] == user_id else block["blockerId"]
                self._remove_edge(other, user_id)
                found += 1
        return found

    def _listed(self, partition: str, index: str) -> list[Item]:
        return list(islice(items_of(self._profiles.name, partition, index=index), self._most))

    def _remove_edge(self, follower: str, followee: str) -> None:
        batch_write(self._profiles.name, deletes=[follow_key(follower, followee)])

    def following(self, user_id: str) -> list[str]:
        """Undo the person's own follows; those whom they (had) followed. ``forget`` removes the edges afterwards."""
        edges = islice(items_of(self._profiles.name, f"USER#{user_id}", prefix="FOLLOW#"), self._most)
        followees = []
        for edge in edges:
            if edge.get("following") or edge.get("requested"):
                self._profiles.unfollow(user_id, edge["followeeId"])
            followees.append(str(edge["followeeId"]))
        return followees

    def forget(self, user_id: str, followees: list[str]) -> None:
        """Remove the person's edges to these."""
        batch_write(self._profiles.name, deletes=[(f"USER#{user_id}", f"FOLLOW#{one}") for one in followees])

    def own(self, user_id: str) -> int:
        """Counters, saved searches, mutes: what is left in the person's own partition, but for what leads to more."""
        everything = items_of(self._profiles.name, f"USER#{user_id}")
        left = (one for one in everything if not one["sk"].startswith("FOLLOW#") and not one.get("lists"))
        keys = [(one["pk"], one["sk"]) for one in islice(left, self._most)]
        batch_write(self._profiles.name, deletes=keys)
        return len(keys)
