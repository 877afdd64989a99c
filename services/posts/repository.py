"""Posts in DynamoDB. Access patterns and keys: docs/contexts/posts.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from services.common.clock import now_text
from services.common.cursors import Cursor, Page, page_of
from services.common.dynamo import (
    Item,
    Repository,
    accepted,
    batch_get,
    cancellation_codes,
    is_conditional_failure,
    plain,
    query_page,
    transact,
)
from services.common.errors import Conflict
from services.common.ids import new_id
from services.posts.author_counts import posts_seen
from services.posts.keys import author_counts_key, client_key, due_key, like_key, post_key
from services.posts.model import Entities, Mention, Post, PostCounts, ReplyTo, Visibility
from services.posts.polls import poll_of
from services.posts.quotes import quote_of
from services.posts.reactions import reactions_of
from services.posts.related_items import cut, link_puts
from services.posts.reply_policy import gate_of


def post_of(item: Mapping[str, Any]) -> Post:
    """A post from its item."""
    entities = item.get("entities") or {}
    reply = item.get("replyTo")
    return Post(
        id=item["id"],
        author_id=item["authorId"],
        text=item.get("text", ""),
        lang=item.get("lang", "und"),
        created_at=item["createdAt"],
        visibility=Visibility(item["visibility"]),
        client_post_id=item.get("clientPostId", ""),
        reply_to=ReplyTo(reply["postId"], reply["authorId"]) if reply else None,
        root_id=item.get("rootId"),
        media=tuple(item.get("media") or ()),
        entities=Entities(
            tags=tuple(entities.get("tags") or ()),
            mentions=tuple(Mention(one["handle"], one["userId"]) for one in entities.get("mentions") or ()),
            links=tuple(entities.get("links") or ()),
        ),
        version=int(item["version"]),
        deleted=item["state"] == "deleted",
        edited_at=item.get("editedAt"),
        edits=int(item.get("edits", 0)),
        ever_mentioned=tuple(item.get("everMentioned") or ()),
        poll=poll_of(item.get("poll")),
        scheduled_id=item.get("scheduledId"),
        hidden=item.get("hidden"),
        withheld=bool(item.get("withheld")),
        content_warning=item.get("contentWarning"),
        sensitive=bool(item.get("sensitive")),
        quote_of=quote_of(item),
        gate=gate_of(item.get("gate")),
        path=item.get("path", ""),
    )


def counts_of(item: Mapping[str, Any] | None) -> PostCounts:
    """Counts from the ``COUNTS`` item, which is absent until something was counted."""
    found = item or {}
    likes, replies, reposts, quotes = (int(found.get(name, 0)) for name in ("likes", "replies", "reposts", "quotes"))
    return PostCounts(likes, replies, reposts, quotes, reactions_of(found))


class PostRepository(Repository):
    """Reads and writes posts, like edges and their counters."""

    def get(self, post_id: str) -> Post | None:
        """Strongly consistent; a deleted post comes as its tombstone."""
        pk, sk = post_key(post_id)
        item = self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
        return post_of(plain(item)) if item else None

    def by_client_id(self, author_id: str, client_post_id: str) -> Post | None:
        """The author's post with this client id."""
        pk, sk = client_key(author_id, client_post_id)
        item = self.table.get_item(Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
        return self.get(item["postId"]) if item else None

    def create(self, post: Post, also: Sequence[Mapping[str, Any]] = ()) -> bool:
        """Store a post together with its client id; ``False`` when the author used that client id before.

        Args:
            also: further writes of the same transaction (see ``dynamo.transact``).

        Raises:
            Conflict: another transaction holds an item of this one, or a condition of ``also`` fails.
        """
        pk, sk = client_key(post.author_id, post.client_post_id)
        marker = {"pk": pk, "sk": sk, "postId": post.id}
        new = "attribute_not_exists(pk)"
        try:
            transact(
                [
                    {"Put": {"TableName": self.name, "Item": marker, "ConditionExpression": new}},
                    {"Put": {"TableName": self.name, "Item": item_of(post), "ConditionExpression": new}},
                    *link_puts(self.name, post.id, quote=post.quote_of, root_id=post.root_id, path=post.path),
                    *due_puts(self.name, post),
                    *also,
                ]
            )
        except ClientError as error:
            codes = cancellation_codes(error)
            if codes and codes[0] == "ConditionalCheckFailed":
                return False
            if codes:
                raise Conflict("The same post is being created right now.") from error
            raise
        return True

    def delete(self, post: Post) -> bool:
        """Turn a post into a tombstone; ``False`` when it was one.

        The tombstone keeps the thread together, and its version lets the search index order it after the post. It is
        put as a whole item, so that it holds only the attributes named here, also when posts get new ones.
        """
        current: Post | None = post
        while current is not None and not current.deleted:
            try:
                self.table.put_item(
                    Item=_tombstone(current),
                    ConditionExpression="#state = :live AND #version = :version",
                    ExpressionAttributeNames={"#state": "state", "#version": "version"},
                    ExpressionAttributeValues={":live": "live", ":version": current.version},
                )
            except ClientError as error:
                if not is_conditional_failure(error):
                    raise
                # An edit came first: the deletion goes on top of it.
                current = self.get(post.id)
            else:
                cut(self.table, post.id, post.author_id, post.quote_of)
                return True
        return False

    def like(self, post: Post, user_id: str) -> bool:
        """Set the edge; ``False`` when it was there."""
        pk, sk = like_key(post.id, user_id)
        made = new_id()
        edge = {
            "pk": pk,
            "sk": sk,
            "type": "like",
            "postId": post.id,
            "authorId": post.author_id,
            "userId": user_id,
            "at": now_text(),
            "gsi1pk": f"LIKES#{user_id}",
            "gsi2pk": f"LIKERS#{post.id}",
            "gsi1sk": made,
            "gsi2sk": made,
        }
        return accepted(self.table.put_item, Item=edge, ConditionExpression="attribute_not_exists(pk)")

    def unlike(self, post_id: str, user_id: str) -> bool:
        """Take the edge away; ``False`` when there was none."""
        pk, sk = like_key(post_id, user_id)
        return accepted(self.table.delete_item, Key={"pk": pk, "sk": sk}, ConditionExpression="attribute_exists(pk)")

    def rows_by_author(self, author_id: str, cursor: Cursor | None, limit: int) -> list[Item]:
        """Up to ``limit + 1`` items of an author's posts in the order that ``page_of`` expects, whatever their
        visibility: the caller filters. The key is ``gsi1sk``."""
        return query_page(self.table, f"AUTHOR#{author_id}", cursor=cursor, limit=limit, index="gsi1")

    def replies(self, post_id: str, cursor: Cursor | None, limit: int) -> Page[Post]:
        """Direct replies, newest first, whatever their visibility: the caller filters."""
        return self._posts(f"REPLIES#{post_id}", "gsi2", "replies", cursor, limit)

    def _posts(self, partition: str, index: str, scope: str, cursor: Cursor | None, limit: int) -> Page[Post]:
        rows = query_page(self.table, partition, cursor=cursor, limit=limit, index=index)
        page = page_of(rows, scope=scope, cursor=cursor, limit=limit, key=lambda row: str(row[f"{index}sk"]))
        return Page([post_of(row) for row in page.items], page.older, page.newer)

    def count_by(self, author_id: str, *, itself: bool = False, follows: bool = False) -> int:
        """The number of an author's posts for the author, a follower, or anybody else."""
        key = author_counts_key(author_id)
        found: Item = batch_get({self.name: [key]}).get((self.name, *key), {})
        return posts_seen(found, itself=itself, follows=follows)

    def many(self, post_ids: Iterable[str], *, consistent: bool = False) -> dict[str, Post]:
        """Existing posts by id, including tombstones."""
        found = batch_get({self.name: [post_key(one) for one in post_ids]}, consistent=consistent)
        return {item["id"]: post_of(item) for item in found.values()}


def due_puts(table_name: str, post: Post) -> list[Mapping[str, Any]]:
    """The due entry for the end of a post's poll."""
    if post.poll is None:
        return []
    pk, sk = due_key(post.poll.closing_at, "poll", post.id)
    item = {"pk": pk, "sk": sk, "kind": "poll", "id": post.id, "authorId": post.author_id, "at": post.poll.closing_at}
    return [{"Put": {"TableName": table_name, "Item": item}}]


def _tombstone(post: Post) -> Item:
    pk, sk = post_key(post.id)
    reply = {"postId": post.reply_to.post_id, "authorId": post.reply_to.author_id} if post.reply_to else None
    item = {
        "pk": pk,
        "sk": sk,
        "type": "post",
        "state": "deleted",
        "id": post.id,
        "authorId": post.author_id,
        "createdAt": post.created_at,
        "visibility": post.visibility.value,
        "replyTo": reply,
        "rootId": post.root_id,
        "version": post.version + 1,
        "deletedAt": now_text(),
    }
    return {key: value for key, value in item.items() if value is not None}


def item_of(post: Post) -> Item:
    """The item of a live post."""
    pk, sk = post_key(post.id)
    item: Item = {
        "pk": pk,
        "sk": sk,
        "type": "post",
        "state": "live",
        "id": post.id,
        "authorId": post.author_id,
        "text": post.text,
        "lang": post.lang,
        "createdAt": post.created_at,
        "visibility": post.visibility.value,
        "clientPostId": post.client_post_id,
        "rootId": post.root_id,
        "media": [dict(one) for one in post.media],
        "entities": post.entities.to_item(),
        "version": post.version,
        "editedAt": post.edited_at,
        "edits": post.edits or None,
        "everMentioned": list(post.ever_mentioned) or None,
        "poll": post.poll.to_item() if post.poll else None,
        "scheduledId": post.scheduled_id,
        "contentWarning": post.content_warning,
        "sensitive": post.sensitive or None,
        "gate": post.gate.to_item() if post.gate else None,
        "path": post.path or None,
        "quoteOf": post.quote_of.to_item() if post.quote_of else None,
        "gsi1pk": f"AUTHOR#{post.author_id}",
        "gsi1sk": post.id,
    }
    if post.reply_to:
        item["replyTo"] = {"postId": post.reply_to.post_id, "authorId": post.reply_to.author_id}
        item["gsi2pk"] = f"REPLIES#{post.reply_to.post_id}"
        item["gsi2sk"] = post.id
    return {key: value for key, value in item.items() if value is not None}
