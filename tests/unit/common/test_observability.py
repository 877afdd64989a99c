"""Every invocation ends with one log line, which also holds its metrics (EMF)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from emulation.console.emf import metric_data
from services.common import observability, spans, tracing
from services.common.entry import (
    Handler,
    change_handler,
    event_handler,
    ordered_handler,
    whole_batch_handler,
)
from services.common.observability import MetricUnit, measure, note
from tests.support.lambdas import Context

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Reads the lines that functions logged since the last read."""
    written = io.StringIO()
    (handler,) = logging.getLogger(observability.logger.name).handlers
    assert isinstance(handler, logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def the_one(lines: Lines) -> dict[str, Any]:
    (line,) = lines()
    return line


def change(number: int) -> dict[str, Any]:
    return {
        "eventID": str(number),
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:0:table/asyncsns-posts/stream/2026-01-01T00:00:00.000",
        "dynamodb": {"SequenceNumber": str(number), "Keys": {"pk": {"S": "p"}}, "NewImage": {"pk": {"S": "p"}}},
    }


@pytest.mark.parametrize(
    "handler",
    [change_handler(lambda changes: None), ordered_handler("dynamodb", lambda record: None, key=lambda record: "")],
)
def test_the_line_of_a_batch_of_changes_names_its_table(lines: Lines, handler: Handler) -> None:
    handler({"Records": [change(1), change(2)]}, Context())
    line = the_one(lines)
    assert (line["operation"], line["outcome"], line["records"]) == ("dynamodb asyncsns-posts", "ok", 2)


def test_the_line_of_a_kinesis_batch_names_its_stream_and_failures(lines: Lines) -> None:
    records = [{"eventSourceARN": "arn:aws:kinesis:us-east-1:0:stream/asyncsns-frames", "kinesis": {}}]
    whole_batch_handler("kinesis", lambda found: ["7"])({"Records": records}, Context())
    line = the_one(lines)
    assert (line["operation"], line["outcome"], line["failed"]) == ("kinesis asyncsns-frames", "failed", 1)


def test_an_event_that_raises_still_has_its_line(lines: Lines) -> None:
    def sweep(event: Any, context: Any) -> None:
        note(sent=3)
        raise RuntimeError("down")

    with pytest.raises(RuntimeError):
        event_handler("schedule", sweep)({}, Context())
    line = lines()[-1]
    assert (line["operation"], line["outcome"], line["error"]) == ("schedule", "failed", "RuntimeError")
    assert line["sent"] == 3


def test_an_invocations_line_says_which_function_took_how_long_for_which_request(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    seconds = iter([5.0, 6.23456])
    monkeypatch.setattr(observability, "time", SimpleNamespace(perf_counter=seconds.__next__, time=lambda: 1_800_000.5))
    observability.observed(lambda event, context: None)({}, Context("posts", aws_request_id="r1"))
    line = the_one(lines)
    assert (line["message"], line["function"], line["request_id"]) == ("invocation", "posts", "r1")
    assert (line["operation"], line["Duration"], line["_aws"]["Timestamp"]) == ("none", 1234.6, 1_800_000_500)


@pytest.mark.parametrize(
    ("noted", "outcome", "level"),
    [
        ({}, "ok", "INFO"),
        ({"status": 399}, "ok", "INFO"),
        ({"status": 400}, "refused", "INFO"),
        ({"status": 499}, "refused", "INFO"),
        ({"status": 500}, "failed", "ERROR"),
        ({"failed": 0}, "ok", "INFO"),
        ({"failed": 1}, "failed", "ERROR"),
    ],
)
def test_the_outcome_follows_from_status_and_failed_records(
    lines: Lines, noted: dict[str, Any], outcome: str, level: str
) -> None:
    event_handler("schedule", lambda event, context: note(**noted))({}, Context())
    line = the_one(lines)
    assert (line["outcome"], line["level"]) == (outcome, level)


def test_empty_fields_are_left_out_of_the_line_but_zero_is_not(lines: Lines) -> None:
    event_handler("schedule", lambda event, context: note(caller="", device=None, sent=0))({}, Context())
    line = the_one(lines)
    assert "caller" not in line
    assert "device" not in line
    assert line["sent"] == 0


def test_measured_values_become_metrics_of_the_service_and_its_dimensions(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    monkeypatch.setattr(observability, "time", SimpleNamespace(time=lambda: 1_800_000.5))
    measure({"media": "video"}, Lag=(MetricUnit.Seconds, (1.5, 2.5)), Loss=(MetricUnit.Percent, []))
    line = the_one(lines)
    ((namespace, datum),) = metric_data(json.dumps(line))
    assert namespace == "asyncsns"
    assert (datum["MetricName"], datum["Values"], datum["Unit"]) == ("Lag", [1.5, 2.5], "Seconds")
    assert datum["Dimensions"] == [
        {"Name": "service", "Value": line["service"]},
        {"Name": "media", "Value": "video"},
    ]
    assert datum["Timestamp"] == datetime.fromtimestamp(1_800_000.5, UTC)
    assert "Loss" not in json.dumps(line), "CloudWatch refuses metrics without a value"


def test_only_the_first_invocation_is_a_cold_start(monkeypatch: pytest.MonkeyPatch, lines: Lines) -> None:
    monkeypatch.setattr(observability, "_cold", True)
    handler = event_handler("schedule", lambda event, context: None)
    for _ in range(2):
        handler({}, Context())
    assert [line["cold_start"] for line in lines()] == [True, False]


def test_log_fields_of_one_invocation_are_not_in_the_next(lines: Lines) -> None:
    event_handler("one", lambda event, context: note(caller="someone", status=404))({}, Context())
    event_handler("two", lambda event, context: None)({}, Context())
    assert "caller" not in lines()[-1]
    assert lines()[-1]["outcome"] == "ok"


def test_the_line_is_an_embedded_metric_with_few_dimensions(lines: Lines) -> None:
    event_handler("schedule", lambda event, context: None)({}, Context())
    text = json.dumps(the_one(lines))
    data = {datum["MetricName"]: datum for _, datum in metric_data(text)}
    dimensions = {name: [one["Name"] for one in datum["Dimensions"]] for name, datum in data.items()}
    assert dimensions == {"Duration": ["service", "operation"], "Outcome": ["service", "outcome"]}
    assert data["Outcome"]["Values"] == [1.0]
    assert data["Duration"]["Unit"] == "Milliseconds"


def test_the_invocations_that_are_sampled_have_a_span(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(spans, "send", lambda packet: sent.append(json.loads(packet.partition(b"\n")[2])))
    monkeypatch.setattr(tracing, "_is_recording", True)
    monkeypatch.setattr(observability, "_cold", True)
    handle = event_handler("test", lambda event, context: (event["name"], context.function_name))
    root = "Root=1-6b04b32c-964a663396e0d4d9a13e8113;Parent=1234567812345678"
    for name, flag in (("first", ";Sampled=1"), ("not", ";Sampled=0"), ("sampled", ";Sampled=1"), ("unsaid", "")):
        monkeypatch.setenv("_X_AMZN_TRACE_ID", root + flag)
        assert handle({"name": name}, Context("posts")) == (name, "posts")
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    handle({"name": "none"}, Context())
    assert [one["name"] for one in sent] == ["## run"] * 2
    assert [one["annotations"] for one in sent] == [
        {"ColdStart": True, "Service": observability.logger.service},
        {"ColdStart": False, "Service": observability.logger.service},
    ]
    assert not any("namespace" in one for one in sent), "X-Ray shows a subsegment with a namespace as a remote call"


def message(trace: str) -> dict[str, Any]:
    return {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:r:0:push", "attributes": {"AWSTraceHeader": trace}}


def test_an_invocation_belongs_to_the_trace_that_all_its_records_name(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (f"Root=1-6b04b32c-{digit * 24};Parent=1234567812345678;Sampled=1" for digit in "12")
    found = [
        event_handler("test", lambda event, context: tracing.current()[:40])({"Records": records}, Context())
        for records in ([message(one), message(one)], [message(one), message(other)], [])
    ]
    assert found == [one[:40], "", ""]


def test_the_result_of_an_event_that_is_no_object_is_passed_on() -> None:
    assert event_handler("test", lambda event, context: [*event, context.function_name])(["a"], Context("f")) == [
        "a",
        "f",
    ]
