"""Trace segments as the X-Ray daemon receives them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError

from services.common import spans, tracing
from services.common.carriers import mark_requests
from services.common.spans import MOST
from services.common.traced_clients import traced
from services.common.tracing import Cause, call_of, caused_by, continued, current, shared, told

ROOT, OTHER = "1-5759e988-bd862e3fe1be46a994272793", "1-5759e988-000000000000000000000001"
VARIABLE, SEGMENT = "_X_AMZN_TRACE_ID", "53995c3f42cd8ad8"
HEADER = f"Root={ROOT};Parent={SEGMENT};Sampled=1"
CAUSE = Cause(f"Root={OTHER};Parent=1111111111111111;Sampled=1", "posts stream", "AWS::DynamoDB::Stream", 1.0, 2)

Packets = list[dict[str, Any]]


@pytest.fixture
def packets(monkeypatch: pytest.MonkeyPatch) -> Packets:
    """The datagrams that a sampled invocation sends."""
    found: Packets = []

    def take(packet: bytes) -> None:
        head, _, document = packet.partition(b"\n")
        assert json.loads(head) == {"format": "json", "version": 1}
        found.append(json.loads(document))

    monkeypatch.setattr(spans, "send", take)
    monkeypatch.setattr(tracing, "_is_recording", True)
    monkeypatch.setenv(VARIABLE, HEADER)
    return found


def names(packets: Packets) -> list[list[str]]:
    return [list(_names(one)) for one in packets]


def _names(document: dict[str, Any]) -> Iterator[str]:
    yield document["name"]
    for inner in document.get("subsegments", []):
        yield from _names(inner)


def test_spans_of_an_invocation_are_sent_in_one_packet(packets: Packets) -> None:
    for number in (1, 2):
        with call_of("## handler", namespace=""):
            with call_of("DynamoDB"), call_of("inner", "remote"):
                pass
            with call_of("SQS"):
                pass
            assert len(packets) == number - 1
    assert names(packets) == [["## handler", "DynamoDB", "inner", "SQS"]] * 2
    outer, inner = packets[0], packets[0]["subsegments"][0]
    assert (outer["trace_id"], outer["parent_id"], outer["type"]) == (ROOT, SEGMENT, "subsegment")
    assert (inner["namespace"], inner["subsegments"][0]["namespace"], "namespace" in outer) == ("aws", "remote", False)
    assert outer["start_time"] <= inner["start_time"] <= inner["end_time"] <= outer["end_time"]
    assert len({outer["id"], inner["id"], packets[1]["id"]}) == 3


def test_many_spans_are_sent_before_the_invocation_ends(packets: Packets) -> None:
    with call_of("## handler", namespace="") as outer:
        for _ in range(3 * MOST):
            with call_of("DynamoDB"):
                pass
        assert len(packets) > 2 * MOST
    assert outer is not None
    assert sorted(name for packet in names(packets) for name in packet) == ["## handler", *["DynamoDB"] * 3 * MOST]
    assert {one["parent_id"] for one in packets[:-1]} == {outer.id}
    assert {(one["trace_id"], one["type"]) for one in packets} == {(ROOT, "subsegment")}


@pytest.mark.parametrize("header", [HEADER.replace("Sampled=1", "Sampled=0"), f"Root={ROOT}", "", "Root=x;Sampled=1"])
def test_unsampled_traces_are_not_recorded(packets: Packets, header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, header)
    with call_of("DynamoDB") as span:
        assert span is None
        assert (current(), tracing.is_traced()) == ("", False)
    assert not packets


def test_the_next_invocation_has_its_own_trace(packets: Packets, monkeypatch: pytest.MonkeyPatch) -> None:
    for root in (ROOT, OTHER):
        monkeypatch.setenv(VARIABLE, f"Root={root};Parent={SEGMENT};Sampled=1;Lineage=1:a87bd80c:0")
        assert current() == f"Root={root};Parent={SEGMENT};Sampled=1"
        with call_of("DynamoDB"):
            pass
    assert [one["trace_id"] for one in packets] == [ROOT, OTHER]


def test_work_continues_in_the_trace_of_its_cause(packets: Packets) -> None:
    with call_of("## handler", namespace=""), continued(CAUSE):
        inside = os.environ[VARIABLE]
        with call_of("DynamoDB"):
            assert current()[:40] == CAUSE.header[:40]
    assert os.environ[VARIABLE] == HEADER
    assert names(packets) == [["posts stream"], ["function", "DynamoDB"], ["## handler"]]
    wait, segment, own = packets
    assert (wait["parent_id"], wait["start_time"], wait["annotations"]) == ("1" * 16, 1.0, {"receives": 2})
    assert (segment["parent_id"], segment["annotations"]) == (wait["id"], {"invocation": ROOT})
    assert [one["trace_id"] for one in packets] == [OTHER, OTHER, ROOT]
    assert inside == f"Root={OTHER};Parent={segment['id']};Sampled=1"
    assert "type" not in segment, "a segment of its own"
    assert own["id"] != segment["id"]


def test_another_thread_of_the_invocation_finds_its_segment(packets: Packets) -> None:
    def work() -> None:
        with call_of("SNS"):
            pass

    with continued(CAUSE):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    call, segment = packets[1], packets[2]
    assert (call["name"], call["trace_id"], call["parent_id"]) == ("SNS", OTHER, segment["id"])


def test_a_batch_of_several_causes_is_in_each_of_their_traces(packets: Packets) -> None:
    second = Cause(f"Root={ROOT[:-1]}4;Parent=2222222222222222;Sampled=1")
    with pytest.raises(RuntimeError), shared([CAUSE, second, None]):
        raise RuntimeError("down")
    segments = [one for one in packets if one["name"] == "function"]
    assert {one["trace_id"] for one in segments} == {OTHER, second.header[5:40]}
    assert all(one["fault"] and one["cause"] for one in segments)


class Topic:
    """A client of SNS whose calls are answered here, and the trace of each event that it would have sent."""

    def __init__(self) -> None:
        once = Config(retries={"total_max_attempts": 1})
        keys = {"aws_access_key_id": "-", "aws_secret_access_key": "-", "region_name": "us-east-1"}
        made: Any = boto3.client("sns", config=once, **keys)  # type: ignore[call-overload]
        self.client = mark_requests(traced(made))
        self.client.meta.events.register("before-send.sns", self._answer)
        self.status, self.traces = 200, list[str]()

    def _answer(self, request: Any, **_: Any) -> Any:
        sent = parse_qs(request.body if isinstance(request.body, str) else request.body.decode())
        self.traces += [values[0] for key, values in sent.items() if values[0].startswith("Root=")]
        answer: Any = AWSResponse(request.url, self.status, HTTPHeaders(), None)
        result = "<PublishBatchResult><Successful/><Failed/></PublishBatchResult>"
        answer._content = f"<PublishBatchResponse>{result}</PublishBatchResponse>".encode()
        return answer

    def publish(self, traces: list[str]) -> None:
        entries = [
            {"Id": str(number), "Message": "{}", "MessageAttributes": {"trace": _text(trace)} if trace else {}}
            for number, trace in enumerate(traces)
        ]
        self.client.publish_batch(TopicArn="arn:aws:sns:us-east-1:0:t", PublishBatchRequestEntries=entries)


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


SECOND = Cause(f"Root={ROOT[:-1]}4;Parent=2222222222222222;Sampled=1")
SILENT = Cause(f"Root={ROOT[:-1]}5;Parent=3333333333333333;Sampled=1")


def trace_within(cause: Cause) -> str:
    with caused_by(cause.header):
        return current()


@pytest.mark.parametrize("own", ["1", "0"])
def test_published_events_of_a_batch_keep_the_trace_of_their_cause(
    packets: Packets, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the trace of the invocation itself is sampled, and however many records came with this one."""
    monkeypatch.setenv(VARIABLE, HEADER.replace("Sampled=1", f"Sampled={own}"))
    topic = Topic()
    with shared([CAUSE, SECOND, SILENT, None]):
        topic.publish([trace_within(CAUSE), trace_within(SECOND), "", trace_within(CAUSE)])
    segments = {one["trace_id"]: one for one in packets if one["name"] == "function"}
    assert set(segments) == {cause.header[5:40] for cause in (CAUSE, SECOND, SILENT)}
    assert "subsegments" not in segments[SILENT.header[5:40]], "it published nothing for this one"
    calls = {}
    for cause in (CAUSE, SECOND):
        (call,) = segments[cause.header[5:40]]["subsegments"]
        assert (call["name"], call["namespace"], call["type"]) == ("sns", "aws", "subsegment")
        assert call["aws"]["operation"] == "PublishBatch"
        calls[cause] = f"{cause.header[:40]};Parent={call['id']};Sampled=1"
    assert topic.traces == [calls[CAUSE], calls[SECOND], calls[CAUSE]]
    assert [one["trace_id"] for one in packets if one["name"] == "sns"] == [ROOT] * int(own)


