"""Edges between people and posts, in DynamoDB, and the lists of them. Keys: docs/contexts/posts.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import ClientError

from services.common import wire
from services.common.clock import now_text
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import (
    Item,
    Repository,
    accepted,
    batch_get,
    cancellation_codes,
    from_attributes,
    query_page,
    transact,
)
from services.common.errors import Conflict, NotFound
from services.common.ids import new_id
from services.posts.keys import (
    Key,
    bookmark_key,
    edge_keys,
    pins_key,
    post_key,
    reaction_key,
    repost_key,
    viewer_partition,
)
from services.posts.model import Post
from services.posts.related_items import unpin
from services.posts.thread_paths import descendants_of

#: list of a post's people → the partition of ``gsi2`` that has it
_PEOPLE = {"likes": "LIKERS", "reposts": "REPOSTERS", "reactions": "REACTORS"}


class EngagementRepository(Repository):
    """Reposts, reactions, bookmarks and pins. An edge is one item: setting it twice changes nothing."""

    def repost(self, post: Post, user_id: str) -> bool:
        """Set the edge; ``False`` when it was there."""
        made = new_id()
        more = {"repostId": made, "visibility": post.visibility.value}
        lists = {"gsi1pk": f"REPOSTS#{user_id}", "gsi2pk": f"REPOSTERS#{post.id}"}
        return self._set(repost_key(post.id, user_id), "repost", post, user_id, made, {**more, **lists})

    def unrepost(self, post_id: str, user_id: str) -> bool:
        """Take the edge away; ``False`` when there was none."""
        return self._unset(repost_key(post_id, user_id))

    def react(self, post: Post, user_id: str, emoji: str) -> bool:
        """Set the edge, or give it another emoji; ``False`` when it had this one."""
        lists = {"gsi1pk": f"REACTIONS#{user_id}", "gsi2pk": f"REACTORS#{post.id}"}
        edge = _edge(reaction_key(post.id, user_id), "reaction", post, user_id, new_id(), {"emoji": emoji, **lists})
        return self._put(edge, "attribute_not_exists(pk) OR emoji <> :emoji", {":emoji": emoji})

    def unreact(self, post_id: str, user_id: str) -> bool:
        """Take the edge away; ``False`` when there was none."""
        return self._unset(reaction_key(post_id, user_id))

    def bookmark(self, post: Post, user_id: str) -> bool:
        """Set the edge; ``False`` when it was there."""
        lists = {"gsi1pk": f"BOOKMARKS#{user_id}", "gsi2pk": f"BOOKMARKERS#{post.id}"}
        return self._set(bookmark_key(post.id, user_id), "bookmark", post, user_id, new_id(), lists)

    def unbookmark(self, post_id: str, user_id: str) -> bool:
        """Take the edge away; ``False`` when there was none."""
        return self._unset(bookmark_key(post_id, user_id))

    def pin(self, author_id: str, post_id: str, most: int) -> bool:
        """Add to the set of pinned posts; ``False`` when it has ``most`` others.

        In one transaction with a look at the post, so that a deletion at the same time leaves no pin: it removes the
        pin after the post.

        Raises:
            NotFound: the post is deleted.
            Conflict: another change of the same pins is under way.
        """
        pk, sk = post_key(post_id)
        live = {
            "TableName": self.name,
            "Key": {"pk": pk, "sk": sk},
            "ConditionExpression": "#state = :live",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":live": "live"},
        }
        pk, sk = pins_key(author_id)
        added = {
            "TableName": self.name,
            "Key": {"pk": pk, "sk": sk},
            "UpdateExpression": "ADD postIds :one",
            "ConditionExpression": "attribute_not_exists(postIds) OR size(postIds) < :most OR contains(postIds, :id)",
            "ExpressionAttributeValues": {":one": {post_id}, ":most": most, ":id": post_id},
        }
        try:
            transact([{"ConditionCheck": live}, {"Update": added}])
        except ClientError as error:
            codes = cancellation_codes(error)
            if not codes:
                raise
            if codes[0] == "ConditionalCheckFailed":
                raise NotFound("Post not found.") from error
            if codes[1] != "ConditionalCheckFailed":
                raise Conflict("The pinned posts are being changed at this moment.") from error
            return False
        return True

    def unpin(self, author_id: str, post_id: str) -> None:
        """Take out of the set; without effect when it is not in it."""
        unpin(self.table, author_id, post_id)

    def pinned(self, author_id: str) -> list[str]:
        """Ids of an author's pinned posts, the newest post first."""
        key = pins_key(author_id)
        found: Item = batch_get({self.name: [key]}).get((self.name, *key), {})
        return sorted(found.get("postIds") or (), reverse=True)

    def of_viewer(self, user_id: str, post_ids: Collection[str]) -> dict[tuple[str, str, str], Item]:
        """A person's edges to these posts: ``(table, pk, sk)`` → edge.

        One query from the oldest to the newest post, because edges are sorted by post: its cost depends on existing
        edges, not possible ones. If the range has more edges than these posts can have, the rest is read by key.
        """
        wanted = set(post_ids)
        if not wanted:
            return {}
        most = len(edge_keys("", "")) * len(wanted)
        answer = wire.read(
            "Query",
            {
                "TableName": self.name,
                "KeyConditionExpression": "pk = :pk AND sk BETWEEN :from AND :to",
                "ExpressionAttributeValues": {
                    ":pk": {"S": viewer_partition(user_id)},
                    ":from": {"S": f"{min(wanted)}#"},
                    ":to": {"S": f"{max(wanted)}#~"},
                },
                "Limit": most,
            },
        )
        edges = [from_attributes(image) for image in answer["Items"]]
        found = {(self.name, edge["pk"], edge["sk"]): edge for edge in edges if edge["postId"] in wanted}
        if "LastEvaluatedKey" in answer:
            last = edges[-1]["postId"]
            found |= batch_get({self.name: [key for one in wanted if one >= last for key in edge_keys(one, user_id)]})
        return found

    def people_of(self, post_id: str, which: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """Edges of one kind (``likes``, ``reposts``, ``reactions``) to a post, the latest first."""
        return self._indexed(f"{_PEOPLE[which]}#{post_id}", "gsi2", which, cursor, limit)

    def reposts_by(self, user_id: str, cursor: Cursor | None, limit: int) -> list[Item]:
        """Up to ``limit + 1`` of someone's reposts in the order that ``page_of`` expects; the key is ``gsi1sk``."""
        return query_page(self.table, f"REPOSTS#{user_id}", cursor=cursor, limit=limit, index="gsi1")

    def bookmarks(self, user_id: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        """A person's bookmarks, the latest first."""
        return self._indexed(f"BOOKMARKS#{user_id}", "gsi1", "bookmarks", cursor, limit)

    def quotes(self, post_id: str, cursor: Cursor | None, limit: int) -> Page[str]:
        """Ids of posts that quote a post, newest first."""
        prefix = "QUOTE#"
        rows = query_page(self.table, f"POST#{post_id}", cursor=cursor, limit=limit, prefix=prefix)
        page = page_of(rows, scope="quotes", cursor=cursor, limit=limit, key=lambda row: str(row["sk"]))
        return Page([row["postId"] for row in page.items], page.older, page.newer)

    def thread(
        self, root_id: str, path: str, after: str | None, limit: int
    ) -> tuple[list[tuple[str, str]], str | None]:
        """Below one post of a thread, in the order of reading.

        Args:
            path: of the post whose descendants are wanted.
            after: the path after which the page begins, from the page before.

        Returns:
            Pairs of path and post id, and where the next page begins (``None``: the last).
        """
        prefix, start = descendants_of(path)
        answer = self.table.query(
            KeyConditionExpression="pk = :pk AND sk BETWEEN :from AND :to",
            ExpressionAttributeValues={
                ":pk": f"THREAD#{root_id}",
                ":from": (after or start) + "\x00",
                ":to": prefix + "\U0010ffff",
            },
            Limit=limit + 1,
        )
        rows = [(item["sk"], item["postId"]) for item in answer["Items"]]
        more = len(rows) > limit or "LastEvaluatedKey" in answer
        return rows[:limit], rows[:limit][-1][0] if more and rows else None

    def _set(self, key: Key, kind: str, post: Post, user_id: str, made: str, more: Mapping[str, Any]) -> bool:
        return self._put(_edge(key, kind, post, user_id, made, more), "attribute_not_exists(pk)", None)

    def _put(self, edge: Item, condition: str, values: Mapping[str, Any] | None) -> bool:
        options = {"ExpressionAttributeValues": values} if values else {}
        return accepted(self.table.put_item, Item=edge, ConditionExpression=condition, **options)

    def _unset(self, key: Key) -> bool:
        pk, sk = key
        return accepted(self.table.delete_item, Key={"pk": pk, "sk": sk}, ConditionExpression="attribute_exists(pk)")

    def _indexed(self, partition: str, index: str, scope: str, cursor: Cursor | None, limit: int) -> Page[Item]:
        rows = query_page(self.table, partition, cursor=cursor, limit=limit, index=index)
        return page_of(rows, scope=scope, cursor=cursor, limit=limit, key=lambda row: str(row[f"{index}sk"]))


def _edge(key: Key, kind: str, post: Post, user_id: str, made: str, more: Mapping[str, Any]) -> Item:
    """``made`` is a ULID: the edge's place in the lists of its person and its post."""
    pk, sk = key
    item: Item = {
        "pk": pk,
        "sk": sk,
        "type": kind,
        "postId": post.id,
        "authorId": post.author_id,
        "userId": user_id,
        "at": now_text(),
        "gsi1sk": made,
        **more,
    }
    return item | ({"gsi2sk": made} if "gsi2pk" in item else {})
