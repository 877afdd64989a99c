"""A message that a consumer cannot process is retried with growing delays, then dead-lettered with its reason."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from services.common import deadletters
from services.common.deadletters import settle
from services.common.settings import QueueSettings

SETTINGS = QueueSettings(source_queue="the-queue", dead_letter_queue="the-dlq", max_receives=3, retry_seconds=20)
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


class Sqs:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.hidden: list[dict[str, Any]] = []
        self.is_down = False

    def send_message(self, **arguments: Any) -> None:
        self._fail_when_down()
        self.sent.append(arguments)

    def change_message_visibility(self, **arguments: Any) -> None:
        self._fail_when_down()
        self.hidden.append(arguments)

    def _fail_when_down(self) -> None:
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="https://sqs")


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Sqs:
    fake = Sqs()
    monkeypatch.setattr(deadletters, "client", {"sqs": fake}.__getitem__)
    monkeypatch.setattr(deadletters, "now_text", lambda: "2026-01-01T00:00:00.000Z")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "pusher")
    monkeypatch.setattr(deadletters.random, "uniform", lambda least, most: (least + most) / 2)
    return fake


def received(times: int | None, **more: Any) -> dict[str, Any]:
    attributes = {} if times is None else {"ApproximateReceiveCount": str(times)}
    record = {"messageId": "m", "body": "text", "receiptHandle": "handle", "attributes": attributes}
    return {**record, "eventSource": "aws:sqs", **more}


@pytest.mark.parametrize(("times", "seconds"), [(None, 20), (1, 20), (2, 80)])
def test_each_retry_waits_four_times_as_long(sqs: Sqs, times: int | None, seconds: int) -> None:
    assert settle(received(times), ValueError("no"), SETTINGS) is False
    assert sqs.hidden == [{"QueueUrl": "the-queue", "ReceiptHandle": "handle", "VisibilityTimeout": seconds}]
    assert sqs.sent == []


def test_retries_of_one_batch_are_spread_by_a_fifth(sqs: Sqs, monkeypatch: pytest.MonkeyPatch) -> None:
    for end in (min, max):
        monkeypatch.setattr(deadletters.random, "uniform", end)
        settle(received(1), ValueError("no"), SETTINGS)
    assert [one["VisibilityTimeout"] for one in sqs.hidden] == [16, 24]


def test_a_wait_is_a_second_at_least(sqs: Sqs) -> None:
    settle(received(1), ValueError("no"), SETTINGS.model_copy(update={"retry_seconds": 0}))
    assert [one["VisibilityTimeout"] for one in sqs.hidden] == [1]


def test_a_record_without_a_handle_is_left_to_its_queue(sqs: Sqs) -> None:
    record = received(1)
    del record["receiptHandle"]
    assert settle(record, ValueError("no"), SETTINGS) is False
    assert sqs.hidden == sqs.sent == []
    assert settle({"messageId": "m", "body": ""}, ValueError("no"), SETTINGS) is False


@pytest.mark.parametrize("times", [3, 4])
def test_the_last_receive_dead_letters_the_message_with_its_reason(sqs: Sqs, times: int) -> None:
    assert settle(received(times), ValueError("no such post"), SETTINGS) is True
    (sent,) = sqs.sent
    assert (sent["QueueUrl"], sent["MessageBody"], sqs.hidden) == ("the-dlq", "text", [])
    assert {one["DataType"] for one in sent["MessageAttributes"].values()} == {"String"}
    assert {name: one["StringValue"] for name, one in sent["MessageAttributes"].items()} == {
        "reason": "ValueError: no such post",
        "consumer": "pusher",
        "failedAt": "2026-01-01T00:00:00.000Z",
        "receives": str(times),
        "messageId": "m",
    }


def test_a_long_reason_is_cut_and_the_message_keeps_its_trace(sqs: Sqs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    record = received(3)
    record["attributes"]["AWSTraceHeader"] = TRACE
    assert settle(record, ValueError("x" * 900), SETTINGS) is True
    told = sqs.sent[0]["MessageAttributes"]
    assert told["reason"]["StringValue"] == "ValueError: " + "x" * 488
    assert told["consumer"]["StringValue"] == "unknown"
    assert told[deadletters.MESSAGE_ATTRIBUTE]["StringValue"] == TRACE


@pytest.mark.parametrize("times", [1, 3])
def test_a_failed_call_to_sqs_leaves_the_message_to_its_queue(sqs: Sqs, times: int) -> None:
    sqs.is_down = True
    assert settle(received(times), ValueError("no"), SETTINGS) is False