def test_two_writes_of_one_trace_have_a_call_each(packets: Packets) -> None:
    topic, again = Topic(), Cause(CAUSE.header.replace("1" * 16, "4" * 16))
    with shared([CAUSE, again]):
        topic.publish([trace_within(CAUSE), trace_within(again)])
    segments = [one for one in packets if one["name"] == "function"]
    assert [one["trace_id"] for one in segments] == [OTHER] * 2
    parents = [f"Root={OTHER};Parent={one['subsegments'][0]['id']};Sampled=1" for one in segments]
    assert topic.traces == parents


def test_each_trace_of_a_batch_records_a_refused_call_in_full(packets: Packets) -> None:
    topic = Topic()
    topic.status = 403
    with pytest.raises(ClientError), shared([CAUSE, SECOND]):
        topic.publish([trace_within(CAUSE), trace_within(SECOND)])
    segments = [one for one in packets if one["name"] == "function"]
    assert len(segments) == 2
    for segment in segments:
        (call,) = segment["subsegments"]
        (exception,) = call["cause"]["exceptions"]
        assert (call["error"], segment["error"], segment["cause"]) == (True, True, exception["id"])


def test_an_exception_is_recorded_once_with_its_stack(packets: Packets) -> None:
    with pytest.raises(ValueError, match="no"), call_of("## handler", namespace=""), call_of("DynamoDB"):
        raise ValueError("no" + 5_000 * "!")
    outer = packets[0]
    (inner,) = outer["subsegments"]
    (exception,) = inner["cause"]["exceptions"]
    assert outer["fault"] is inner["fault"] is True
    assert outer["cause"] == exception["id"]
    assert exception["type"] == "ValueError"
    assert exception["message"].startswith("no!")
    assert len(exception["message"]) == 1_000
    frame = exception["stack"][0]
    assert (frame["path"], frame["label"]) == ("test_spans.py", "test_an_exception_is_recorded_once_with_its_stack")


