"""Items that tie a post to others: its place in a thread and what it quotes, both written in the transaction that makes
it, and the set of its author's pinned posts."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from services.common.dynamo import is_conditional_failure
from services.posts.keys import Key, pins_key
from services.posts.quotes import QuoteOf


def quote_key(quoted_id: str, post_id: str) -> Key:
    """Sort keys end in the quoting post's ULID: a query lists the quotes by time without an index."""
    return f"POST#{quoted_id}", f"QUOTE#{post_id}"


def thread_partition(root_id: str) -> str:
    return f"THREAD#{root_id}"


def link_puts(
    table_name: str, post_id: str, *, quote: QuoteOf | None, root_id: str | None, path: str
) -> list[dict[str, Any]]:
    """Operations for ``dynamo.transact``."""
    items: list[dict[str, Any]] = []
    if quote is not None:
        pk, sk = quote_key(quote.post_id, post_id)
        items.append({"pk": pk, "sk": sk, "postId": post_id})
    if root_id is not None and path:
        items.append({"pk": thread_partition(root_id), "sk": path, "postId": post_id})
    return [{"Put": {"TableName": table_name, "Item": item}} for item in items]


def cut(table: Any, post_id: str, author_id: str, quote: QuoteOf | None) -> None:
    """Clean up after a post was deleted: remove its quote and its pin. Its place in the thread stays, for the replies
    below it."""
    if quote is not None:
        pk, sk = quote_key(quote.post_id, post_id)
        table.delete_item(Key={"pk": pk, "sk": sk})
    unpin(table, author_id, post_id)


def unpin(table: Any, author_id: str, post_id: str) -> None:
    """Take a post out of its author's set of pinned ones; without effect when it is not in it."""
    pk, sk = pins_key(author_id)
    try:
        table.update_item(
            Key={"pk": pk, "sk": sk},
            UpdateExpression="DELETE postIds :one",
            ConditionExpression="contains(postIds, :id)",
            ExpressionAttributeValues={":one": {post_id}, ":id": post_id},
        )
    except ClientError as error:
        if not is_conditional_failure(error):
            raise
