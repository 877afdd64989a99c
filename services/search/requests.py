"""Search requests in OpenSearch's query language, from parsed queries. Pure: no client, no clock.

Only what both the embedded engine and a real node understand is used here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.common import clock
from services.common.folding import has_alphabet, unaccented
from services.search import words
from services.search.model import FOLLOWING_LIMIT, MARK_END, MARK_START, Audience, Sort
from services.search.query_language import Clause, Query
from services.search.symbols import looked_for
from services.search.words import Body, constant

_FACETS = {"lang": 10, "has": 10, "tags": 10}
#: Fresh posts are lifted: age in hours → what it adds to the score.
_FRESH = ((6, 1.0), (24, 0.8), (7 * 24, 0.5), (30 * 24, 0.25))
_HIGHLIGHT: Body = {
    "pre_tags": [MARK_START],
    "post_tags": [MARK_END],
    "number_of_fragments": 0,
    "fields": {"text": {}, "unaccented": {}},
}
_SOURCE = ["text"]
NOTHING: Body = {"match_none": {}}


def visible(audience: Audience) -> Body:
    """A filter that lets through only what the viewer may find.

    Public posts; the viewer's own; followers-only posts of people the viewer follows; posts for mentioned people that
    mention the viewer. Only the author finds an unlisted post. Hidden people are not found at all.
    """
    following = sorted(audience.following)[:FOLLOWING_LIMIT]
    ways: list[Body] = [
        {"term": {"visibility": "public"}},
        {"term": {"authorId": audience.viewer_id}},
        _all({"terms": {"visibility": ["followers", "mentioned"]}}, {"term": {"mentions": audience.viewer_id}}),
    ]
    if following:
        ways.append(_all({"term": {"visibility": "followers"}}, {"terms": {"authorId": following}}))
    bool_query: Body = {"should": ways, "minimum_should_match": 1}
    if audience.hidden:
        bool_query["must_not"] = [{"terms": {"authorId": sorted(audience.hidden)}}]
    return {"bool": bool_query}


def posts(
    query: Query,
    audience: Audience,
    people: Mapping[str, str],
    *,
    sort: Sort,
    size: int,
    now: datetime,
    after: Sequence[Any] | None = None,
    newer: bool = False,
    facets: bool = False,
) -> Body:
    """The request for one page of posts.

    Args:
        people: handle → user id, for those of the query's handles that exist.
        now: the reference time for "fresh"; constant over the pages of a query.
        after: sort values of the last hit of the page before.
        newer: page towards newer posts (only ``sort="time"``); hits come oldest first.
        facets: count languages, kinds of media and tags.
    """
    body: Body = {
        "query": _posts_query(query, audience, people, now if sort == "relevance" else None),
        "size": size,
        "sort": _sort(sort, newer),
        "_source": _SOURCE,
        "track_total_hits": 10_000 if facets else False,
        "highlight": _HIGHLIGHT,
    }
    if after is not None:
        body["search_after"] = list(after)
    if facets:
        body["aggs"] = {name: {"terms": {"field": name, "size": size_}} for name, size_ in _FACETS.items()}
    return body


def _sort(sort: Sort, newer: bool) -> list[Body]:
    order = "asc" if newer else "desc"
    by_time: list[Body] = [{"createdAt": {"order": order}}, {"id": {"order": order}}]
    return by_time if sort == "time" else [{"_score": {"order": "desc"}}, *by_time]


def _posts_query(query: Query, audience: Audience, people: Mapping[str, str], now: datetime | None) -> Body:
    must: list[Body] = []
    must_not: list[Body] = []
    filters: list[Body] = [visible(audience)]
    lone = len(query.parts) == 1
    for part in query.parts:
        if len(part) > 1:
            must.append(_any([_signed(clause, people, lone) for clause in part]))
        elif part[0].negated:
            must_not.append(_clause(part[0], people, lone=True))
        elif part[0].kind in {"word", "phrase", "tag"}:
            must.append(_clause(part[0], people, lone))
        else:
            filters.append(_clause(part[0], people, lone))
    should: list[Body] = []
    if len(query.words) > 1:
        # One word (a particle, often) may lie between. Constant: engines weigh sloppy phrases differently.
        together = {"match_phrase": {"text": {"query": " ".join(query.words), "slop": 1}}}
        should.append(constant(together, 2))
    if now is not None:
        should += [_fresh(now, hours, boost) for hours, boost in _FRESH]
    parts = {"must": must, "must_not": must_not, "filter": filters, "should": should}
    return {"bool": {name: clauses for name, clauses in parts.items() if clauses}}


def _fresh(now: datetime, hours: int, boost: float) -> Body:
    since = clock.to_text(now - timedelta(hours=hours))
    return {"constant_score": {"filter": {"range": {"createdAt": {"gte": since}}}, "boost": boost}}


def _signed(clause: Clause, people: Mapping[str, str], lone: bool) -> Body:
    body = _clause(clause, people, lone)
    return {"bool": {"must_not": [body]}} if clause.negated else body


def _clause(clause: Clause, people: Mapping[str, str], lone: bool) -> Body:
    value = clause.value
    match clause.kind:
        case "word":
            return words.word(value, lone)
        case "phrase":
            return words.phrase(value, lone)
        case "tag":
            return {"term": {"tags": value}}
        case "from":
            return {"term": {"authorId": people[value]}} if value in people else NOTHING
        case "to":
            return {"term": {"to": people[value]}} if value in people else NOTHING
        case "has":
            return {"term": {"has": value}}
        case "is":
            replies: Body = {"exists": {"field": "replyTo"}}
            return replies if value == "reply" else {"bool": {"must_not": [replies]}}
        case "since":
            return {"range": {"createdAt": {"gte": value}}}
        case "until":
            return {"range": {"createdAt": {"lt": value}}}
        case _:
            return {"term": {"lang": value}}


def people(text: str, *, size: int, after: Sequence[Any] | None = None) -> Body:
    """The request for people by handle, name, how the name is read, what they say of themselves, and symbols of it."""
    text = text.strip()
    letters, symbols = looked_for(text[1:] if text[0] in "@＠" and len(text) > 1 else text)
    must = [words.symbol(one) for one in symbols]
    if letters or not symbols:
        must.append({"dis_max": {"queries": _people_ways(letters), "tie_breaker": 0.1}})
    body: Body = {
        "query": must[0] if len(must) == 1 else {"bool": {"must": must}},
        "size": size,
        "sort": [{"_score": {"order": "desc"}}, {"id": {"order": "asc"}}],
        "_source": False,
        "track_total_hits": False,
    }
    if after is not None:
        body["search_after"] = list(after)
    return body


def _people_ways(text: str) -> list[Body]:
    """As written; and, ranked lower, without accents."""
    plain = unaccented(text)
    names = [("displayName", "bio", text, 1.0)]
    if has_alphabet(text):
        names.append(("unaccentedName", "unaccentedBio", plain, 0.5))
    if plain != text:
        names.append(("displayName", "bio", plain, 0.5))
    ways = [_boosted("term", "handle", "value", text, 12), *name_ways("handle", text)]
    for name, bio, words_, weight in names:
        ways += [*name_ways(name, words_, weight)]
        ways.append({"match": {name: {"query": words_, "operator": "and", "boost": 3 * weight}}})
        ways.append({"match": {bio: {"query": words_, "operator": "and", "boost": weight}}})
    return ways


def nearly(word: str, audience: Audience) -> Body:
    """Posts with a word that differs from this one by one or two typos, that word marked."""
    fuzzy = {"query": word, "fuzziness": "AUTO", "prefix_length": 1}
    return {
        "query": {"bool": {"must": [{"match": {"text": fuzzy}}], "filter": [visible(audience)]}},
        "size": 20,
        "_source": _SOURCE,
        "track_total_hits": False,
        "highlight": _HIGHLIGHT,
    }


def completions(text: str, audience: Audience) -> Body:
    """Posts with all the words, the last of them perhaps unfinished; found words marked."""
    unfinished = {"query": text, "operator": "and"}
    return {
        "query": {"bool": {"must": [{"match_bool_prefix": {"text": unfinished}}], "filter": [visible(audience)]}},
        "size": 20,
        "_source": _SOURCE,
        "track_total_hits": False,
        "highlight": _HIGHLIGHT,
    }


def person_by_handle(handles: Sequence[str]) -> Body:
    return {
        "query": {"terms": {"handle": list(handles)}},
        "size": len(handles),
        "_source": ["id", "handle"],
        "track_total_hits": False,
    }


def tags(text: str, *, size: int) -> Body:
    """The request for tags that begin so, are read so, or nearly do."""
    text = text.strip().removeprefix("#").removeprefix("＃")
    ways = [_boosted("term", "tag", "value", text, 12), *name_ways("tag", text)]
    return {
        "query": {"dis_max": {"queries": ways}},
        "size": size,
        "sort": [{"_score": {"order": "desc"}}, {"tag": {"order": "asc"}}],
        "_source": ["tag"],
        "track_total_hits": False,
    }


def name_ways(field: str, text: str, weight: float = 1) -> list[Body]:
    """A name begins as typed, is read as typed (kana), or begins nearly as typed. Each way weighs less."""
    prefix, reading = f"{field}.prefix", f"{field}.reading"
    ways: list[Body] = [constant({"match": {prefix: {"query": text}}}, 6 * weight)]
    if field != "handle":
        ways.append(constant({"match": {reading: {"query": text}}}, 4 * weight))
    ways.append(constant({"match": {prefix: {"query": text, "fuzziness": "AUTO", "prefix_length": 1}}}, weight))
    return ways


def _all(*queries: Body) -> Body:
    return {"bool": {"filter": list(queries)}}


def _any(queries: list[Body]) -> Body:
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _boosted(kind: str, field: str, key: str, value: str, boost: float) -> Body:
    return constant({kind: {field: {key: value}}}, boost)
