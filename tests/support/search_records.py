"""Stream records and items of posts and profiles, as DynamoDB sends them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from services.common.dynamo import to_attributes

_numbers = itertools.count(1)


def post_item(
    post_id: str,
    text: str = "hello",
    *,
    tags: Iterable[str] = (),
    mentions: Iterable[str] = (),
    links: Iterable[str] = (),
    kinds: Iterable[str] = (),
    reply_to: tuple[str, str] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """An item as ``posts/repository.py`` stores it (``tests/unit/search/test_projection.py`` holds the two together).

    Args:
        mentions: user ids.
        kinds: of the media.
        reply_to: post id and its author.
    """
    item = {
        "pk": f"POST#{post_id}",
        "sk": "POST",
        "type": "post",
        "state": "live",
        "id": post_id,
        "authorId": "alice",
        "text": text,
        "lang": "ja",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "visibility": "public",
        "clientPostId": f"client-{post_id}",
        "media": [{"id": f"m{number}", "kind": kind} for number, kind in enumerate(kinds)],
        "entities": {
            "tags": list(tags),
            "mentions": [{"handle": user_id, "userId": user_id} for user_id in mentions],
            "links": list(links),
        },
        "version": 1,
        **fields,
    }
    if reply_to:
        item["replyTo"] = {"postId": reply_to[0], "authorId": reply_to[1]}
    return item


def deleted(item: dict[str, Any], version: int) -> dict[str, Any]:
    """The tombstone that a deletion writes."""
    kept = {key: value for key, value in item.items() if key not in {"text", "entities", "media"}}
    return {**kept, "state": "deleted", "deletedAt": "2026-01-01T01:00:00.000Z", "version": version}


def profile_item(user_id: str, handle: str, name: str, **fields: Any) -> dict[str, Any]:
    return {
        "pk": f"USER#{user_id}",
        "sk": "PROFILE",
        "id": user_id,
        "handle": handle,
        "displayName": name,
        "bio": "",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "version": 1,
        **fields,
    }


def record(new: dict[str, Any] | None, old: dict[str, Any] | None = None) -> dict[str, Any]:
    """A stream record with NEW_AND_OLD_IMAGES."""
    change: dict[str, Any] = {"SequenceNumber": f"{next(_numbers):021d}", "ApproximateCreationDateTime": 1767225600}
    if new is not None:
        change["NewImage"] = to_attributes(new)
    if old is not None:
        change["OldImage"] = to_attributes(old)
    kind = "REMOVE" if new is None else "MODIFY" if old else "INSERT"
    return {"eventName": kind, "eventSource": "aws:dynamodb", "dynamodb": change}


def sequence_number(one: dict[str, Any]) -> str:
    number: str = one["dynamodb"]["SequenceNumber"]
    return number