def test_a_call_of_another_service_is_recorded(packets: Packets) -> None:
    told("socket", "AWS::ApiGatewayV2::Connection", 2.0, CAUSE.header, device="d1")
    (segment,) = packets
    assert (segment["trace_id"], segment["parent_id"], segment["start_time"]) == (OTHER, "1" * 16, 2.0)
    assert (segment["origin"], segment["annotations"]) == ("AWS::ApiGatewayV2::Connection", {"device": "d1"})


class Queue:
    """A client whose calls are answered in this process; it records the trace header that it would have sent."""

    def __init__(self) -> None:
        once = Config(retries={"total_max_attempts": 1})
        keys = {"aws_access_key_id": "-", "aws_secret_access_key": "-", "region_name": "us-east-1"}
        self.client: Any = traced(boto3.client("sqs", config=once, **keys))  # type: ignore[call-overload]
        self.client.meta.events.register("before-send.sqs", self._answer)
        self.status, self.trace = 200, ""

    def _answer(self, request: Any, **_: Any) -> Any:
        self.trace = request.headers["X-Amzn-Trace-Id"].decode()
        answer: Any = AWSResponse(request.url, self.status, HTTPHeaders(), None)
        answer._content = b"{}" if self.status == 200 else b'{"__type": "Refused", "message": "not so"}'
        return answer

    def ask(self) -> None:
        self.client.get_queue_attributes(QueueUrl="https://sqs/1/q")


def test_a_client_call_is_a_span_that_continues_the_trace(packets: Packets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "function")
    queue = Queue()
    queue.ask()
    (call,) = packets
    assert (call["name"], call["namespace"]) == ("sqs", "aws")
    known = {"operation": "GetQueueAttributes", "region": "us-east-1", "queue_url": "https://sqs/1/q"}
    assert call["aws"] == known
    assert queue.trace == f"Root={ROOT};Parent={call['id']};Sampled=1"
    # When the trace is not sampled, botocore itself passes that on to the service.
    monkeypatch.setenv(VARIABLE, HEADER.replace("Sampled=1", "Sampled=0"))
    queue.ask()
    assert (len(packets), queue.trace) == (1, HEADER.replace("Sampled=1", "Sampled=0"))


