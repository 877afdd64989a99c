"""Votes in polls, in DynamoDB. Access patterns and keys: docs/contexts/posts.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.common.clock import now_text
from services.common.dynamo import accepted, batch_get
from services.common.ids import new_id
from services.posts.keys import counts_key, post_key, vote_key
from services.posts.model import Post
from services.posts.polls import Tally, tally_of
from services.posts.repository import PostRepository


class VoteRepository(PostRepository):
    """Vote edges, and the tallies projected from them."""

    def vote(self, post: Post, user_id: str, choices: Sequence[int]) -> bool:
        """Set the edge; ``False`` when there was one, with any choice."""
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
        """A person's choice. Strongly consistent."""
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
        """A page of those who voted, and after whom the next one begins (``None``: the last). Strongly consistent."""
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
