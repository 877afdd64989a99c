"""The read side, for the Query Lambda: ids in order, highlights, facets, suggestions, trends.

Every function takes the index first. Visibility is part of each request; the Query Lambda checks it once more on the
items it reads, because the index may be a moment behind a change of visibility or a deletion.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.common import clock
from services.common.cursors import Cursor, decode
from services.common.errors import BadRequest, FieldError, InvalidCursor
from services.search import requests, tag_requests
from services.search.highlights import segments, wanted_symbols
from services.search.mappings import PEOPLE, POSTS, TAGS
from services.search.model import (
    Audience,
    FacetValue,
    FoundTag,
    Hit,
    SearchPage,
    Sort,
    Suggestions,
    TagPage,
    Trend,
)
from services.search.projection import fold
from services.search.query_language import Query, parse

if TYPE_CHECKING:
    from services.search.index import SearchIndex

_SORTS: tuple[Sort, ...] = ("relevance", "time")
_CORRECTABLE = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ]{3,}|[ァ-ヴー]{3,}")
_MOST_CORRECTIONS = 4
#: Somebody who types these writes a query by hand.
_OPERATOR_SIGNS = re.compile(r'[@＠#＃"“”:：]|(^|\s)-')
_SUGGESTION_LENGTH = 64
TREND_CANDIDATES = 50
MOST_TREND_HOURS = 24 * 7


def search_posts(
    index: SearchIndex,
    audience: Audience,
    q: str,
    *,
    sort: str = "relevance",
    cursor: str | None = None,
    limit: int = 20,
    now: datetime | None = None,
) -> SearchPage:
    """Posts that match the query language (``query_language.py``) and that the viewer may find.

    Raises:
        BadRequest: the query or ``sort`` can't be read. InvalidCursor: the cursor is of another query or list.
        Unavailable: OpenSearch doesn't answer.
    """
    query = parse(q)
    order = _sort(sort)
    scope = _scope("posts", q, order)
    position = decode(cursor, scope)
    newer = position is not None and position.direction == "newer"
    moment, after = _position(position, now or clock.now(), keys=2 if order == "time" else 3)
    if newer and order != "time":
        raise InvalidCursor("Results sorted by relevance have no newer page.", FieldError("cursor", "older", "newer"))
    people = _people_of(index, query)
    body = requests.posts(
        query,
        audience,
        people,
        sort=order,
        size=limit + 1,
        now=moment,
        after=after,
        newer=newer,
        facets=position is None,
    )
    answer = index.search(POSTS, body)
    hits = answer["hits"]["hits"]
    shown, marked = hits[:limit], wanted_symbols(query)
    if newer:
        shown.reverse()
    meant = did_you_mean(index, audience, q, query) if position is None and not hits else None
    return SearchPage(
        [Hit(hit["_id"], segments(hit, marked)) for hit in shown],
        did_you_mean=meant,
        unknown_handles=[one for one in _handles_of(query) if one not in people] if position is None else (),
        older=_cursor(scope, "older", moment, shown[-1:]) if newer or len(hits) > limit else None,
        newer=_cursor(scope, "newer", moment, shown[:1]) if order == "time" else None,
        total=answer["hits"].get("total", {}).get("value", 0),
        facets=_facets(answer.get("aggregations", {})),
    )


def did_you_mean(index: SearchIndex, audience: Audience, q: str, query: Query) -> str | None:
    """The query with corrected spelling, if it finds something; None otherwise.

    Only words of Latin letters or katakana are looked at: a slip in kana or kanji is another word.
    """
    meant = q
    for word in [word for word in query.words if _CORRECTABLE.fullmatch(word)][:_MOST_CORRECTIONS]:
        hits = index.search(POSTS, requests.nearly(word, audience))["hits"]["hits"]
        written = Counter(segment.text.casefold() for hit in hits for segment in segments(hit) if segment.match)
        written.pop(word.casefold(), None)
        if written:
            meant = meant.replace(word, written.most_common(1)[0][0], 1)
    if meant == q:
        return None
    people = _people_of(index, query)
    body = requests.posts(parse(meant), audience, people, sort="time", size=1, now=clock.now())
    return meant if index.search(POSTS, body)["hits"]["hits"] else None


def search_people(index: SearchIndex, q: str, *, cursor: str | None = None, limit: int = 20) -> SearchPage:
    """Ids of people whose handle, name, reading of the name or bio matches; names allow a typo."""
    text = _text(q)
    scope = _scope("people", text, "relevance")
    position = decode(cursor, scope)
    moment, after = _position(position, clock.now(), keys=2)
    hits = index.search(PEOPLE, requests.people(text, size=limit + 1, after=after))["hits"]["hits"]
    shown = hits[:limit]
    return SearchPage(
        [Hit(hit["_id"]) for hit in shown],
        older=_cursor(scope, "older", moment, shown[-1:]) if len(hits) > limit else None,
    )


def search_tags(index: SearchIndex, audience: Audience, q: str, *, limit: int = 20) -> TagPage:
    """Tags that begin, or are read, or nearly begin as typed, with how many posts the viewer may find under each."""
    names = [
        str(hit["_source"]["tag"])
        for hit in index.search(TAGS, requests.tags(_text(q), size=min(limit * 2, 100)))["hits"]["hits"]
    ]
    if not names:
        return TagPage([])
    answer = index.search(POSTS, tag_requests.tag_counts(names, audience))
    buckets = answer.get("aggregations", {}).get("tags", {}).get("buckets", [])
    counts = {bucket["key"]: bucket["doc_count"] for bucket in buckets}
    return TagPage([FoundTag(name, counts[name]) for name in names if counts.get(name)][:limit])


def suggest(index: SearchIndex, audience: Audience, q: str, *, limit: int = 5) -> Suggestions:
    """People, tags and queries for what is typed so far: kana or kanji, with a typo allowed."""
    text = _text(q)
    people: Sequence[Hit] = ()
    if not text.startswith(("#", "＃")):
        people = search_people(index, text, limit=limit).items
    tags: Sequence[FoundTag] = ()
    if not text.startswith(("@", "＠")):
        tags = search_tags(index, audience, text, limit=limit).items
    finished = _finished(index, audience, text, limit)
    return Suggestions([hit.id for hit in people if hit.id not in audience.hidden], tags, finished)


def _finished(index: SearchIndex, audience: Audience, text: str, limit: int) -> list[str]:
    """The typed query, its last word completed as in most of the found posts."""
    *_, last = text.split()
    if _OPERATOR_SIGNS.search(text):
        return []
    begin = fold(last)
    words = Counter(
        word
        for hit in index.search(POSTS, requests.completions(text, audience))["hits"]["hits"]
        for word in {fold(segment.text) for segment in segments(hit) if segment.match}
        if word.startswith(begin) and word != begin
    )
    return [text[: len(text) - len(last)] + word for word, _ in words.most_common(limit)]


def trends(
    index: SearchIndex, audience: Audience, *, hours: int = 24, limit: int = 10, now: datetime | None = None
) -> list[Trend]:
    """Tags that most people use in the last hours, the faster growing first among equals.

    Raises:
        BadRequest: ``hours`` is not from 1 to 168.
    """
    if not 1 <= hours <= MOST_TREND_HOURS:
        fault = FieldError("hours", f"a whole number from 1 to {MOST_TREND_HOURS}", str(hours))
        raise BadRequest("Unsupported window of trends.", fault)
    body = tag_requests.trends(
        now or clock.now(), timedelta(hours=hours), size=TREND_CANDIDATES, hidden=audience.hidden
    )
    windows = index.search(POSTS, body).get("aggregations", {}).get("windows", {}).get("buckets", {})
    before = {bucket["key"]: bucket["doc_count"] for bucket in _tags_in(windows.get("before", {}))}
    found = [
        Trend(
            bucket["key"],
            bucket["doc_count"],
            bucket["people"]["value"],
            round(bucket["doc_count"] / max(1, before.get(bucket["key"], 0)), 2),
        )
        for bucket in _tags_in(windows.get("now", {}))
    ]
    return sorted(found, key=lambda one: (-one.people, -one.growth, -one.posts, one.tag))[:limit]


def _tags_in(window: Mapping[str, Any]) -> list[dict[str, Any]]:
    buckets: list[dict[str, Any]] = window.get("tags", {}).get("buckets", [])
    return buckets


def _people_of(index: SearchIndex, query: Query) -> dict[str, str]:
    """Handles in the query → user ids, for those that exist."""
    handles = _handles_of(query)
    if not handles:
        return {}
    hits = index.search(PEOPLE, requests.person_by_handle(handles))["hits"]["hits"]
    return {str(hit["_source"]["handle"]).lower(): str(hit["_source"]["id"]) for hit in hits}


def _handles_of(query: Query) -> list[str]:
    return sorted({c.value for part in query.parts for c in part if c.kind in {"from", "to"}})


def _sort(sort: str) -> Sort:
    for known in _SORTS:
        if sort == known:
            return known
    raise BadRequest("Unsupported sort order.", FieldError("sort", " or ".join(_SORTS), sort[:40]))


def _text(q: str) -> str:
    text = q.replace("\u3000", " ").strip()
    if not text or len(text) > _SUGGESTION_LENGTH:
        fault = FieldError("q", f"1 to {_SUGGESTION_LENGTH} characters", f"{len(text)} characters")
        raise BadRequest("The search query can't be read.", fault)
    return text


def _scope(kind: str, q: str, sort: str) -> str:
    """A cursor belongs to one list: this kind, query and order."""
    return f"search-{kind}-" + hashlib.sha256(f"{sort}\n{q}".encode()).hexdigest()[:12]


def _cursor(scope: str, direction: str, moment: datetime, hits: Sequence[Mapping[str, Any]]) -> str | None:
    if not hits:
        return None
    key = json.dumps([clock.to_text(moment), *hits[0]["sort"]], separators=(",", ":"))
    return Cursor(scope, "newer" if direction == "newer" else "older", key).encode()


def _position(cursor: Cursor | None, now: datetime, keys: int) -> tuple[datetime, list[Any] | None]:
    """The moment that paging began at, and the sort values to go on from."""
    if cursor is None:
        return now, None
    try:
        moment, *after = json.loads(cursor.key)
        if len(after) != keys or not all(isinstance(one, str | int | float) for one in after):
            raise ValueError("wrong keys")
        return clock.from_text(moment), after
    except (ValueError, TypeError) as error:
        raise InvalidCursor("The cursor does not belong to this list.") from error


def _facets(aggregations: Mapping[str, Any]) -> dict[str, list[FacetValue]]:
    return {
        name: [FacetValue(str(bucket["key"]), int(bucket["doc_count"])) for bucket in one["buckets"]]
        for name, one in aggregations.items()
    }
