"""Pages of a partition, read from a partition in memory that answers as DynamoDB's documentation says.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from services.common import dynamo
from services.common.cursors import Cursor, page_of
from services.common.errors import InvalidCursor

TABLE = SimpleNamespace(name="posts")


class Partition:
    """Sort keys of one partition; one answer holds at most ``most`` items, as DynamoDB limits one to 1 MB."""

    def __init__(self, keys: list[str], most: int = 1000, index: str = "") -> None:
        self.keys, self.most, self.index = sorted(keys), most, index
        self.requests: list[Mapping[str, Any]] = []

    def read(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert (operation, request["TableName"]) == ("Query", "posts")
        self.requests.append(dict(request))
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        pk, sk = f"{self.index}pk", f"{self.index}sk"
        assert names["#p"] == pk
        assert values[":p"] == {"S": "P"}
        keys = self.keys
        condition = request["KeyConditionExpression"]
        assert condition.startswith("#p = :p")
        if "#s" in condition:
            assert names["#s"] == sk
            low = values[":from"]["S"]
            if "BETWEEN" in condition:
                keys = [one for one in keys if low <= one <= values[":to"]["S"]]
            else:
                keys = [one for one in keys if one.startswith(low)]
        else:
            assert list(names) == ["#p"]
        if not request["ScanIndexForward"]:
            keys = keys[::-1]
        if start := request.get("ExclusiveStartKey"):
            keys = keys[keys.index(start[sk]["S"]) + 1 :]
        shown = keys[: min(request["Limit"], self.most)]
        last = {"LastEvaluatedKey": {sk: {"S": shown[-1]}}} if shown and len(shown) < len(keys) else {}
        return {"Items": [{sk: {"S": one}, "xray": {"S": "trace"}} for one in shown], **last}


def walk(partition: Partition, prefix: str, limit: int, newer: bool) -> list[list[str]]:
    """All pages in one direction, starting at the newest or the oldest item."""
    pages: list[list[str]] = []
    cursor = Cursor("list", "newer", prefix) if newer else None
    while True:
        index = partition.index or None
        rows = dynamo.query_page(TABLE, "P", cursor=cursor, limit=limit, prefix=prefix, index=index)
        sk = f"{partition.index}sk"
        assert len(rows) <= limit + 1
        assert all(set(row) == {sk} for row in rows)
        page = page_of(rows, scope="list", cursor=cursor, limit=limit, key=lambda row: str(row[sk]))
        pages.append([row[sk] for row in page.items])
        if len(rows) <= limit:
            return pages
        edge = pages[-1][0 if newer else -1]
        cursor = Cursor("list", "newer" if newer else "older", edge)


@given(
    st.sets(st.text("AB\U0001f600", min_size=1, max_size=5), max_size=20),
    st.integers(1, 6),
    st.integers(1, 5),
    st.sampled_from(["", "A", "B"]),
    st.booleans(),
    st.sampled_from(["", "gsi1"]),
)
def test_pages_show_each_item_once_both_ways(
    keys: set[str], limit: int, most: int, prefix: str, newer: bool, index: str
) -> None:
    partition = Partition(list(keys), most, index)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.common.dynamo.wire.read", partition.read)
        pages = walk(partition, prefix, limit, newer)
    # A page in the newer direction begins after its cursor, which is the prefix itself here.
    expected = [one for one in sorted(keys, reverse=True) if one.startswith(prefix) and not (newer and one == prefix)]
    shown = [key for page in (pages[::-1] if newer else pages) for key in page]
    assert shown == expected
    assert all(len(page) == limit for page in pages[:-1])
    assert {one.get("IndexName") for one in partition.requests} <= {index or None}


@pytest.mark.parametrize(
    ("more", "consistent"), [({}, None), ({"consistent": True}, True), ({"consistent": True, "index": "gsi1"}, None)]
)
def test_only_the_table_itself_can_be_read_consistently(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], consistent: bool | None
) -> None:
    partition = Partition(["A"], index=more.get("index", ""))
    monkeypatch.setattr("services.common.dynamo.wire.read", partition.read)
    dynamo.query_page(TABLE, "P", cursor=None, limit=1, **more)
    assert partition.requests[0].get("ConsistentRead") is consistent


@pytest.mark.parametrize(
    ("direction", "asked_for"),
    [(None, 4), ("newer", 4), ("older", 5)],  # BETWEEN would include the cursor's own row
)
def test_only_the_rows_of_the_page_are_read(monkeypatch: pytest.MonkeyPatch, direction: Any, asked_for: int) -> None:
    partition = Partition(["A"])
    monkeypatch.setattr("services.common.dynamo.wire.read", partition.read)
    cursor = Cursor("list", direction, "B") if direction else None
    dynamo.query_page(TABLE, "P", cursor=cursor, limit=3)
    assert [one["Limit"] for one in partition.requests] == [asked_for]


def test_a_list_without_a_prefix_is_the_whole_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    partition = Partition(["A", "B", "C"])
    monkeypatch.setattr("services.common.dynamo.wire.read", partition.read)
    older = dynamo.query_page(TABLE, "P", cursor=Cursor("list", "older", "C"), limit=3)
    assert [row["sk"] for row in older] == ["B", "A"]
    assert [row["sk"] for row in dynamo.query_page(TABLE, "P", cursor=None, limit=3)] == ["C", "B", "A"]


def test_a_cursor_of_another_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "B" * 100
    with pytest.raises(InvalidCursor) as refused:
        dynamo.query_page(TABLE, "P", cursor=Cursor("list", "older", key), limit=1, prefix="A")
    (fault,) = refused.value.errors
    assert (refused.value.detail, fault.field, fault.got) == (
        "The cursor does not belong to this list.",
        "cursor",
        key[:64],
    )
    assert fault.expected == "a value that a previous page of this list gave as 'older' or 'newer'"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Decimal("2"), 2),
        (Decimal("2.5"), 2.5),
        ({"a": [Decimal("1")], "b": {Decimal("3"), Decimal("2")}}, {"a": [1], "b": [2, 3]}),
        (frozenset({"b", "a"}), ["a", "b"]),
        ("1", "1"),
        (None, None),
        (True, True),
    ],
)
def test_values_of_a_table_become_plain(value: Any, plain: Any) -> None:
    found = dynamo.plain(value)
    assert found == plain
    assert type(found) is type(plain)


def error(code: str, **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}, **more}, "PutItem")  # type: ignore[typeddict-item]


def raising(failure: Exception | None) -> Any:
    def write(**request: Any) -> dict[str, Any]:
        if failure:
            raise failure
        return request

    return write


def test_a_failed_condition_is_not_an_error_and_other_refusals_are() -> None:
    assert dynamo.conditionally(raising(None), Key=1) == {"Key": 1}
    assert dynamo.conditionally(raising(error("ConditionalCheckFailedException"))) is None
    given: list[Any] = []
    assert dynamo.accepted(lambda **request: given.append(request) or {}, Key=1)
    assert given == [{"Key": 1}]
    assert not dynamo.accepted(raising(error("ConditionalCheckFailedException")))
    for ask in (dynamo.conditionally, dynamo.accepted):
        with pytest.raises(ClientError):
            ask(raising(error("ThrottlingException")))


def test_a_transaction_says_which_condition_did_not_hold() -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed"}, {}]
    cancelled = error("TransactionCanceledException", CancellationReasons=reasons)
    assert dynamo.cancellation_codes(cancelled) == ["None", "ConditionalCheckFailed", "None"]
    assert dynamo.cancellation_codes(error("TransactionCanceledException")) == []
    assert dynamo.cancellation_codes(error("ThrottlingException", CancellationReasons=reasons)) == []


def test_a_transaction_is_sent_with_typed_values(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    writes = SimpleNamespace(transact_write_items=lambda **request: sent.append(request))
    monkeypatch.setattr("services.common.dynamo.client", lambda service: writes if service == "dynamodb" else None)
    put = {"Put": {"TableName": "a", "Item": {"pk": "P", "n": 1, "gone": None}}}
    update = {
        "Update": {"Key": {"pk": "P"}, "ExpressionAttributeValues": {":v": True}, "UpdateExpression": "SET v = :v"}
    }
    assert dynamo.transacted([put, update])
    dynamo.transact([put], token="t")
    typed = {"Put": {"TableName": "a", "Item": {"pk": {"S": "P"}, "n": {"N": "1"}}}}
    assert sent[0] == {
        "TransactItems": [
            typed,
            {
                "Update": {
                    "Key": {"pk": {"S": "P"}},
                    "ExpressionAttributeValues": {":v": {"BOOL": True}},
                    "UpdateExpression": "SET v = :v",
                }
            },
        ]
    }
    assert sent[1] == {"TransactItems": [typed], "ClientRequestToken": "t"}


def test_a_failed_transaction_condition_returns_false_and_others_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cancelled = error("TransactionCanceledException", CancellationReasons=[{"Code": "ConditionalCheckFailed"}])
    for failure, fails in ((cancelled, False), (error("ThrottlingException"), True)):
        writes = SimpleNamespace(transact_write_items=raising(failure))
        monkeypatch.setattr("services.common.dynamo.client", lambda _, writes=writes: writes)
        if fails:
            with pytest.raises(ClientError):
                dynamo.transacted([])
        else:
            assert not dynamo.transacted([])
