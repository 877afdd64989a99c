from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from services.common.errors import Unavailable
from services.search.handler import index_records
from services.search.index import SearchIndex
from services.search.model import Action
from tests.support.search_records import post_item, record, sequence_number


class FakeIndex:
    """Accepts documents, except for ids that it refuses."""

    def __init__(self, refused: Sequence[str] = (), down: bool = False) -> None:
        self.refused, self.down = set(refused), down
        self.taken: list[str] = []

    def apply(self, actions: Sequence[Action]) -> dict[int, str]:
        if self.down:
            raise Unavailable("no connection")
        self.taken += [action.id for action in actions if action.id not in self.refused]
        return {place: "mapper_parsing_exception" for place, one in enumerate(actions) if one.id in self.refused}


def run(index: FakeIndex, *records: dict[str, Any]) -> list[str]:
    return index_records(records, cast(SearchIndex, index))


def test_only_the_record_of_a_refused_document_fails() -> None:
    records = [record(post_item(name, tags=["t"])) for name in ("a", "b", "c")]
    index = FakeIndex(refused=["b"])
    assert run(index, *records) == [sequence_number(records[1])]
    assert index.taken == ["a", "t", "t", "c", "t"]


def test_only_a_malformed_record_fails() -> None:
    bad, good = record({"pk": "POST#b", "sk": "POST"}), record(post_item("a"))
    index = FakeIndex()
    assert run(index, bad, good) == [sequence_number(bad)]
    assert index.taken == ["a"]


def test_a_short_outage_is_waited_out() -> None:
    index = FakeIndex(down=True)
    slept: list[float] = []

    def back_after_two(seconds: float) -> None:
        slept.append(seconds)
        index.down = len(slept) < 2

    assert index_records([record(post_item("a"))], cast(SearchIndex, index), back_after_two) == []
    assert (index.taken, slept) == (["a"], [0.5, 1.0])


def test_when_search_stays_down_the_whole_batch_is_retried() -> None:
    slept: list[float] = []
    with pytest.raises(Unavailable):
        index_records([record(post_item("a"))], cast(SearchIndex, FakeIndex(down=True)), slept.append)
    assert sum(slept) == 15.5


def test_records_of_other_items_cause_no_search_request() -> None:
    assert run(FakeIndex(), record({"pk": "POST#a", "sk": "COUNTS", "likes": 1})) == []
