"""Profiles in DynamoDB. Access patterns and keys: docs/contexts/profiles.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.common.dynamo import (
    Item,
    batch_get,
    cancellation_codes,
    plain,
    transact,
)
from services.common.errors import Conflict, HandleTaken
from services.common.resources import Author
from services.profiles.fields import ProfileField
from services.profiles.graph_repository import GraphRepository
from services.profiles.keys import counts_key, handle_key, profile_key
from services.profiles.model import BioMention, Profile, ProfileCounts


def profile_of(item: Mapping[str, Any]) -> Profile:
    """A profile from its item."""
    return Profile(
        id=item["id"],
        handle=item["handle"],
        display_name=item["displayName"],
        created_at=item["createdAt"],
        bio=item.get("bio", ""),
        bio_mentions=tuple(BioMention(one["handle"], one["userId"]) for one in item.get("bioMentions") or ()),
        locale=item.get("locale", "en"),
        avatar_media_id=item.get("avatarMediaId"),
        avatar_url=item.get("avatarUrl"),
        header_media_id=item.get("headerMediaId"),
        header_url=item.get("headerUrl"),
        fields=tuple(ProfileField(one["name"], one["value"]) for one in item.get("fields") or ()),
        suspended=item.get("suspended"),
        standing=int(item.get("standing", 0)),
        version=int(item["version"]),
        updated_at=item["updatedAt"],
        locked=bool(item.get("locked")),
    )


def counts_of(item: Mapping[str, Any] | None, posts: int = 0) -> ProfileCounts:
    """Counts from the ``COUNTS`` item, which is absent until something was counted."""
    found = item or {}
    return ProfileCounts(int(found.get("followers", 0)), int(found.get("following", 0)), posts)


class ProfileRepository(GraphRepository):
    """Reads and writes the table of profiles."""

    def get(self, user_id: str) -> Profile | None:
        """Strongly consistent: a person sees what they just saved."""
        pk, sk = profile_key(user_id)
        item = self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
        return profile_of(plain(item)) if item else None

    def create(self, profile: Profile) -> None:
        """Store a first profile together with its handle.

        Raises:
            HandleTaken: the handle belongs to another.
            Conflict: this person has a profile already.
        """
        self._write(
            [
                {"Put": {**self._put(_item(profile)), "ConditionExpression": "attribute_not_exists(pk)"}},
                {"Put": self._reservation(profile)},
            ]
        )

    def update(self, profile: Profile, before: Profile) -> None:
        """Replace ``before`` by ``profile``; a new handle is taken and the old one freed in the same transaction.

        Raises:
            HandleTaken: the new handle belongs to another.
            Conflict: the profile is no longer what ``before`` says.
        """
        put = {
            **self._put(_item(profile)),
            "ConditionExpression": "#version = :before",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":before": before.version},
        }
        operations: list[dict[str, Any]] = [{"Put": put}]
        if profile.handle != before.handle:
            pk, sk = handle_key(before.handle)
            free = {
                "TableName": self.name,
                "Key": {"pk": pk, "sk": sk},
                "ConditionExpression": "userId = :owner",
                "ExpressionAttributeValues": {":owner": profile.id},
            }
            operations += [{"Put": self._reservation(profile)}, {"Delete": free}]
        self._write(operations)

    def _put(self, item: Item) -> dict[str, Any]:
        return {"TableName": self.name, "Item": item}

    def _reservation(self, profile: Profile) -> dict[str, Any]:
        pk, sk = handle_key(profile.handle)
        item = {"pk": pk, "sk": sk, "userId": profile.id, "handle": profile.handle}
        return {**self._put(item), "ConditionExpression": "attribute_not_exists(pk)"}

    def _write(self, operations: list[dict[str, Any]]) -> None:
        try:
            transact(operations)
        except ClientError as error:
            codes = cancellation_codes(error)
            if not codes:
                raise
            if codes[0] == "None" and "ConditionalCheckFailed" in codes[1:2]:
                raise HandleTaken("This handle is taken.") from error
            raise Conflict("The profile was changed at the same time.") from error

    def author(self, user_id: str) -> Author | None:
        """The short form of a person."""
        profile = self.authors([user_id]).get(user_id)
        return profile.author() if profile else None

    def authors(self, user_ids: Iterable[str]) -> dict[str, Profile]:
        """Profiles of those people that have one, in one request per hundred."""
        found = batch_get({self.name: [profile_key(one) for one in user_ids]})
        return {item["id"]: profile_of(item) for item in found.values()}

    def ids_of_handles(self, handles: Iterable[str]) -> dict[str, str]:
        """Handle → user id, for those handles that someone has now."""
        found = batch_get({self.name: [handle_key(one) for one in handles]})
        return {item["handle"]: item["userId"] for item in found.values() if "userId" in item}

    def id_of_handle(self, handle: str) -> str | None:
        """User id of a normalised handle."""
        return self.ids_of_handles([handle]).get(handle)

    def counts(self, user_id: str) -> ProfileCounts:
        key = counts_key(user_id)
        return counts_of(batch_get({self.name: [key]}).get((self.name, *key)))


def _item(profile: Profile) -> Item:
    pk, sk = profile_key(profile.id)
    item = {
        "pk": pk,
        "sk": sk,
        "type": "profile",
        "id": profile.id,
        "handle": profile.handle,
        "displayName": profile.display_name,
        "bio": profile.bio,
        "bioMentions": [{"handle": one.handle, "userId": one.user_id} for one in profile.bio_mentions] or None,
        "locale": profile.locale,
        "avatarMediaId": profile.avatar_media_id,
        "avatarUrl": profile.avatar_url,
        "headerMediaId": profile.header_media_id,
        "headerUrl": profile.header_url,
        "fields": [one.to_item() for one in profile.fields] or None,
        "suspended": profile.suspended,
        "standing": profile.standing or None,
        "createdAt": profile.created_at,
        "updatedAt": profile.updated_at,
        "version": profile.version,
        "locked": profile.locked or None,
    }
    return {key: value for key, value in item.items() if value is not None}
