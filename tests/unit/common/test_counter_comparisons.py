"""Counters are compared with the items that they count, and set right unless they move meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.common import dynamo
from services.common.counters import Delta
from services.common.derived import Compared, CounterComparison, whole_table
from services.common.dynamo import Item
from services.common.streams import Change

Key = tuple[str, str]


class Table:
    """Scans two items a page, and updates one under its condition."""

    def __init__(self, *items: Item) -> None:
        self.items: dict[Key, Item] = {(one["pk"], one["sk"]): one for one in items}

    def scan(
        self,
        *,
        ConsistentRead: bool,
        ExclusiveStartKey: int = 0,
        FilterExpression: str = "",
        ExpressionAttributeValues: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        assert ConsistentRead, "what was just written must not look missing"
        page = list(self.items.values())[ExclusiveStartKey : ExclusiveStartKey + 2]
        if FilterExpression:
            assert FilterExpression == "sk = :sk"
            page = [one for one in page if one["sk"] == (ExpressionAttributeValues or {})[":sk"]]
        is_last = ExclusiveStartKey + 2 >= len(self.items)
        return {"Items": page} | ({} if is_last else {"LastEvaluatedKey": ExclusiveStartKey + 2})

    def update_item(
        self,
        *,
        Key: dict[str, str],
        UpdateExpression: str,
        ConditionExpression: str,
        ExpressionAttributeNames: dict[str, str],
        ExpressionAttributeValues: dict[str, Any],
    ) -> Item:
        item = self.items.setdefault((Key["pk"], Key["sk"]), dict(Key))
        names, values = ExpressionAttributeNames, ExpressionAttributeValues
        for condition in ConditionExpression.split(" AND "):
            name, _, value = condition.partition(" = ")
            is_met = item.get(names[name]) == values[value] if value else names[condition[21:-1]] not in item
            if not is_met:
                raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")
        for setting in UpdateExpression.removeprefix("SET ").split(", "):
            name, _, value = setting.partition(" = ")
            item[names[name]] = values[value]
        return {"Attributes": item}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    made = Table(post("1"), like("1", "ann"), like("1", "bob"), post("2"), counts("1", likes=2, views=1))
    monkeypatch.setattr(dynamo, "shared_table", {"posts": made}.__getitem__)
    return made


def post(number: str) -> Item:
    return {"pk": f"POST#{number}", "sk": "POST"}


def like(number: str, who: str) -> Item:
    return {"pk": f"POST#{number}", "sk": f"LIKE#{who}"}


def counts(number: str, **counters: Any) -> Item:
    return {"pk": f"POST#{number}", "sk": "COUNTS", **counters}


def deltas_of(change: Change) -> Iterable[Delta]:
    """Each like counts for its post, and each item is a view."""
    assert (change.event_id, change.old) == ("", None)
    key = (change.item["pk"], "COUNTS")
    if change.item["sk"].startswith("LIKE#"):
        yield Delta("", key, "likes", 1)
    elif change.item["pk"] == "POST#1":
        yield Delta("", key, "views", 1)


def counted(item: Item) -> Iterator[Key]:
    if item["sk"] == "POST":
        yield item["pk"], "COUNTS"


def compare(after: str | None = None) -> dict[str, Compared]:
    return {one.subject: one for one in CounterComparison("posts", deltas_of, counted)(after)}


def differences(after: str | None = None) -> dict[str, tuple[str, ...]]:
    return {subject: one.differences for subject, one in compare(after).items()}


def test_a_table_is_read_to_its_last_page(table: Table) -> None:
    assert [one["sk"] for one in whole_table("posts")] == ["POST", "LIKE#ann", "LIKE#bob", "POST", "COUNTS"]
    assert [one["pk"] for one in whole_table("posts", "POST")] == ["POST#1", "POST#2"]


def test_right_counters_have_no_differences(table: Table) -> None:
    assert differences() == {"POST#1": (), "POST#2": ()}


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ({"likes": 3, "views": 1}, ("likes: 3, expected 2",)),
        ({"views": 1}, ("likes: 0, expected 2",)),
        ({}, ("likes: 0, expected 2", "views: 0, expected 1")),
        ({"likes": 2, "views": 1, "quotes": 4}, ("quotes: 4, expected 0",)),
        ({"likes": 2, "views": 1, "quotes": 0, "since": "2026"}, ()),
    ],
)
def test_wrong_counters_are_named_and_set_right(table: Table, stored: dict[str, Any], told: tuple[str, ...]) -> None:
    table.items["POST#1", "COUNTS"] = counts("1", **stored)
    wrong = compare()["POST#1"]
    assert wrong.differences == told
    if told:
        wrong.mend()
    assert differences()["POST#1"] == ()
    kept = table.items["POST#1", "COUNTS"]
    assert (kept["likes"], kept["views"], kept.get("quotes", 0), kept.get("since")) == (2, 1, 0, stored.get("since"))


def test_counters_of_a_post_without_any_are_made(table: Table) -> None:
    del table.items["POST#1", "COUNTS"]
    compare()["POST#1"].mend()
    assert table.items["POST#1", "COUNTS"] == counts("1", likes=2, views=1)


@pytest.mark.parametrize("stored", [{"likes": 7}, {}])
def test_a_counter_that_moved_since_the_comparison_is_left_alone(table: Table, stored: dict[str, int]) -> None:
    table.items["POST#1", "COUNTS"] = counts("1", views=1, **stored)
    wrong = compare()["POST#1"]
    table.items["POST#1", "COUNTS"]["likes"] = 8
    wrong.mend()
    assert table.items["POST#1", "COUNTS"]["likes"] == 8


def test_counters_of_deleted_posts_are_not_compared(table: Table) -> None:
    table.items["POST#3", "COUNTS"] = counts("3", likes=1)
    assert "POST#3" not in differences()


def test_subjects_come_in_order_after_the_given_one(table: Table) -> None:
    table.items["POST#0", "POST"] = post("0")
    assert list(differences()) == ["POST#0", "POST#1", "POST#2"]
    assert list(differences("POST#1")) == ["POST#2"]


def test_a_subject_without_differences_has_nothing_to_mend() -> None:
    mend: Callable[[], None] = Compared("POST#1").mend
    mend()
    assert Compared("POST#1").differences == ()
