"""Versions of posts in DynamoDB. Access patterns and keys: docs/contexts/posts.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.common.dynamo import Item, batch_write, plain, transacted
from services.posts.keys import post_key, version_key
from services.posts.model import Post
from services.posts.repository import PostRepository, item_of

#: Attributes that an edit may change; the others keep their stored values, including concurrent writes.
EDITABLE = (
    "text", "lang", "contentWarning", "sensitive", "media", "entities", "everMentioned", "editedAt", "edits", "version",
)  # fmt: skip
#: Attributes of a former version.
_KEPT = (
    "authorId", "text", "lang", "contentWarning", "sensitive", "media", "entities", "createdAt", "editedAt", "version",
)  # fmt: skip


class VersionRepository(PostRepository):
    """Versions of posts."""

    def replace(self, before: Post, after: Post) -> bool:
        """Make ``after`` the current version and store ``before``; ``False`` when ``before`` is no longer the current
        one."""
        pk, sk = post_key(before.id)
        kept_pk, kept_sk = version_key(before.id, before.version)
        old, new = item_of(before), item_of(after)
        kept = {"pk": kept_pk, "sk": kept_sk, "type": "version", **{name: old.get(name) for name in _KEPT}}
        names = {f"#{name}": name for name in (*EDITABLE, "state")}
        values = {f":{name}": new[name] for name in EDITABLE if name in new}
        sets = ", ".join(f"#{name} = :{name}" for name in EDITABLE if name in new)
        gone = [f"#{name}" for name in EDITABLE if name not in new]
        update = {
            "TableName": self.name,
            "Key": {"pk": pk, "sk": sk},
            "UpdateExpression": f"SET {sets}" + (f" REMOVE {', '.join(gone)}" if gone else ""),
            "ConditionExpression": "#state = :live AND #version = :before",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {**values, ":live": "live", ":before": before.version},
        }
        return transacted([{"Update": update}, {"Put": {"TableName": self.name, "Item": kept}}])

    def history(self, post_id: str) -> list[Item]:
        """Former versions, newest first."""
        return list(self._versions(post_id, newest_first=True))

    def forget_history(self, post_id: str) -> None:
        """Remove former versions. No edit can add one once the post is a tombstone."""
        batch_write(self.name, deletes=[(item["pk"], item["sk"]) for item in self._versions(post_id)])

    def _versions(self, post_id: str, newest_first: bool = False) -> Iterator[Item]:
        pk, _ = post_key(post_id)
        query: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":pk": pk, ":prefix": "VERSION#"},
            "ScanIndexForward": not newest_first,
            "ConsistentRead": True,
        }
        while True:
            answer = self.table.query(**query)
            yield from (plain(item) for item in answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
