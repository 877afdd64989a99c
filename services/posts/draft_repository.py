"""Drafts, scheduled posts and what is due, in DynamoDB. Access patterns and keys: docs/contexts/posts.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from services.common.dynamo import Item, Repository, cancellation_codes, plain, transact
from services.common.errors import Conflict, Unprocessable
from services.posts.drafts import Draft, ScheduledPost, ScheduleState
from services.posts.keys import Key, client_key, draft_key, due_key, due_partition, number_key, scheduled_key

Operation = Mapping[str, Any]


def draft_of(item: Mapping[str, Any]) -> Draft:
    """A draft from its item. Contents are JSON text: a number with a fraction is none of DynamoDB's."""
    return Draft(item["id"], item["authorId"], json.loads(item["content"]), item["updatedAt"], int(item["version"]))


def scheduled_of(item: Mapping[str, Any]) -> ScheduledPost:
    """A scheduled post from its item."""
    return ScheduledPost(
        item["id"],
        item["authorId"],
        json.loads(item["content"]),
        item["publishAt"],
        ScheduleState(item["state"]),
        item.get("reason"),
        int(item["version"]),
        item.get("mentions"),
    )


class DraftRepository(Repository):
    """Lists of one author; a counter in the same transaction limits their length."""

    def draft(self, author_id: str, draft_id: str) -> Draft | None:
        """Strongly consistent."""
        item = self._get(draft_key(author_id, draft_id))
        return draft_of(item) if item else None

    def drafts(self, author_id: str) -> list[Draft]:
        """All of an author, the latest change first."""
        found = [draft_of(item) for item in self._all(draft_key(author_id, "")[0], "DRAFT#")]
        return sorted(found, key=lambda one: one.updated_at, reverse=True)

    def put_draft(self, draft: Draft, most: int) -> bool:
        """Store version ``draft.version``; ``False`` when the one before it is not there.

        Raises:
            Unprocessable: it would be one more than ``most``.
        """
        pk, sk = draft_key(draft.author_id, draft.id)
        item = {
            "pk": pk, "sk": sk, "type": "draft", "id": draft.id, "authorId": draft.author_id,
            "content": json.dumps(draft.content), "updatedAt": draft.updated_at, "version": draft.version,
        }  # fmt: skip
        what = f"You have {most} drafts: delete one first."
        return self._write(self._store(item, most), what, is_new=draft.version == 1)

    def delete_draft(self, author_id: str, draft_id: str) -> None:
        pk, sk = draft_key(author_id, draft_id)
        gone = {"TableName": self.name, "Key": {"pk": pk, "sk": sk}, "ConditionExpression": "attribute_exists(pk)"}
        self._write([{"Delete": gone}, self._count(pk, -1)])

    def scheduled(self, author_id: str, scheduled_id: str) -> ScheduledPost | None:
        """Strongly consistent."""
        item = self._get(scheduled_key(author_id, scheduled_id))
        return scheduled_of(item) if item else None

    def all_scheduled(self, author_id: str) -> list[ScheduledPost]:
        """All of an author, the next to be published first."""
        found = [scheduled_of(item) for item in self._all(scheduled_key(author_id, "")[0], "SCHEDULED#")]
        return sorted(found, key=lambda one: (one.publish_at, one.id))

    def put_scheduled(self, before: ScheduledPost | None, after: ScheduledPost, most: int) -> bool:
        """Store the next version and when it is due; ``False`` when ``before`` is not there any more, or when it was
        published.

        Raises:
            Unprocessable: it would be one more than ``most``.
        """
        operations = self._store(_scheduled_item(after), most)
        if before is not None and before.publish_at != after.publish_at:
            operations.append(self._forget_due(before))
        operations.append({"Put": {"TableName": self.name, "Item": _due_item(after)}})
        pk, sk = client_key(after.author_id, after.client_post_id)
        never = {"TableName": self.name, "Key": {"pk": pk, "sk": sk}, "ConditionExpression": "attribute_not_exists(pk)"}
        operations.append({"ConditionCheck": never})
        what = f"{most} posts of yours wait already: publish or cancel one first."
        return self._write(operations, what, is_new=before is None)

    def delete_scheduled(self, found: ScheduledPost) -> bool:
        """Take it off the list; ``False`` when it is not there in this version."""
        return self._write(self.unscheduling(found))

    def unscheduling(self, found: ScheduledPost) -> list[Operation]:
        """The operations that remove a scheduled post, for the transaction that publishes it too."""
        pk, sk = scheduled_key(found.author_id, found.id)
        gone = {
            "TableName": self.name,
            "Key": {"pk": pk, "sk": sk},
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": found.version},
        }
        return [{"Delete": gone}, self._forget_due(found), self._count(pk, -1)]

    def fail(self, found: ScheduledPost, reason: str) -> bool:
        """Store why it could not be published, so that its author can fix it; ``False`` when it was changed
        meanwhile."""
        failed = replace(found, state=ScheduleState.FAILED, reason=reason, version=found.version + 1)
        put = {
            "TableName": self.name,
            "Item": _scheduled_item(failed),
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": found.version},
        }
        return self._write([{"Put": put}, self._forget_due(found)])

    def due(self, shard: int, until: str) -> Iterator[Item]:
        """What is due up to ``until`` (RFC 3339) in one of the ``DUE_SHARDS`` partitions, the oldest first."""
        query: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND sk < :until",
            "ExpressionAttributeValues": {":pk": due_partition(shard), ":until": until},
            "ConsistentRead": True,
        }
        while True:
            answer = self.table.query(**query)
            yield from (plain(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def is_due(self, at: str, kind: str, identifier: str) -> bool:
        """Whether the entry is still due."""
        return self._get(due_key(at, kind, identifier)) is not None

    def done(self, at: str, kind: str, identifier: str) -> None:
        """Remove the entry from the index: it is done."""
        pk, sk = due_key(at, kind, identifier)
        self.table.delete_item(Key={"pk": pk, "sk": sk})

    def _get(self, key: Key) -> Item | None:
        pk, sk = key
        item = self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
        return plain(item) if item else None

    def _all(self, partition: str, prefix: str) -> list[Item]:
        query: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":pk": partition, ":prefix": prefix},
            "ConsistentRead": True,
        }
        items: list[Item] = []
        while True:
            answer = self.table.query(**query)
            items += [plain(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return items
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _store(self, item: Item, most: int) -> list[Operation]:
        """Put a version of an entry: the first one increments the counter, later ones require the version before
        them."""
        put: dict[str, Any] = {"TableName": self.name, "Item": item}
        if item["version"] == 1:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
            return [{"Put": put}, self._count(item["pk"], 1, most)]
        put["ConditionExpression"] = "#version = :before"
        put["ExpressionAttributeNames"] = {"#version": "version"}
        put["ExpressionAttributeValues"] = {":before": item["version"] - 1}
        return [{"Put": put}]

    def _count(self, partition: str, amount: int, most: int | None = None) -> Operation:
        pk, sk = number_key(partition)
        update: dict[str, Any] = {
            "TableName": self.name,
            "Key": {"pk": pk, "sk": sk},
            "UpdateExpression": "ADD #n :amount",
            "ExpressionAttributeNames": {"#n": "n"},
            "ExpressionAttributeValues": {":amount": amount},
        }
        if most is not None:
            update["ConditionExpression"] = "attribute_not_exists(#n) OR #n < :most"
            update["ExpressionAttributeValues"][":most"] = most
        return {"Update": update}

    def _forget_due(self, scheduled: ScheduledPost) -> Operation:
        pk, sk = due_key(scheduled.publish_at, "post", scheduled.id)
        return {"Delete": {"TableName": self.name, "Key": {"pk": pk, "sk": sk}}}

    def _write(self, operations: list[Operation], full: str = "", is_new: bool = False) -> bool:
        try:
            transact(operations)
        except ClientError as error:
            codes = cancellation_codes(error)
            if not codes:
                raise
            if codes[0] == "ConditionalCheckFailed":
                return False
            if is_new and codes[1] == "ConditionalCheckFailed":
                raise Unprocessable(full) from error
            if "ConditionalCheckFailed" in codes:
                return False
            raise Conflict("The same list is being changed at this moment; try again.") from error
        return True


def _scheduled_item(one: ScheduledPost) -> Item:
    pk, sk = scheduled_key(one.author_id, one.id)
    item = {
        "pk": pk,
        "sk": sk,
        "type": "scheduled",
        "id": one.id,
        "authorId": one.author_id,
        "content": json.dumps(one.content),
        "publishAt": one.publish_at,
        "state": one.state.value,
        "reason": one.reason,
        "version": one.version,
        "mentions": one.mentions,
    }
    return {key: value for key, value in item.items() if value is not None}


def _due_item(one: ScheduledPost) -> Item:
    pk, sk = due_key(one.publish_at, "post", one.id)
    return {"pk": pk, "sk": sk, "kind": "post", "id": one.id, "authorId": one.author_id, "at": one.publish_at}
