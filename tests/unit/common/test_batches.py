"""Partial batch responses: each failed record is listed by its source's identifier, and only it is retried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from services.common import carriers, deadletters
from services.common.entry import (
    OutOfTime,
    batches,
    change_handler,
    ordered_handler,
    queue_handler,
    whole_batch_handler,
)
from services.common.settings import QueueSettings
from services.common.streams import Change
from services.common.tracing import current
from tests.support.lambdas import Context

SETTINGS = QueueSettings(source_queue="q", dead_letter_queue="d")
Noted = dict[str, Any]


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> Noted:
    """The fields of the invocation's log line."""
    found: Noted = {}
    monkeypatch.setattr(batches, "note", found.update)
    return found


def header(number: int) -> str:
    return f"Root=1-5759e988-bd862e3fe1be46a99427279{number};Parent=53995c3f42cd8ad8;Sampled=1"


def message(number: int) -> dict[str, Any]:
    return {
        "messageId": f"m{number}", "body": str(number), "receiptHandle": "h", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:0:asyncsns-due", "messageAttributes": {}, "md5OfBody": "",
        "attributes": {"ApproximateReceiveCount": "1", "AWSTraceHeader": header(number)}, "awsRegion": "us-east-1",
    }  # fmt: skip


def change(number: int, key: str = "p") -> dict[str, Any]:
    image = {"pk": {"S": key}, "n": {"N": str(number)}, "xray": {"S": header(number)}}
    return {
        "eventID": f"e{number}", "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:0:table/asyncsns-posts/stream/2026",
        "dynamodb": {"SequenceNumber": f"s{number}", "Keys": {"pk": {"S": key}}, "NewImage": image},
    }  # fmt: skip


def frame(number: int) -> dict[str, Any]:
    arn = "arn:aws:kinesis:us-east-1:0:stream/asyncsns-frames"
    return {"eventSourceARN": arn, "kinesis": {"sequenceNumber": f"k{number}", "partitionKey": "p", "data": ""}}


def failed(answer: Mapping[str, Any]) -> list[str]:
    assert set(answer) == {"batchItemFailures"}
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def failing_on(*bad: Any, seen: list[Any], value: Callable[[Any], Any]) -> Callable[[Any], None]:
    def handle(record: Any) -> None:
        seen.append((value(record), current()))
        if value(record) in bad:
            raise ValueError(f"no {value(record)}")

    return handle


def body(record: Any) -> str:
    return str(record["body"])


