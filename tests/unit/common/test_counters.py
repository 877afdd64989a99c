"""Counters count each stream record once, however often and together with whichever others it is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.common import counters
from services.common.clock import epoch_in
from services.common.counters import Delta, Key, apply

POST, AUTHOR = ("POST#1", "COUNTS"), ("USER#1", "COUNTS")


class Table:
    """Keeps what transactions write, all of one or nothing. ``refusals``: what the next ones answer instead."""

    def __init__(self) -> None:
        self.markers: dict[str, Mapping[str, Any]] = {}
        self.counters: dict[Key, dict[str, int]] = {}
        self.sizes: list[int] = []
        self.refusals: list[ClientError] = []

    def transact(self, operations: Sequence[Mapping[str, Any]]) -> None:
        self.sizes.append(len(operations))
        assert {body["TableName"] for one in operations for body in one.values()} == {"posts"}
        if self.refusals:
            raise self.refusals.pop(0)
        reasons = [self._reason(one) for one in operations]
        if set(reasons) != {"None"}:
            raise cancelled(*reasons)
        for one in operations:
            self._write(one)

    def _reason(self, operation: Mapping[str, Any]) -> str:
        put = operation.get("Put")
        if put is None:
            return "None"
        assert put["ConditionExpression"] == "attribute_not_exists(pk)"
        return "ConditionalCheckFailed" if put["Item"]["pk"] in self.markers else "None"

    def _write(self, operation: Mapping[str, Any]) -> None:
        if put := operation.get("Put"):
            self.markers[put["Item"]["pk"]] = put["Item"]
            return
        update = operation["Update"]
        found = self.counters.setdefault((update["Key"]["pk"], update["Key"]["sk"]), {})
        for addition in update["UpdateExpression"].removeprefix("ADD ").split(", "):
            name, value = addition.split(" ")
            attribute = update["ExpressionAttributeNames"][name]
            found[attribute] = found.get(attribute, 0) + update["ExpressionAttributeValues"][value]


def cancelled(*reasons: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": one} for one in reasons],
    }
    return ClientError(answer, "TransactWriteItems")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """The shortest and longest time of each wait."""
    found: list[tuple[float, float]] = []
    monkeypatch.setattr(counters, "random", SimpleNamespace(uniform=lambda least, most: (least, most)))
    monkeypatch.setattr(counters, "time", SimpleNamespace(sleep=found.append))
    return found


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, waits: list[tuple[float, float]]) -> Table:
    made = Table()
    monkeypatch.setattr(counters, "transact", made.transact)
    return made


def like(event: str, amount: int = 1) -> Delta:
    return Delta(event, POST, "likes", amount)


def test_changes_of_one_counter_are_added_up(table: Table) -> None:
    apply("posts", [like("a"), like("b", 2), Delta("b", POST, "🎉", 1), Delta("b", AUTHOR, "posts", -1)])
    assert table.counters == {POST: {"likes": 3, "🎉": 1}, AUTHOR: {"posts": -1}}
    assert len(table.sizes) == 1


def test_a_record_that_is_delivered_again_counts_nothing(table: Table, waits: list[tuple[float, float]]) -> None:
    apply("posts", [like("a")])
    apply("posts", [like("a"), like("b", 10), like("c", 100)])
    apply("posts", [like("a"), like("b", 10)])
    assert table.counters == {POST: {"likes": 111}}
    assert table.sizes == [2, 4, 3, 3], "a transaction in which a record was known is tried again without it"
    assert not waits


def test_changes_that_cancel_each_other_move_no_counter(table: Table) -> None:
    apply("posts", [like("a"), like("b", -1), Delta("b", POST, "views", 1)])
    apply("posts", [like("c"), like("d", -1), Delta("d", AUTHOR, "posts", 1)])
    assert table.counters == {POST: {"views": 1}, AUTHOR: {"posts": 1}}
    assert list(table.markers) == ["SEEN#a", "SEEN#b", "SEEN#c", "SEEN#d"]


def test_a_record_that_changes_nothing_writes_nothing(table: Table) -> None:
    apply("posts", [like("a", 0)])
    assert not table.sizes


def test_a_marker_outlives_the_time_in_which_a_record_can_come_again(table: Table) -> None:
    apply("posts", [like("a")])
    (marker,) = table.markers.values()
    assert (marker["pk"], marker["sk"]) == ("SEEN#a", "SEEN")
    assert epoch_in(days=16) - 60 < marker["ttl"] <= epoch_in(days=16)


@pytest.mark.parametrize(("records", "transactions"), [(24, 1), (25, 2), (60, 3)])
def test_many_records_share_transactions_that_dynamodb_takes(table: Table, records: int, transactions: int) -> None:
    apply("posts", [Delta(str(n), (f"POST#{n}", "COUNTS"), name, 1) for n in range(records) for name in ("x", "y")])
    assert len(table.counters) == records
    assert len(table.sizes) == transactions
    assert max(table.sizes) <= 100


def test_a_conflict_with_other_writers_is_tried_again_after_a_random_wait(
    table: Table, waits: list[tuple[float, float]]
) -> None:
    table.refusals = [cancelled("None", "TransactionConflict")] * 5
    apply("posts", [like("a")])
    assert table.counters == {POST: {"likes": 1}}
    assert waits == [(0, 0.02), (0, 0.04), (0, 0.08), (0, 0.16), (0, 0.32)]


def test_records_that_others_held_in_each_attempt_are_given_back(table: Table) -> None:
    table.refusals = [cancelled("None", "TransactionConflict")] * 6
    with pytest.raises(RuntimeError, match="1 records"):
        apply("posts", [like("a")])
    assert not table.counters


def test_any_other_refusal_is_raised_at_once(table: Table) -> None:
    table.refusals = [ClientError({"Error": {"Code": "ValidationException"}}, "TransactWriteItems")]
    with pytest.raises(ClientError, match="ValidationException"):
        apply("posts", [like("a")])
    assert len(table.sizes) == 1
