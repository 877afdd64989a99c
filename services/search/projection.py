"""From items of the posts and profiles tables to documents. Pure, so that replays give the same.

Item shapes are those of ``posts/repository.py`` and ``profiles/repository.py``; a record whose item lacks a required
attribute fails alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from services.common.dynamo import from_attributes
from services.common.folding import unaccented
from services.search.mappings import PEOPLE, POSTS, TAGS
from services.search.model import Action
from services.search.symbols import symbols_in

Item = Mapping[str, Any]
#: Different symbols of one text that can be searched for.
_SYMBOLS_LIMIT = 256


def actions_of(record: Mapping[str, Any]) -> list[Action]:
    """The changes of one DynamoDB stream record (NEW_AND_OLD_IMAGES); none for items that search does not index.

    Raises:
        KeyError, ValueError, TypeError: the item is not of the expected shape (a poison record).
    """
    change = record["dynamodb"]
    new, old = change.get("NewImage"), change.get("OldImage")
    item = from_attributes(new or old or {})
    return actions_of_item(item, removed=new is None)


def actions_of_item(item: Item, removed: bool = False) -> list[Action]:
    """As ``actions_of``, for an item read from its table."""
    if item.get("sk") == "POST":
        return list(_post(item, removed))
    if item.get("sk") == "PROFILE":
        return [_profile(item, removed)]
    return []


def _post(item: Item, removed: bool) -> Iterable[Action]:
    post_id, version = str(item["id"]), int(item["version"])
    if removed or item["state"] == "deleted" or item.get("hidden") or item.get("withheld"):
        yield Action(POSTS, post_id, version, None)
        return
    entities, reply = item["entities"], item.get("replyTo")
    tags = [str(tag) for tag in entities["tags"]]
    mentions = [str(mention["userId"]) for mention in entities["mentions"]]
    document = {
        "id": post_id,
        "authorId": str(item["authorId"]),
        "text": str(item["text"]),
        "unaccented": _unaccented(str(item["text"])),
        **_symbols(str(item["text"])),
        "lang": item.get("lang"),
        "createdAt": str(item["createdAt"]),
        "visibility": str(item["visibility"]),
        "replyTo": reply["postId"] if reply else None,
        "has": _has(item["media"], entities["links"]),
        "tags": tags,
        "mentions": mentions,
        "to": sorted({*mentions, *([str(reply["authorId"])] if reply else [])}),
    }
    yield Action(POSTS, post_id, version, _without_empty(document))
    if document["visibility"] == "public":
        for name in dict.fromkeys(fold(tag) for tag in tags):
            # Version 1 forever: the first post with a tag makes it known, all others are conflicts, which is fine.
            yield Action(TAGS, name, 1, {"tag": name, "createdAt": document["createdAt"]})


def _profile(item: Item, removed: bool) -> Action:
    user_id, version = str(item["id"]), int(item["version"])
    if removed or item.get("suspended"):
        return Action(PEOPLE, user_id, version, None)
    name, bio = str(item["displayName"]), str(item.get("bio") or "")
    document = {
        "id": user_id,
        "handle": str(item["handle"]),
        "displayName": name,
        "bio": item.get("bio"),
        "unaccentedName": _unaccented(name),
        "unaccentedBio": _unaccented(bio),
        **_symbols(f"{name}\n{bio}"),
        "createdAt": item.get("createdAt"),
    }
    return Action(PEOPLE, user_id, version, _without_empty(document))


def _unaccented(text: str) -> str | None:
    plain = unaccented(text)
    return None if plain == text else plain


def _symbols(text: str) -> dict[str, list[str]]:
    found = symbols_in(text)
    return {
        "symbols": list(dict.fromkeys(one.exact for one in found))[:_SYMBOLS_LIMIT],
        "looseSymbols": list(dict.fromkeys(one.loose for one in found))[:_SYMBOLS_LIMIT],
    }


def fold(tag: str) -> str:
    """The form in which two spellings of a tag are one (the index folds queries the same way)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tag).casefold())


def _has(media: Iterable[Mapping[str, Any]], links: Iterable[str]) -> list[str]:
    """Values of ``has:``: each kind of media, ``media`` for any of them, ``link``."""
    kinds = sorted({str(one["kind"]) for one in media})
    return [*kinds, *(["media"] if kinds else []), *(["link"] if links else [])]


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in (None, [])}
