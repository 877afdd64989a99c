"""One engine's figures: index rate, latencies of the services' queries, time from write to searchable, rankings."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from opensearchpy import OpenSearch

from loadtests.bench.search import corpus
from services.search import queries
from services.search.index import SearchIndex
from services.search.mappings import INDICES, PEOPLE, POSTS, TAGS
from services.search.model import Action, Audience
from services.search.projection import fold

_BATCH = 1_000
_VISIBLE_ROUNDS = 30
_VISIBLE_DEADLINE = 10.0
VIEWER = Audience("u1", frozenset(f"u{number}" for number in range(100, 300)))


@dataclass
class Latency:
    """Milliseconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> Latency:
        ordered = sorted(one * 1000 for one in seconds)
        return cls(
            *(round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) for share in (0.5, 0.95, 0.99))
        )


@dataclass
class Figures:
    """Results of one engine. ``rankings``: query → ids of its first ten."""

    engine: str
    documents: int = 0
    documents_per_second: float = 0.0
    latencies: dict[str, Latency] = field(default_factory=dict)
    rankings: dict[str, list[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(engine: str, client: OpenSearch, count: int, rounds: int, told: Callable[[str], None]) -> Figures:
    """Fill fresh indices with ``count`` posts and ask ``rounds`` questions of each kind."""
    figures = Figures(engine, count)
    index = SearchIndex(client, "bench-")
    _drop(client)
    try:
        told(f"{engine}: index {count} posts")
        figures.documents_per_second = _fill(index, client, count)
        for name, ask in _questions(index, count).items():
            told(f"{engine}: {name}")
            figures.latencies[name] = _ask(ask, rounds)
        told(f"{engine}: write to searchable")
        figures.latencies["write to searchable"] = _visible(index)
        told(f"{engine}: rankings")
        figures.rankings = {q: _ranking(index, q) for q in corpus.QUERIES}
    finally:
        _drop(client)
    return figures


def _fill(index: SearchIndex, client: OpenSearch, count: int) -> float:
    names = {alias: index.ensure(INDICES[alias]) for alias in (POSTS, PEOPLE, TAGS)}
    others = [Action(PEOPLE, person["id"], 1, person) for person in corpus.people()]
    others += [Action(TAGS, fold(tag), 1, {"tag": fold(tag)}) for tag in corpus.TAGS]
    assert index.apply(others) == {}
    documents = list(corpus.posts(count))
    started = time.perf_counter()
    source = iter(documents)
    while batch := list(islice(source, _BATCH)):
        failed = index.apply([Action(POSTS, one["id"], 1, one) for one in batch])
        assert failed == {}, failed
    for name in names.values():
        client.indices.refresh(index=name, params={"request_timeout": 120})
    return round(count / (time.perf_counter() - started), 1)


def _questions(index: SearchIndex, count: int) -> dict[str, Callable[[random.Random], object]]:
    def posts(q: str, sort: str = "relevance", cursor: str | None = None) -> object:
        return queries.search_posts(index, VIEWER, q, sort=sort, cursor=cursor, now=corpus.END)

    def word(draw: random.Random) -> str:
        return draw.choice(draw.choice((corpus.PLACES, corpus.THINGS, corpus.VERBS, corpus.NOUNS, corpus.ACTIONS)))

    names = [person["displayName"] for person in islice(corpus.people(), 200)]
    return {
        "match, facets, highlights": lambda draw: posts(word(draw)),
        "two words": lambda draw: posts(f"{word(draw)} {word(draw)}"),
        "phrase": lambda draw: posts(f'"{draw.choice(corpus.PLACES)}の{draw.choice(corpus.THINGS)}"'),
        "filters, by time": lambda draw: posts(f"{word(draw)} has:photo lang:ja since:2026-03-01", "time"),
        "tag, without a word": lambda draw: posts(f"#{draw.choice(corpus.TAGS)} -{word(draw)}", "time"),
        "suggest": lambda draw: queries.suggest(index, VIEWER, draw.choice(names)[: draw.choice((1, 2, 3))]),
        "trends of a week": lambda draw: queries.trends(
            index, VIEWER, hours=168, now=corpus.END - timedelta(days=draw.randrange(60))
        ),
    }


def _ask(ask: Callable[[random.Random], object], rounds: int) -> Latency:
    draw = random.Random(1)
    for _ in range(min(20, rounds)):
        ask(draw)
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        ask(draw)
        taken.append(time.perf_counter() - started)
    return Latency.of(taken)


def _visible(index: SearchIndex) -> Latency:
    taken = []
    for number in range(_VISIBLE_ROUNDS):
        post_id = f"new-{number}"
        document = {"id": post_id, "authorId": "u1", "text": f"見えるまで {post_id}", "visibility": "public"}
        started = time.perf_counter()
        assert index.apply([Action(POSTS, post_id, 1, {**document, "createdAt": "2026-06-01T00:00:00Z"})]) == {}
        body = {"query": {"ids": {"values": [post_id]}}, "size": 1}
        while not index.search(POSTS, body)["hits"]["hits"]:
            if time.perf_counter() - started > _VISIBLE_DEADLINE:
                raise AssertionError(f"{post_id} was not searchable after {_VISIBLE_DEADLINE} s")
        taken.append(time.perf_counter() - started)
    return Latency.of(taken)


def _ranking(index: SearchIndex, q: str) -> list[str]:
    page = queries.search_posts(index, VIEWER, q, limit=10, now=corpus.END)
    return [hit.id for hit in page.items]


def overlap(left: Figures, right: Figures) -> dict[str, float]:
    """Query → share of the first ten that both engines agree on."""
    shares = {}
    for q, ids in left.rankings.items():
        other = right.rankings[q]
        shares[q] = round(len(set(ids) & set(other)) / max(len(ids), len(other), 1), 2) if ids or other else 1.0
    return shares


def mean(shares: dict[str, float]) -> float:
    return round(statistics.fmean(shares.values()), 3)


def _drop(client: OpenSearch) -> None:
    for definition in INDICES.values():
        client.indices.delete(index=f"bench-{definition.name}", params={"ignore_unavailable": "true"})
