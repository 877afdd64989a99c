"""Profiles in DynamoDB. Access patterns and keys: docs/contexts/profiles.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import Key as Condition
from botocore.exceptions import ClientError

from services.common.clock import now_text
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import (
    Item,
    Repository,
    batch_get,
    cancellation_codes,
    is_conditional_failure,
    plain,
    query_page,
    transact,
)
from services.common.errors import Conflict, FieldError, HandleTaken, Unprocessable
from services.common.ids import new_id
from services.profiles.keys import counts_key, follow_key, handle_key, profile_key, searches_key
from services.profiles.model import Counts, Profile, Relationship
from services.profiles.searches import MOST, SavedSearch


def profile_of(item: Mapping[str, Any]) -> Profile:
    """A profile from its item."""
    return Profile(
        id=item["id"],
        handle=item["handle"],
        display_name=item["displayName"],
        created_at=item["createdAt"],
        bio=item.get("bio", ""),
        locale=item.get("locale", "en"),
        avatar_media_id=item.get("avatarMediaId"),
        avatar_url=item.get("avatarUrl"),
        header_media_id=item.get("headerMediaId"),
        header_url=item.get("headerUrl"),
        version=int(item["version"]),
        updated_at=item["updatedAt"],
    )


def counts_of(item: Mapping[str, Any] | None, posts: int = 0) -> Counts:
    """Counts from the ``COUNTS`` item, which is absent until something was counted."""
    found = item or {}
    return Counts(int(found.get("followers", 0)), int(found.get("following", 0)), posts)


def is_following(edge: Mapping[str, Any] | None) -> bool:
    """Whether an edge item says that the one follows the other now."""
    return bool(edge and edge.get("following"))


class ProfileRepository(Repository):
    """The one who knows the table of profiles and follow edges."""

    setting = "table_profiles"

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
                raise HandleTaken("Someone else has this handle.") from error
            raise Conflict("The profile was changed at the same time.") from error

    def author(self, user_id: str) -> dict[str, Any] | None:
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
        return {item["handle"]: item["userId"] for item in found.values()}

    def id_of_handle(self, handle: str) -> str | None:
        """User id of a normalised handle."""
        return self.ids_of_handles([handle]).get(handle)

    def follows(self, follower: str, followees: Iterable[str]) -> set[str]:
        """Those of ``followees`` whom ``follower`` follows now."""
        found = batch_get({self.name: [follow_key(follower, one) for one in followees]})
        return {item["followeeId"] for item in found.values() if is_following(item)}

    def following_ids(self, user_id: str, limit: int) -> list[str]:
        """Whom someone follows, the last ``limit`` of them."""
        query: dict[str, Any] = {
            "IndexName": "gsi2",
            "KeyConditionExpression": Condition("gsi2pk").eq(f"FOLLOWING#{user_id}"),
            "ProjectionExpression": "followeeId",
            "ScanIndexForward": False,
            "Limit": limit,
        }
        return [item["followeeId"] for item in self.table.query(**query)["Items"]]

    def relationship(self, viewer: str, user_id: str) -> Relationship:
        """Of ``viewer`` to ``user_id``."""
        if viewer == user_id:
            return Relationship(itself=True)
        out, back = follow_key(viewer, user_id), follow_key(user_id, viewer)
        found = batch_get({self.name: [out, back]})
        return Relationship(
            following=is_following(found.get((self.name, *out))),
            followed_by=is_following(found.get((self.name, *back))),
        )

    def counts(self, user_id: str) -> Counts:
        key = counts_key(user_id)
        return counts_of(batch_get({self.name: [key]}).get((self.name, *key)))

    def follow(self, follower: str, followee: str) -> bool:
        """Set the edge; ``False`` when it was there, and then nothing is written.

        The item stays when the edge is taken away: its ``version`` must go on growing, so that consumers that see
        the events in another order end with the last of them.
        """
        since = new_id()
        return self._turn(
            follower,
            followee,
            "SET following = :yes, since = :since, createdAt = if_not_exists(createdAt, :now), #type = :type, "
            "followerId = :follower, followeeId = :followee, "
            "gsi1pk = :followers, gsi1sk = :since, gsi2pk = :followings, gsi2sk = :since ADD #version :one",
            "attribute_not_exists(pk) OR following <> :yes",
            {
                ":yes": True,
                ":one": 1,
                ":since": since,
                ":now": now_text(),
                ":type": "follow",
                ":follower": follower,
                ":followee": followee,
                ":followers": f"FOLLOWERS#{followee}",
                ":followings": f"FOLLOWING#{follower}",
            },
            {"#version": "version", "#type": "type"},
        )

    def unfollow(self, follower: str, followee: str) -> bool:
        """Take the edge away; ``False`` when there was none."""
        return self._turn(
            follower,
            followee,
            "SET following = :no REMOVE gsi1pk, gsi1sk, gsi2pk, gsi2sk ADD #version :one",
            "following = :yes",
            {":yes": True, ":no": False, ":one": 1},
            {"#version": "version"},
        )

    def _turn(
        self, follower: str, followee: str, update: str, condition: str, values: Item, names: dict[str, str]
    ) -> bool:
        pk, sk = follow_key(follower, followee)
        try:
            self.table.update_item(
                Key={"pk": pk, "sk": sk},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ExpressionAttributeNames=names,
            )
        except ClientError as error:
            if is_conditional_failure(error):
                return False
            raise
        return True

    def followers(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Follow edges that point at ``user_id``, newest first."""
        return self._edges(f"FOLLOWERS#{user_id}", "gsi1", "followers", cursor, limit)

    def following(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Follow edges that start at ``user_id``, newest first."""
        return self._edges(f"FOLLOWING#{user_id}", "gsi2", "following", cursor, limit)

    def _edges(self, partition: str, index: str, scope: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        rows = query_page(self.table, partition, cursor=cursor, limit=limit, index=index)
        return page_of(rows, scope=scope, cursor=cursor, limit=limit, key=lambda row: str(row[f"{index}sk"]))


class SavedSearchRepository(Repository):
    """Saved searches: all of a person's in one item, so that their number is bounded by one condition."""

    setting = "table_profiles"

    def of(self, owner: str) -> list[SavedSearch]:
        """Newest first, strongly consistent."""
        pk, sk = searches_key(owner)
        item = plain(self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item") or {})
        found = item.get("searches", {})
        return [SavedSearch(one, **found[one]) for one in sorted(found, reverse=True)]

    def save(self, owner: str, search: SavedSearch) -> bool:
        """Add it, or replace the one of its id; ``True`` when it is new.

        Raises:
            Unprocessable: there are ``MOST`` others.
        """
        pk, sk = searches_key(owner)
        value = {"name": search.name, "query": search.query, "saved_at": search.saved_at}
        try:
            before = self.table.update_item(
                Key={"pk": pk, "sk": sk},
                UpdateExpression="SET searches.#id = :value",
                ConditionExpression="attribute_exists(searches.#id) OR size(searches) < :most",
                ExpressionAttributeNames={"#id": search.id},
                ExpressionAttributeValues={":value": value, ":most": MOST},
                ReturnValues="ALL_OLD",
            )
            return search.id not in before["Attributes"]["searches"]
        except ClientError as error:
            if not is_conditional_failure(error):
                raise
        first = {"pk": pk, "sk": sk, "type": "searches", "searches": {search.id: value}}
        try:
            self.table.put_item(Item=first, ConditionExpression="attribute_not_exists(pk)")
        except ClientError as error:
            if not is_conditional_failure(error):
                raise
            fault = FieldError("id", f"at most {MOST} saved searches", f"{MOST} others")
            raise Unprocessable("There are as many saved searches as there may be.", fault) from error
        return True

    def delete(self, owner: str, search_id: str) -> None:
        """Without effect when there is none of that id."""
        pk, sk = searches_key(owner)
        try:
            self.table.update_item(
                Key={"pk": pk, "sk": sk},
                UpdateExpression="REMOVE searches.#id",
                ConditionExpression="attribute_exists(searches.#id)",
                ExpressionAttributeNames={"#id": search_id},
            )
        except ClientError as error:
            if not is_conditional_failure(error):
                raise


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
        "locale": profile.locale,
        "avatarMediaId": profile.avatar_media_id,
        "avatarUrl": profile.avatar_url,
        "headerMediaId": profile.header_media_id,
        "headerUrl": profile.header_url,
        "createdAt": profile.created_at,
        "updatedAt": profile.updated_at,
        "version": profile.version,
    }
    return {key: value for key, value in item.items() if value is not None}
