"""Media in DynamoDB. Access patterns and keys: docs/contexts/media.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from boto3.dynamodb.conditions import Key as Condition

from services.common.carriers import ITEM_ATTRIBUTE
from services.common.dynamo import Item, Repository, accepted, batch_get, conditionally, plain
from services.common.resources import MediaResource
from services.media.model import Kind, Media, State
from services.media.resources import to_resource

Key = tuple[str, str]


def media_key(media_id: str) -> Key:
    return f"MEDIA#{media_id}", "MEDIA"


def media_of(item: Mapping[str, Any]) -> Media:
    """A medium from its item."""
    return Media(
        id=item["id"],
        owner_id=item["ownerId"],
        kind=Kind(item["kind"]),
        state=State(item["state"]),
        content_type=item["contentType"],
        bytes=int(item["bytes"]),
        created_at=item["createdAt"],
        alt_text=item.get("altText", ""),
        width=item.get("width"),
        height=item.get("height"),
        duration_ms=item.get("durationMs"),
        extension=item.get("extension"),
        has_thumbnail=bool(item.get("hasThumbnail")),
        variants=tuple(item.get("variants") or ()),
        placeholder=item.get("placeholder"),
        peaks=tuple(item.get("peaks") or ()),
        upload_id=item.get("uploadId"),
        upload_tag=item.get("uploadTag"),
        used_by=frozenset(item.get("usedBy") or ()),
        expires_at=item.get("ttl"),
        reason=item.get("reason"),
        version=int(item["version"]),
        trace=item.get(ITEM_ATTRIBUTE, ""),
    )


class MediaRepository(Repository):
    """Reads and writes the table of media."""

    def get(self, media_id: str) -> Media | None:
        """Strongly consistent."""
        pk, sk = media_key(media_id)
        item = self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
        return media_of(plain(item)) if item else None

    def create(self, media: Media) -> None:
        """Store the permit."""
        self.table.put_item(Item=_item(media), ConditionExpression="attribute_not_exists(pk)")

    def replace(self, media: Media) -> Media | None:
        """Store ``media`` as the next version; ``None`` when it was written meanwhile."""
        after = replace(media, version=media.version + 1)
        stored = accepted(
            self.table.put_item,
            Item=_item(after),
            ConditionExpression="#version = :before",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":before": media.version},
        )
        return after if stored else None

    def ready(self, owner_id: str, media_ids: Sequence[str]) -> dict[str, MediaResource]:
        """Media id → Media resource, for those that are this owner's and ready."""
        found = batch_get({self.name: [media_key(one) for one in media_ids]})
        media = [media_of(item) for item in found.values()]
        return {one.id: to_resource(one) for one in media if one.owner_id == owner_id and one.state is State.READY}

    def owned(self, owner_id: str, media_ids: Sequence[str]) -> set[str]:
        """Ids of this owner's media, in any state; strongly consistent."""
        found = batch_get({self.name: [media_key(one) for one in media_ids]}, consistent=True)
        return {item["id"] for item in found.values() if item["ownerId"] == owner_id}

    def hold(self, media_id: str, user: str) -> bool:
        """Record that ``user`` (``POST#<id>``, ``PROFILE#<id>``) shows it, which keeps it; ``False`` when it is
        gone."""
        return self._use(media_id, "ADD usedBy :user, #version :one REMOVE #ttl", user) is not None

    def release(self, media_id: str, user: str) -> Media | None:
        """Record that ``user`` no longer shows it; returns the remaining users, or ``None`` when it is gone."""
        return self._use(media_id, "DELETE usedBy :user ADD #version :one", user)

    def _use(self, media_id: str, update: str, user: str) -> Media | None:
        pk, sk = media_key(media_id)
        names = {"#version": "version", "#ttl": "ttl"} if "#ttl" in update else {"#version": "version"}
        answer = conditionally(
            self.table.update_item,
            Key={"pk": pk, "sk": sk},
            UpdateExpression=update,
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":user": {user}, ":one": 1},
            ReturnValues="ALL_NEW",
        )
        return None if answer is None else media_of(plain(answer["Attributes"]))

    def of_owner(self, owner_id: str) -> Iterator[Media]:
        """All media of a person, page by page; eventually consistent."""
        query: dict[str, Any] = {
            "IndexName": "gsi1",
            "KeyConditionExpression": Condition("gsi1pk").eq(f"OWNER#{owner_id}"),
        }
        while True:
            answer = self.table.query(**query)
            yield from (media_of(plain(item)) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def discard(self, media: Media) -> bool:
        """Delete it unless something was written meanwhile; the table's stream has its objects removed."""
        pk, sk = media_key(media.id)
        return accepted(
            self.table.delete_item,
            Key={"pk": pk, "sk": sk},
            ConditionExpression="#version = :before",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":before": media.version},
        )


def _item(media: Media) -> Item:
    pk, sk = media_key(media.id)
    item = {
        "pk": pk,
        "sk": sk,
        "type": "media",
        "id": media.id,
        "ownerId": media.owner_id,
        "kind": media.kind.value,
        "state": media.state.value,
        "contentType": media.content_type,
        "bytes": media.bytes,
        "createdAt": media.created_at,
        "altText": media.alt_text,
        "width": media.width,
        "height": media.height,
        "durationMs": media.duration_ms,
        "extension": media.extension,
        "hasThumbnail": media.has_thumbnail,
        "variants": list(media.variants) or None,
        "placeholder": media.placeholder,
        "peaks": list(media.peaks) or None,
        "uploadId": media.upload_id,
        "uploadTag": media.upload_tag,
        "usedBy": set(media.used_by) or None,
        "ttl": media.expires_at,
        "reason": media.reason,
        "version": media.version,
        "gsi1pk": f"OWNER#{media.owner_id}",
        "gsi1sk": media.id,
    }
    return {key: value for key, value in item.items() if value is not None}
