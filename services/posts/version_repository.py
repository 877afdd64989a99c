"""Versions of posts and votes in polls, in DynamoDB. Access patterns and keys: docs/contexts/posts.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from services.common.clock import now_text
from services.common.dynamo import (
    Item,
    accepted,
    batch_get,
    batch_write,
    cancellation_codes,
    plain,
    transact,
)
from services.common.ids import new_id
from services.posts.keys import counts_key, post_key, version_key, vote_key
from services.posts.model import Post
from services.posts.polls import Tally, tally_of
from services.posts.repository import PostRepository, item_of

#: What an edit may change; all else of the item stays as it is at that moment, whoever wrote it.
EDITABLE = (
    "text", "lang", "contentWarning", "sensitive", "media", "entities", "everMentioned", "editedAt", "edits", "version",
)  # fmt: skip
#: What a former version keeps.
_KEPT = (
    "authorId", "text", "lang", "contentWarning", "sensitive", "media", "entities", "createdAt", "editedAt", "version",
)  # fmt: skip


class VersionRepository(PostRepository):
    """Versions of posts."""

    def replace(self, before: Post, after: Post) -> bool:
        """Make ``after`` the current version and keep ``before``; ``False`` when it is not the current one any more."""
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
        try:
            transact([{"Update": update}, {"Put": {"TableName": self.name, "Item": kept}}])
        except ClientError as error:
            if cancellation_codes(error):
                return False
            raise
        return True

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


class VoteRepository(PostRepository):
    """Vote edges, and the tallies projected from them."""

    def vote(self, post: Post, user_id: str, choices: Sequence[int]) -> bool:
        """Set the edge; ``False`` when there was one, whatever it says."""
        pk, sk = vote_key(post.id, user_id)
        edge = {
            "pk": pk,
            "sk": sk,
            "type": "vote",
            "postId": post.id,
            "authorId": post.author_id,
            "userId": user_id,
            "choices": list(choices),
            "at": now_text(),
            "gsi1pk": f"VOTES#{user_id}",
            "gsi1sk": new_id(),
        }
        return accepted(self.table.put_item, Item=edge, ConditionExpression="attribute_not_exists(pk)")

    def choices(self, post_id: str, user_id: str) -> tuple[int, ...] | None:
        """What someone chose. Strongly consistent."""
        found = batch_get({self.name: [vote_key(post_id, user_id)]}, consistent=True)
        return next((choices_of(item) for item in found.values()), None)

    def choices_of_many(self, post_ids: Iterable[str], user_id: str) -> dict[str, tuple[int, ...]]:
        """Post id → what someone chose, for those polls in which they voted."""
        found = batch_get({self.name: [vote_key(one, user_id) for one in post_ids]})
        return {item["postId"]: choices_of(item) for item in found.values()}

    def tally(self, post: Post) -> Tally:
        """As far as the projection is. Strongly consistent."""
        found = batch_get({self.name: [counts_key(post.id)]}, consistent=True)
        return tally_of(next(iter(found.values()), None), len(post.poll.options) if post.poll else 0)

    def voters(self, post_id: str, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """A page of those who voted, and after whom the next one begins (``None``: no more). Strongly consistent."""
        pk, _ = post_key(post_id)
        first = vote_key(post_id, after)[1] + "\x00" if after else "VOTE#"
        answer = self.table.query(
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={":pk": pk, ":first": first, ":last": "VOTE#\U0010ffff"},
            Limit=limit,
            ConsistentRead=True,
        )
        users = [str(item["userId"]) for item in answer["Items"]]
        return users, users[-1] if "LastEvaluatedKey" in answer else None


def choices_of(edge: Mapping[str, Any]) -> tuple[int, ...]:
    """Places of the options that a vote edge names."""
    return tuple(int(one) for one in edge["choices"])
