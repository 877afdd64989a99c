"""The versions of the Post resource, and how each shows what a post quotes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.posts.model import Counts, Mine, Post, to_json, to_json_v2

Json = dict[str, Any]
#: What a quoted post is shown with: no counts and nothing of the viewer's, and what it quotes itself stays folded.
_QUOTED = (
    "id", "text", "lang", "createdAt", "visibility", "replyTo", "media", "entities", "contentWarning", "sensitive",
    "content", "quoteOf",
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """One version: ``post`` makes a document, ``quoting`` puts the quoted post in (``None``: not for the viewer)."""

    post: Callable[[Post, Mapping[str, Any], Counts, Mine], Json]
    quoting: Callable[[Json, Post | None, Mapping[str, Any]], Json]


def _part(document: Json, **more: Any) -> Json:
    return {name: document[name] for name in _QUOTED if name in document} | more


def _quoting(document: Json, quoted: Post | None, author: Mapping[str, Any]) -> Json:
    post_id = document["quote"]["postId"]
    if quoted is None:
        return {**document, "quote": {"postId": post_id, "state": "unavailable", "post": None}}
    nested = quoted.quote_of.post_id if quoted.quote_of else None
    shown = _part(to_json(quoted, author, Counts(), Mine()), author=author, quoteOf=nested)
    return {**document, "quote": {"postId": post_id, "state": "shown", "post": shown}}


def _quoting_v2(document: Json, quoted: Post | None, author: Mapping[str, Any]) -> Json:
    if quoted is None:
        return document
    shown = _part(to_json_v2(quoted, author, Counts(), Mine()), author=quoted.author_id)
    authors = document["included"]["authors"]
    if author["id"] not in {one["id"] for one in authors}:
        authors = [*authors, author]
    return {**document, "included": {"authors": authors, "posts": [shown]}}


V1 = View(to_json, _quoting)
V2 = View(to_json_v2, _quoting_v2)