@pytest.mark.parametrize(
    ("status", "flags"),
    [(400, {"error"}), (499, {"error"}), (500, {"fault"}), (429, {"error", "throttle"}), (501, {"fault"})],
)
def test_a_refusal_is_an_error_of_the_caller(packets: Packets, status: int, flags: set[str]) -> None:
    queue = Queue()
    queue.status = status
    with pytest.raises(ClientError):
        queue.ask()
    (call,) = packets
    assert {name for name in ("error", "fault", "throttle") if call.get(name)} == flags
    assert call["http"] == {"response": {"status": status}}


def test_a_deep_stack_is_cut_after_ten_frames(packets: Packets) -> None:
    def deeper(left: int) -> None:
        if not left:
            raise ValueError("deep")
        deeper(left - 1)

    with pytest.raises(ValueError, match="deep"), call_of("DynamoDB"):
        deeper(20)
    (exception,) = packets[0]["cause"]["exceptions"]
    assert [frame["label"] for frame in exception["stack"]] == [
        "test_a_deep_stack_is_cut_after_ten_frames",
        *["deeper"] * 9,
    ]
    assert all(frame["line"] > 0 for frame in exception["stack"])


def test_an_exception_in_two_traces_is_told_in_full_in_each(packets: Packets) -> None:
    error = ValueError("no")
    first, second, again = (spans.Span(root, SEGMENT, {"name": "a"}) for root in (ROOT, OTHER, ROOT))
    for span in (first, second, again):
        span.note(error)
        span.close()
    told_first, told_second, told_again = (one["cause"] for one in packets)
    assert told_first["exceptions"][0]["message"] == told_second["exceptions"][0]["message"] == "no"
    assert told_again == told_first["exceptions"][0]["id"]
    assert len(told_again) == 16


@pytest.mark.parametrize("refusal", [AttributeError, TypeError])
def test_an_exception_that_takes_no_attributes_is_recorded_too(packets: Packets, refusal: type[Exception]) -> None:
    class Closed(Exception):
        def __setattr__(self, name: str, value: object) -> None:
            raise refusal(name)

    span = spans.Span(ROOT, SEGMENT, {"name": "a"})
    span.note(Closed("no"))
    span.close()
    assert packets[0]["cause"]["exceptions"][0]["type"] == "Closed"


@pytest.mark.parametrize("response", [None, "text", {}, {"ResponseMetadata": None}, {"ResponseMetadata": {}}])
def test_an_error_without_aws_status_is_a_fault(packets: Packets, response: object) -> None:
    error = RuntimeError("down")
    error.response = response  # type: ignore[attr-defined]
    span = spans.Span(ROOT, SEGMENT, {"name": "a"})
    span.note(error)
    span.close()
    assert packets[0]["fault"] is True
    assert not {"error", "throttle", "http"} & set(packets[0])


def test_a_cancelled_call_is_closed_without_a_fault(packets: Packets) -> None:
    with pytest.raises(KeyboardInterrupt), call_of("DynamoDB"):
        raise KeyboardInterrupt
    assert not {"fault", "error", "cause"} & set(packets[0])


def test_a_span_that_ends_after_its_parent_is_sent_by_itself(packets: Packets) -> None:
    parent = spans.Span(ROOT, SEGMENT, {"name": "parent"})
    late = spans.Span(ROOT, parent, {"name": "late"})
    parent.close(7.0)
    late.close()
    assert names(packets) == [["parent"], ["late"]]
    assert packets[0]["end_time"] == 7.0
    assert packets[1]["parent_id"] == parent.id


def test_up_to_twenty_subsegments_wait_for_their_parents_end(packets: Packets) -> None:
    parent = spans.Span(ROOT, SEGMENT, {"name": "parent"})
    child = spans.Span(ROOT, parent, {"name": "child"})
    for _ in range(MOST - 2):
        spans.Span(ROOT, child, {"name": "grandchild"}).close()
    child.close()
    spans.Span(ROOT, parent, {"name": "child"}).close()
    assert not packets
    spans.Span(ROOT, parent, {"name": "child"}).close()
    assert [one["name"] for one in packets] == ["child"] * 3
    for _ in range(MOST):
        spans.Span(ROOT, parent, {"name": "later"}).close()
    assert len(packets) == 3
    parent.close()
    assert names(packets)[3:] == [["parent", *["later"] * MOST]]
