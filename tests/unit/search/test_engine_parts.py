"""Pure parts of the embedded engine: analyzed text with offsets, version rules, dates, clause scores."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.search.compound import minimum_should_match
from emulation.search.errors import ParsingError, Unsupported, VersionConflict, require_keys
from emulation.search.highlight import edits
from emulation.search.mapping import format_date, parse_date
from emulation.search.store import Store, StoredDocument, StoredIndex
from emulation.search.tokens import SourceText, normalize, replace
from emulation.search.writes import WriteOp, Writer

INDEX = StoredIndex("posts", "u", 0, {})


class FakeIndex:
    """Accepts documents that the store acknowledged."""

    name, uuid = "posts", "u"

    def __init__(self) -> None:
        self.submitted: list[StoredDocument] = []

    def submit(self, docs: Any) -> None:
        self.submitted += docs

    def refresh(self) -> None:
        """Makes all documents searchable."""


@pytest.mark.parametrize(
    ("text", "folded", "spans"),
    [
        ("abc", "abc", [(0, 1), (1, 2), (2, 3)]),
        ("ＡＢ", "ab", [(0, 1), (1, 2)]),
        ("ｶﾞ犬", "ガ犬", [(0, 2), (2, 3)]),
        ("か\u3099", "が", [(0, 2)]),
        ("㍿", "株式会社", [(0, 1)] * 4),
        ("a\u200db", "ab", [(0, 1), (2, 3)]),
        ("Straße", "strasse", [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (4, 5), (5, 6)]),
    ],
)
def test_folded_text_remembers_where_it_came_from(text: str, folded: str, spans: list[tuple[int, int]]) -> None:
    result = normalize(SourceText(text), casefold=True)
    assert result.text == folded
    assert [result.span(place) for place in range(len(folded))] == spans


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = normalize(SourceText(text), casefold=True).text
    assert normalize(SourceText(once), casefold=True).text == once


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_every_folded_character_maps_to_the_source(text: str) -> None:
    result = normalize(SourceText(text), casefold=True)
    for place in range(len(result.text)):
        start, end = result.span(place)
        assert 0 <= start < end <= len(text)


def test_replacement_takes_the_longest_key() -> None:
    result = replace(SourceText("aab"), {"a": "1", "aa": "2"})
    assert (result.text, result.spans) == ("2b", ((0, 2), (2, 3)))


def test_dates_are_read_as_milliseconds_and_others_refused() -> None:
    assert parse_date("1970-01-01T00:00:01.500Z") == 1500
    assert parse_date("1970-01-01T09:00:00+09:00") == 0
    assert parse_date("1970-01-02") == 86_400_000
    assert parse_date(1500) == parse_date("0001500") == 1500
    assert format_date(1500) == "1970-01-01T00:00:01.500Z"
    for wrong in ("yesterday", "", True, None, [], "2026-02-30"):
        with pytest.raises(ValueError, match="failed to parse date"):
            parse_date(wrong)


@pytest.mark.parametrize(
    ("value", "count", "wanted"),
    [(None, 3, 1), (2, 3, 2), ("2", 3, 2), (-1, 3, 2), ("60%", 3, 1), ("100%", 3, 3), ("-34%", 3, 2), (5, 3, 5)],
)
def test_numbers_and_percentages_say_how_many_clauses_must_match(value: Any, count: int, wanted: int) -> None:
    assert minimum_should_match(value, count, 1) == wanted


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [("", "", 0), ("a", "", 1), ("garden", "gardem", 1), ("ab", "ba", 1), ("kyoto", "tokyo", 4), ("abc", "xyz", 3)],
)
def test_edits_are_the_same_number_both_ways(left: str, right: str, distance: int) -> None:
    assert edits(left, right) == edits(right, left) == distance


def test_unknown_keys_are_400_and_unsupported_keys_of_opensearch_501() -> None:
    with pytest.raises(ParsingError):
        require_keys({"colour": 1}, {"size"}, "search", {"suggest"})
    with pytest.raises(Unsupported):
        require_keys({"suggest": 1}, {"size"}, "search", {"suggest"})


def writer_of(path: Path) -> tuple[Writer, Store]:
    store = Store(path / "store.sqlite")
    store.add_index(INDEX)
    return Writer(store), store


def test_waiting_requests_share_a_commit_and_only_the_failing_one_fails(tmp_path: Path) -> None:
    writer, store = writer_of(tmp_path)
    commits: list[str] = []
    store.writer.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    gate, started = threading.Event(), threading.Event()

    def hold() -> None:
        started.set()
        gate.wait(60)

    def fail() -> None:
        raise RuntimeError("no")

    first = writer.run(hold)
    assert started.wait(60)
    index = FakeIndex()
    waiting = [writer.write([WriteOp("index", index, f"d{n}", "{}")]) for n in range(20)]
    broken = writer.run(fail)
    gate.set()
    first.result(60)
    results = [one.result(60)[0] for one in waiting]
    with pytest.raises(RuntimeError):
        broken.result(60)
    writer.close()
    assert all(isinstance(one, tuple) and one[1].status == 201 for one in results)
    assert [doc.seq for doc in index.submitted] == list(range(20))
    assert len(commits) == 2


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(["index", "delete"]), st.integers(1, 6)), max_size=12))
def test_the_highest_version_wins_in_any_order(changes: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer, store = writer_of(Path(folder))
        index = FakeIndex()
        expected: tuple[int, bool] | None = None
        for action, version in changes:
            kind = "external" if action == "index" else "external_gte"
            source = "{}" if action == "index" else None
            (result,) = writer.write([WriteOp(action, index, "d", source, version, kind)]).result(60)
            newer = expected is None or version > expected[0] or (version == expected[0] and action == "delete")
            assert isinstance(result, VersionConflict) != newer
            if newer:
                expected = (version, action == "index")
        stored = store.document("u", "d")
        writer.close()
        assert (stored and (stored.version, stored.source is not None)) == expected
