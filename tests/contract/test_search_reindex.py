"""A full reindex: readers see no gap, live changes are kept, and a failed one leaves nothing behind."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from opensearchpy import OpenSearch

from services.search import queries
from services.search.handler import index_records
from services.search.index import SearchIndex
from services.search.mappings import INDICES
from services.search.model import Audience
from services.search.reindex import Progress, refill, reindex
from tests.support.search_records import deleted, post_item, profile_item, record

ME = Audience("me")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def prefix(opensearch: OpenSearch) -> Iterator[str]:
    name = f"t{uuid.uuid4().hex[:10]}-"
    yield name
    for made in opensearch.cat.indices(format="json"):
        if made["index"].startswith(name):
            opensearch.indices.delete(index=made["index"])


def found(index: SearchIndex, client: OpenSearch, prefix: str, q: str) -> list[str]:
    for name in index.behind("posts"):
        client.indices.refresh(index=name)
    return sorted(hit.id for hit in queries.search_posts(index, ME, q, sort="time").items)


def test_readers_move_at_once_and_no_change_is_lost(opensearch: OpenSearch, prefix: str) -> None:
    clock = [0.0]
    index = SearchIndex(opensearch, prefix, clock=lambda: clock[0])
    table: list[dict[str, Any]] = [post_item(f"p{n}", "紅葉") for n in range(20)]
    table += [deleted(post_item("gone"), 3), profile_item("u1", "alice", "Alice"), {"pk": "POST#x", "sk": "POST"}]
    assert index_records([record(post_item("p0", "紅葉")), record(post_item("stale", "紅葉"))], index) == []
    before = index.behind("posts")
    steps: list[str] = []

    def while_it_runs(progress: Progress) -> None:
        steps.append(progress.step)
        if progress.step == "fill" and progress.read == 0:
            live = [record(post_item("live", "紅葉")), record(post_item("p1", "若葉", version=2))]
            assert index_records([*live, record(post_item("gone", "紅葉", version=2))], index) == []
            assert found(index, opensearch, prefix, "紅葉 OR 若葉") == ["gone", "live", "p0", "p1", "stale"]

    def wait(seconds: float) -> None:
        clock[0] += seconds

    outcome = reindex(index, lambda: iter(table), now=NOW, told=while_it_runs, wait=wait)
    assert outcome.progress.skipped == 1
    assert list(dict.fromkeys(steps))[-1] == "remove the old indices"
    (after,) = index.behind("posts")
    assert [after] == index.behind("posts-writers") != before
    assert not opensearch.indices.exists(index=before[0])
    assert found(index, opensearch, prefix, "若葉") == ["p1"]
    assert found(index, opensearch, prefix, "紅葉") == sorted(["live", *(f"p{n}" for n in range(20) if n != 1)])
    assert [hit.id for hit in queries.search_people(index, "alice").items] == ["u1"]
    assert index_records([record(post_item("later", "若葉"))], index) == []
    assert found(index, opensearch, prefix, "若葉") == ["later", "p1"]


@pytest.mark.parametrize("step", ["let live changes reach the new indices", "remove the old indices"])
def test_an_index_that_an_indexer_makes_meanwhile_goes_too(opensearch: OpenSearch, prefix: str, step: str) -> None:
    """After the loss of all indices the first change makes one, whatever else happens at that moment."""
    index = SearchIndex(opensearch, prefix)

    def while_it_runs(progress: Progress) -> None:
        if progress.step == step:
            index.ensure(INDICES["people"])
            assert len(index.behind("people")) == (1 if step.startswith("let") else 2)

    table = [profile_item("u1", "alice", "Alice")]
    outcome = reindex(index, lambda: iter(table), now=NOW, told=while_it_runs, wait=lambda seconds: None)
    (_, name, _) = outcome.moved["people"]
    assert index.behind("people") == index.behind("people-writers") == [name]
    assert [hit.id for hit in queries.search_people(index, "alice").items] == ["u1"]


def test_indices_that_began_empty_are_filled_where_they_are(opensearch: OpenSearch, prefix: str) -> None:
    index = SearchIndex(opensearch, prefix)
    assert index_records([record(post_item("live", "紅葉")), record(post_item("p1", "若葉", version=2))], index) == []
    assert index_records([record(post_item("gone", "紅葉", version=2))], index) == []
    (before,) = index.behind("posts")
    table = [
        post_item("p1", "紅葉"),
        post_item("p2", "紅葉"),
        deleted(post_item("gone"), 3),
        profile_item("u1", "alice", "Alice"),
    ]
    steps: list[Progress] = []
    outcome = refill(index, lambda: iter(table), told=steps.append)
    assert outcome is not None
    assert outcome.moved["posts"] == ([], before, 3)
    assert index.behind("posts") == index.behind("posts-writers") == [before]
    assert found(index, opensearch, prefix, "紅葉") == ["live", "p2"]
    assert found(index, opensearch, prefix, "若葉") == ["p1"]
    assert [hit.id for hit in queries.search_people(index, "alice").items] == ["u1"]
    assert all(step.waits == 0 for step in steps)


def test_other_indices_of_an_alias_are_not_filled_but_replaced(opensearch: OpenSearch, prefix: str) -> None:
    index = SearchIndex(opensearch, prefix)
    first = index.ensure(INDICES["people"])
    second = index.create(INDICES["people"], "-20260102000000")
    index.move(("add", second, "people"))
    assert refill(index, lambda: iter([profile_item("u1", "alice", "Alice")])) is None
    assert index.behind("people") == sorted([first, second])
    assert index.behind("posts") == []
    assert index.doubled() == {"people": sorted([first, second])}


def test_a_reindex_says_how_long_it_waits(opensearch: OpenSearch, prefix: str) -> None:
    index = SearchIndex(opensearch, prefix)
    waits: list[int] = []
    waited: list[float] = []
    reindex(index, lambda: iter([]), now=NOW, told=lambda progress: waits.append(progress.waits), wait=waited.append)
    assert [one for one in waits if one] == [*range(12, 0, -1)] * 2
    assert sum(waited) == 24


def test_two_indices_of_an_alias_are_outdated(opensearch: OpenSearch, prefix: str) -> None:
    index = SearchIndex(opensearch, prefix)
    first = index.ensure(INDICES["people"])
    assert index.outdated() == []
    second = index.create(INDICES["people"], "-20260102000000")
    index.move(("add", second, "people"))
    assert index.outdated() == sorted([first, second])


def test_a_reindex_that_fails_changes_nothing(opensearch: OpenSearch, prefix: str) -> None:
    index = SearchIndex(opensearch, prefix)
    assert index_records([record(post_item("a", "紅葉"))], index) == []
    before = (index.behind("posts"), index.behind("posts-writers"))

    def broken() -> Iterator[dict[str, Any]]:
        yield post_item("b", "紅葉")
        raise OSError("the table went away")

    with pytest.raises(OSError, match="went away"):
        reindex(index, broken, now=NOW, wait=lambda _: None)
    assert (index.behind("posts"), index.behind("posts-writers")) == before
    assert found(index, opensearch, prefix, "紅葉") == ["a"]
