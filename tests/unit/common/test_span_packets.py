"""Subsegments leave together, with the SDK's own recorder and entities."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core.lambda_launcher import LambdaContext
from aws_xray_sdk.core.recorder import AWSXRayRecorder

from services.common import tracing
from services.common.span_packets import MOST, Together

ROOT = "1-5759e988-bd862e3fe1be46a994272793"


@functools.cache
def _sdk() -> AWSXRayRecorder:
    """One for all tests, configured for each: to make one loads the descriptions of AWS's APIs."""
    return AWSXRayRecorder()


class Recorder:
    """As in Lambda: its segment is Lambda's own, and never sent from here."""

    def __init__(self) -> None:
        self.sdk = _sdk()
        self.sdk.configure(context=LambdaContext(), emitter=self, streaming=Together(), sampling=False)
        self.packets: list[dict[str, Any]] = []

    def send_entity(self, entity: Any) -> None:
        self.packets.append(json.loads(entity.serialize()))

    def names(self) -> list[list[str]]:
        return [list(_names(one)) for one in self.packets]


def _names(entity: dict[str, Any]) -> Iterator[str]:
    yield entity["name"]
    for child in entity.get("subsegments") or []:
        yield from _names(child)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1")
    before = global_sdk_config.sdk_enabled()
    global_sdk_config.set_sdk_enabled(True)
    yield Recorder()
    global_sdk_config.set_sdk_enabled(before)


def test_those_of_an_invocation_are_one_packet(recorder: Recorder) -> None:
    for number in (1, 2):
        with recorder.sdk.in_subsegment("## handler"):
            with recorder.sdk.in_subsegment("DynamoDB"), recorder.sdk.in_subsegment("inner"):
                pass
            with recorder.sdk.in_subsegment("SQS"):
                pass
            assert len(recorder.packets) == number - 1
    assert recorder.names() == [["## handler", "DynamoDB", "inner", "SQS"]] * 2
    assert {one["trace_id"] for one in recorder.packets} == {ROOT}
    assert recorder.packets[0]["id"] != recorder.packets[1]["id"]


def test_many_do_not_wait_for_the_end(recorder: Recorder) -> None:
    with recorder.sdk.in_subsegment("## handler"):
        for _ in range(3 * MOST):
            with recorder.sdk.in_subsegment("DynamoDB"):
                pass
        assert len(recorder.packets) > 2 * MOST
    sent = [name for packet in recorder.names() for name in packet]
    assert sorted(sent) == sorted(["## handler", *["DynamoDB"] * 3 * MOST])
    assert max(map(len, recorder.names())) <= MOST + 1


def test_what_is_not_sampled_is_not_sent(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0")
    with recorder.sdk.in_subsegment("## handler"):
        pass
    assert not recorder.packets


@pytest.mark.parametrize(("sampled", "names"), [("1", [["## handler", "dynamodb"]]), ("0", [])])
def test_a_call_is_recorded_where_its_trace_is_sampled(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder, sampled: str, names: list[list[str]]
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled={sampled}")
    monkeypatch.setattr(tracing, "tracer", SimpleNamespace(disabled=False, provider=recorder.sdk))
    with recorder.sdk.in_subsegment("## handler"), tracing.call_of("dynamodb") as span:
        assert (span is not None) == bool(names)
        if span is not None:
            span.set_aws({"operation": "Query"})
    assert recorder.names() == names
