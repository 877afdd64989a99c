"""Batches that AWS accepts in part: the answer has status 200 and lists the refused entries.

Kinesis and SQS answer with counts or entries that failed, DynamoDB with what it left for the next request.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import dynamo
from services.common.outbox import Ending, Outgoing, frame, put
from services.posts.adapter import DueQueue
from services.posts.due import Due


class Stream:
    """A fake Kinesis stream that refuses the frames of some partition keys."""

    def __init__(self, *refused: str) -> None:
        self.refused, self.batches = refused, []  # type: ignore[var-annotated]

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
        assert 1 <= len(Records) <= 500
        self.batches.append((StreamName, [one["PartitionKey"] for one in Records]))
        return {"FailedRecordCount": sum(one["PartitionKey"] in self.refused for one in Records)}


def outgoing(number: int) -> Outgoing:
    return Outgoing(f"p{number}", ["u"], frame("chat.read", "e", {}))


def test_a_frame_that_kinesis_refuses_fails_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.common.outbox.client", lambda _: Stream("p1"))
    with pytest.raises(RuntimeError, match="refused 1 of 3 frames"):
        put("live", [outgoing(number) for number in range(3)])


@pytest.mark.parametrize("count", [0, 1, 500, 501, 1001])
def test_frames_go_out_once_each_and_in_order(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    stream = Stream()
    monkeypatch.setattr("services.common.outbox.client", {"kinesis": stream}.__getitem__)
    put("live", [outgoing(number) for number in range(count)])
    assert {name for name, _ in stream.batches} <= {"live"}
    assert [key for _, keys in stream.batches for key in keys] == [f"p{number}" for number in range(count)]


def test_records_of_the_stream_name_their_recipients() -> None:
    sent = Outgoing("p", ("a", "b"), {"type": "chat.read", "data": "\u96ea"}, trace="")
    assert json.loads(sent.to_record()["Data"]) == {"users": ["a", "b"], "frame": sent.frame}
    assert "\u96ea".encode() in sent.to_record()["Data"]
    traced = Outgoing("p", ["a"], {}, trace="Root=1").to_record()
    assert traced == {"Data": b'{"users": ["a"], "frame": {}, "trace": "Root=1"}', "PartitionKey": "p"}
    assert Ending("u").to_record() == {"Data": b'{"end": "u"}', "PartitionKey": "u"}


def test_a_frame_has_a_type_of_the_protocol() -> None:
    made = frame("chat.read", "e", {"seq": 1}, "2026-01-01T00:00:00.000Z")
    assert made == {"type": "chat.read", "eventId": "e", "at": "2026-01-01T00:00:00.000Z", "data": {"seq": 1}}
    assert frame("chat.read", "e", {})["at"].endswith("Z")
    with pytest.raises(ValueError, match=r"expected one of \['call\.accepted'.*got 'chat\.reads'"):
        frame("chat.reads", "e", {})


class Queue:
    """A fake SQS queue that refuses entries with some numbers."""

    def __init__(self, *refused: int) -> None:
        self.refused, self.sent = refused, []  # type: ignore[var-annotated]

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        assert 1 <= len(Entries) <= 10
        assert len({one["Id"] for one in Entries}) == len(Entries)
        self.sent += [(QueueUrl, one["MessageBody"], one["DelaySeconds"]) for one in Entries]
        failed = [one for one in Entries if one["DelaySeconds"] in self.refused]
        return {"Failed": failed} if failed else {}


def due(number: int) -> Due:
    return Due("post", f"p{number}", "anna", "2026-01-01T00:00:00.000Z")


def test_due_messages_are_sent_with_their_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue()
    monkeypatch.setattr("services.posts.adapter.client", lambda _: queue)
    DueQueue("url").send([(due(number), number) for number in range(23)])
    assert queue.sent == [("url", due(number).to_json(), number) for number in range(23)]


def test_due_messages_that_sqs_refuses_raise_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.posts.adapter.client", lambda _: Queue(12))
    with pytest.raises(RuntimeError, match="refused 1 of 3 messages"):
        DueQueue("url").send([(due(number), number) for number in range(13)])


Request = Mapping[str, Any]


class Table:
    """A fake DynamoDB that answers part of each request (at least one item; none when ``stuck``)."""

    def __init__(self, taken: Callable[[], int], missing: frozenset[str] = frozenset(), stuck: bool = False) -> None:
        self.taken, self.missing, self.stuck = taken, missing, stuck
        self.requests: list[Request] = []
        self.answered: list[tuple[str, str]] = []
        self.written: list[Any] = []

    def read(self, operation: str, request: Request) -> dict[str, Any]:
        assert operation == "BatchGetItem"
        self.requests.append(request["RequestItems"])
        keys = [(name, key) for name, one in request["RequestItems"].items() for key in one["Keys"]]
        assert all(key == {"pk": {"S": "P"}, "sk": {"S": key["sk"]["S"]}} for _, key in keys)
        wanted = [(name, key["sk"]["S"]) for name, key in keys]
        assert 1 <= len(wanted) <= 100
        assert len(set(wanted)) == len(wanted)
        now = wanted[: 0 if self.stuck else max(1, self.taken())]
        self.answered += now
        responses: dict[str, list[Any]] = {name: [] for name in request["RequestItems"]}
        for name, sort in now:
            if sort not in self.missing:
                responses[name].append({"pk": {"S": "P"}, "sk": {"S": sort}, "in": {"S": name}})
        left: dict[str, Any] = {}
        for name, sort in wanted[len(now) :]:
            rest = left.setdefault(name, {**request["RequestItems"][name], "Keys": []})
            rest["Keys"].append({"pk": {"S": "P"}, "sk": {"S": sort}})
        return {"Responses": responses, "UnprocessedKeys": left}

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:
        ((name, wanted),) = RequestItems.items()
        assert 1 <= len(wanted) <= 25
        now = wanted[: 0 if self.stuck else max(1, self.taken())]
        self.written += now
        left = wanted[len(now) :]
        # When nothing is left, DynamoDB may include or omit the table name.
        return {"UnprocessedItems": {name: left} if left else {}}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr("services.common.dynamo.time.sleep", slept.append)
    return slept


@given(count=st.integers(0, 230), data=st.data())
def test_only_unprocessed_keys_are_requested_again(count: int, data: st.DataObject) -> None:
    table = Table(lambda: data.draw(st.integers(50, 100)), missing=frozenset({"S3", "S7"}))
    names = [f"S{number}" for number in range(count)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.common.dynamo.wire.read", table.read)
        patch.setattr("services.common.dynamo.time.sleep", lambda _: None)
        found = dynamo.batch_get({"a": [("P", one) for one in names], "b": [("P", "S1"), ("P", "S1")]})
    assert sorted(table.answered) == sorted([*(("a", one) for one in names), ("b", "S1")])
    expected = {("a", "P", one) for one in names if one not in table.missing} | {("b", "P", "S1")}
    assert set(found) == expected
    assert all(item == {"pk": "P", "sk": key[2], "in": key[0]} for key, item in found.items())


@pytest.mark.parametrize("consistent", [True, False])
def test_a_batch_read_uses_the_requested_consistency(monkeypatch: pytest.MonkeyPatch, consistent: bool) -> None:
    table = Table(lambda: 1)
    monkeypatch.setattr("services.common.dynamo.wire.read", table.read)
    dynamo.batch_get({"a": [("P", "1"), ("P", "2")]}, consistent=consistent)
    assert [one["a"]["ConsistentRead"] for one in table.requests] == [consistent] * 2


def test_a_batch_read_is_eventually_consistent_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(lambda: 1)
    monkeypatch.setattr("services.common.dynamo.wire.read", table.read)
    dynamo.batch_get({"a": [("P", "1")]})
    assert [one["a"]["ConsistentRead"] for one in table.requests] == [False]


@given(count=st.integers(0, 60), data=st.data())
def test_only_unprocessed_writes_are_repeated(count: int, data: st.DataObject) -> None:
    table = Table(lambda: data.draw(st.integers(5, 25)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.common.dynamo.client", {"dynamodb": table}.__getitem__)
        patch.setattr("services.common.dynamo.time.sleep", lambda _: None)
        puts = [{"pk": "P", "sk": f"{number}", "gone": None} for number in range(count)]
        dynamo.batch_write("a", puts=puts, deletes=[("P", "x"), ("P", "y")])
    wanted: list[Any] = [{"PutRequest": {"Item": {"pk": {"S": "P"}, "sk": {"S": f"{n}"}}}} for n in range(count)]
    wanted += [{"DeleteRequest": {"Key": {"pk": {"S": "P"}, "sk": {"S": sort}}}} for sort in ("x", "y")]
    assert table.written == wanted


def test_a_table_that_processes_nothing_fails_after_eight_tries(
    monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    table = Table(lambda: 0, stuck=True)
    monkeypatch.setattr("services.common.dynamo.wire.read", table.read)
    monkeypatch.setattr("services.common.dynamo.client", {"dynamodb": table}.__getitem__)
    monkeypatch.setattr("services.common.dynamo.random.uniform", lambda low, high: (low, high))
    with pytest.raises(RuntimeError, match=r"left keys unprocessed in \['a', 'b'\] eight times"):
        dynamo.batch_get({"b": [("P", "1")], "a": [("P", "1")]})
    assert len(table.requests) == 8
    # Full jitter: between zero and a limit that doubles.
    assert waits == [(0, 0.02 * 2**attempt) for attempt in range(8)]
    with pytest.raises(RuntimeError, match="left 2 writes to a unprocessed"):
        dynamo.batch_write("a", deletes=[("P", "1"), ("P", "2")])
    assert len(waits) == 16
