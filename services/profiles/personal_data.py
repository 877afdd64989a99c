"""Profiles' data about a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from services.common.clock import epoch_in
from services.common.dynamo import Item, batch_write, cancellation_codes, transact
from services.common.errors import Conflict, NotFound
from services.common.partitions import items_of
from services.common.personal_data import PersonalData, Source, Step, page_of, partition
from services.profiles.keys import follow_key, handle_key, list_member_key, profile_key
from services.profiles.list_repository import ListRepository
from services.profiles.repository import ProfileRepository
from services.timelines.public import forget_ended, forget_reader, list_reader, lists_with

#: How long nobody else gets the handle of a deleted account.
QUARANTINE_DAYS = 30
#: Of the person's own partition: follows have documents of their own, counters are projections.
_NOT_IN_PROFILE = ("FOLLOW#", "COUNTS")


class ProfileErasure:
    """Each method deletes a page of items and returns how many it found."""

    def __init__(self, profiles: ProfileRepository, lists: ListRepository, table_timelines: str) -> None:
        self._profiles, self._lists, self._timelines = profiles, lists, table_timelines

    def profile(self, user_id: str) -> int:
        """Delete the profile. Its handle stays reserved for ``QUARANTINE_DAYS``, so that nobody can impersonate the
        person."""
        profile = self._profiles.get(user_id)
        if profile is None:
            return 0
        (pk, sk), (handle_pk, handle_sk) = profile_key(user_id), handle_key(profile.handle)
        kept = {"pk": handle_pk, "sk": handle_sk, "handle": profile.handle, "ttl": epoch_in(days=QUARANTINE_DAYS)}
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
        """Others' edges and requests to the person: undone as by the commands, so that counters and timelines follow,
        then deleted."""
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
        for key, index in ((f"BLOCKING#{user_id}", "gsi2"), (f"BLOCKERS#{user_id}", "gsi1")):
            for block in self._listed(key, index):
                self._profiles.unblock(block["blockerId"], block["blockedId"])
                other = block["blockedId"] if block["blockerId"] == user_id else block["blockerId"]
                self._remove_edge(other, user_id)
                found += 1
        return found

    def _listed(self, partition: str, index: str) -> list[Item]:
        return page_of(items_of(self._profiles.name, partition, index=index))

    def _remove_edge(self, follower: str, followee: str) -> None:
        batch_write(self._profiles.name, deletes=[follow_key(follower, followee)])

    def follows(self, user_id: str) -> int:
        """The person's own follows. An edge is deleted after timelines have processed its end: before that, they would
        restore their entry."""
        edges = page_of(items_of(self._profiles.name, f"USER#{user_id}", prefix="FOLLOW#"))
        for edge in edges:
            if edge.get("following") or edge.get("requested"):
                self._profiles.unfollow(user_id, edge["followeeId"])
        ended = forget_ended(self._timelines, user_id, [str(edge["followeeId"]) for edge in edges])
        batch_write(self._profiles.name, deletes=[follow_key(user_id, one) for one in ended])
        return len(edges)

    def own_lists(self, user_id: str) -> int:
        """A list is deleted last, after its members and its timeline, so that a repetition finds it."""
        found = self._lists.of(user_id)
        for one in found:
            reader, members_key = list_reader(user_id, one.id), f"LIST#{user_id}#{one.id}"
            members = [str(item["userId"]) for item in page_of(items_of(self._profiles.name, members_key))]
            for member in members:
                self._lists.remove(user_id, one.id, member)
            ended = forget_ended(self._timelines, reader, members)
            batch_write(self._profiles.name, deletes=[list_member_key(user_id, one.id, member) for member in ended])
            forget_reader(self._timelines, reader)
            if not members:
                self._lists.delete(user_id, one.id)
        return len(found)

    def others_lists(self, user_id: str) -> int:
        """The person's places on lists of others."""
        found = lists_with(self._timelines, user_id)
        for owner, list_id in found:
            with suppress(NotFound):
                self._lists.remove(owner, list_id, user_id)
            batch_write(self._profiles.name, deletes=[list_member_key(owner, list_id, user_id)])
        return len(found)

    def own(self, user_id: str) -> int:
        """Counters, saved searches, mutes: the rest of the person's own partition, except items that other steps
        need."""
        everything = items_of(self._profiles.name, f"USER#{user_id}")
        left = (one for one in everything if not one["sk"].startswith("FOLLOW#") and not one.get("lists"))
        keys = [(one["pk"], one["sk"]) for one in page_of(left)]
        batch_write(self._profiles.name, deletes=keys)
        return len(keys)


def personal_data(table: str, table_timelines: str) -> PersonalData:
    erasure = ProfileErasure(ProfileRepository(table), ListRepository(table), table_timelines)

    def own_profile(user_id: str) -> Iterator[Mapping[str, Any]]:
        for item in items_of(table, f"USER#{user_id}"):
            if not str(item["sk"]).startswith(_NOT_IN_PROFILE):
                yield {"kind": item["sk"].split("#")[0].lower(), **item}

    return PersonalData(
        export=(
            Source("profile", own_profile),
            Source("following", partition(table, "FOLLOWING", index="gsi2")),
            Source("followers", partition(table, "FOLLOWERS", index="gsi1")),
            Source("blocked", partition(table, "BLOCKING", index="gsi2")),
        ),
        closing=(Step("profile", erasure.profile),),
        erasure=(
            Step("followers", erasure.followers),
            Step("blocks", erasure.blocks),
            Step("follows", erasure.follows),
            Step("own lists", erasure.own_lists),
            Step("others' lists", erasure.others_lists),
            Step("own profile's rest", erasure.own),
        ),
    )