def test_each_record_of_a_queue_is_handled_in_its_own_trace(noted: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[tuple[str, str, QueueSettings]] = []

    def settle(record: Mapping[str, Any], error: Exception, settings: QueueSettings) -> bool:
        settled.append((record["messageId"], str(error), settings))
        return bool(record["messageId"] == "m4")

    monkeypatch.setattr(deadletters, "settle", settle)
    seen: list[Any] = []
    handler = queue_handler(failing_on("2", "4", seen=seen, value=body), SETTINGS)
    answer = handler({"Records": [message(number) for number in (1, 2, 3, 4)]}, Context())
    assert failed(answer) == ["m2"]
    assert seen == [(str(number), header(number)) for number in (1, 2, 3, 4)]
    assert settled == [("m2", "no 2", SETTINGS), ("m4", "no 4", SETTINGS)]
    assert noted == {"operation": "sqs asyncsns-due", "records": 4, "failed": 1, "reasons": ["ValueError('no 2')"]}


def test_a_fully_failed_batch_is_answered_and_logs_three_reasons(noted: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadletters, "settle", lambda *_: False)

    def fail(record: Any) -> None:
        raise ValueError(body(record) * 400)

    answer = queue_handler(fail, SETTINGS)({"Records": [message(number) for number in range(1, 6)]}, Context())
    assert failed(answer) == ["m1", "m2", "m3", "m4", "m5"]
    assert [len(one) for one in noted["reasons"]] == [300] * 3
    assert noted["failed"] == 5


def test_a_good_batch_has_no_reasons(noted: Noted) -> None:
    assert failed(queue_handler(lambda record: None, SETTINGS)({"Records": [message(1)]}, Context())) == []
    assert noted == {"operation": "sqs asyncsns-due", "records": 1, "failed": 0}


def test_with_less_than_six_seconds_left_no_record_is_begun(noted: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[Exception] = []
    monkeypatch.setattr(deadletters, "settle", lambda record, error, _: settled.append(error))
    left = iter([6_000, 5_999])
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: next(left))
    seen: list[Any] = []
    handler = queue_handler(failing_on(seen=seen, value=body), SETTINGS)
    assert failed(handler({"Records": [message(1), message(2)]}, Context())) == ["m2"]
    assert [number for number, _ in seen] == ["1"]
    assert [type(error) for error in settled] == [OutOfTime]


def number_of(record: Any) -> str:
    return str(record["dynamodb"]["NewImage"]["n"]["N"])


def key_of(record: Any) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"])


def test_a_failed_record_holds_back_only_records_of_its_key(noted: Noted) -> None:
    seen: list[Any] = []
    handler = ordered_handler("dynamodb", failing_on("1", seen=seen, value=number_of), key=key_of)
    records = [change(1, "a"), change(2, "b"), change(3, "a"), change(4, "b")]
    assert failed(handler({"Records": records}, Context())) == ["s1", "s3"]
    assert seen == [(str(number), header(number)) for number in (1, 2, 4)]
    assert noted == {"operation": "dynamodb asyncsns-posts", "records": 4, "failed": 2}


def test_records_of_kinesis_have_their_own_numbers(noted: Noted) -> None:
    def fail(record: Any) -> None:
        raise ValueError

    handler = ordered_handler("kinesis", fail, key=lambda record: str(record["kinesis"]["partitionKey"]))
    assert failed(handler({"Records": [frame(1), frame(2)]}, Context())) == ["k1", "k2"]
    assert noted == {"operation": "kinesis asyncsns-frames", "records": 2, "failed": 2}


def test_a_batch_of_changes_is_folded_and_taken_apart_only_when_it_fails(noted: Noted) -> None:
    given: list[list[int]] = []

    def project(changes: Sequence[Change]) -> None:
        given.append([int((one.new or {})["n"]) for one in changes])
        if 2 in given[-1]:
            raise ValueError

    handler = change_handler(project)
    assert failed(handler({"Records": [change(1), change(3)]}, Context())) == []
    assert failed(handler({"Records": [change(1), change(2), change(3)]}, Context())) == ["s2"]
    assert given == [[1, 3], [1, 2, 3], [1], [2], [3]]
    assert noted == {"operation": "dynamodb asyncsns-posts", "records": 3, "failed": 1}


@pytest.mark.parametrize(("kind", "record", "is_projecting"), [("dynamodb", change, True), ("kinesis", frame, False)])
def test_only_consumers_of_a_table_write_no_trace_into_items(
    noted: Noted, kind: str, record: Callable[[int], Any], is_projecting: bool
) -> None:
    found: list[bool] = []

    def run(records: Sequence[Any]) -> list[str]:
        found.append(carriers._projects.get())
        return [str(len(records))]

    assert failed(whole_batch_handler(kind, run)({"Records": [record(1), record(2)]}, Context())) == ["2"]
    assert found == [is_projecting]


@pytest.mark.parametrize(
    ("records", "operation"),
    [
        ([], "kinesis"),
        ([{"kinesis": {}}], "kinesis"),
        ([{"eventSourceARN": None}], "kinesis"),
        ([{"eventSourceARN": "arn:aws:sqs:us-east-1:0:a:b"}], "kinesis a:b"),
    ],
)
def test_a_batch_without_a_source_is_named_by_its_kind(noted: Noted, records: list[Any], operation: str) -> None:
    whole_batch_handler("kinesis", lambda _: [])({"Records": records}, Context())
    assert (noted["operation"], noted["records"]) == (operation, len(records))
