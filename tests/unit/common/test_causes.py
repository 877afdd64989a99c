"""Which trace the work of a moment belongs to, and which header it passes on."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from services.common import spans, tracing
from services.common.tracing import (
    Cause,
    call_of,
    cause_of_client,
    caused_by,
    continued,
    current,
    from_call,
    only,
    share_of,
    shared,
    told,
)

NOW = 0x6B04B32C
OWN = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
CLIENTS = f"Root=1-{NOW:x}-964a663396e0d4d9a13e8113;Parent=6da5da66d4d1cb88"
ONE = Cause("Root=1-5759e988-000000000000000000000001;Parent=1111111111111111;Sampled=1")
TWO = Cause("Root=1-5759e988-000000000000000000000002;Parent=2222222222222222;Sampled=1")
UNSAMPLED = Cause(ONE.header.replace("Sampled=1", "Sampled=0"))


@pytest.fixture(autouse=True)
def packets(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The documents that a sampled invocation sends."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(spans, "send", lambda packet: found.append(json.loads(packet.partition(b"\n")[2])))
    monkeypatch.setattr(tracing, "_is_recording", True)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", OWN)
    return found


@pytest.mark.parametrize("seconds", [-300, 0, 300])
@pytest.mark.parametrize("sampled", ["", ";Sampled=0", ";Sampled=1"])
def test_a_client_names_a_trace_that_began_just_now(
    monkeypatch: pytest.MonkeyPatch, seconds: int, sampled: str
) -> None:
    monkeypatch.setattr(tracing, "time", SimpleNamespace(time=lambda: NOW + seconds))
    assert cause_of_client(CLIENTS + sampled) == Cause(f"{CLIENTS};Sampled=1"), "sampling is decided here"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(CLIENTS, 301), (CLIENTS, -301), (None, 0), (7, 0), ("", 0), (f"{CLIENTS};more", 0), (f" {CLIENTS}", 0)],
)
def test_a_client_names_no_older_trace_and_no_other_text(
    monkeypatch: pytest.MonkeyPatch, text: object, seconds: int
) -> None:
    monkeypatch.setattr(tracing, "time", SimpleNamespace(time=lambda: NOW + seconds))
    assert cause_of_client(text) is None


def test_a_client_starts_no_trace_where_nothing_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "time", SimpleNamespace(time=lambda: NOW))
    monkeypatch.setenv("_X_AMZN_TRACE_ID", OWN.replace("Sampled=1", "Sampled=0"))
    assert cause_of_client(CLIENTS) is None


@pytest.mark.parametrize(
    ("causes", "found"),
    [
        ([ONE], ONE),
        ([ONE, ONE._replace(tries=2)], ONE),
        ([], None),
        ([None, ONE], None),
        ([ONE, None], None),
        ([ONE, TWO], None),
    ],
)
def test_records_have_one_cause_if_all_have_the_same(causes: list[Cause | None], found: Cause | None) -> None:
    assert only(iter(causes)) == found


def test_work_without_a_sampled_cause_stays_in_the_trace_of_the_invocation(packets: list[dict[str, Any]]) -> None:
    for cause in (None, UNSAMPLED):
        with continued(cause), shared([cause]), caused_by(""):
            assert current() == OWN
    assert packets == []


def test_a_cause_has_one_segment_however_often_it_is_named(packets: list[dict[str, Any]]) -> None:
    with continued(ONE):
        inside = current()
        with continued(ONE), shared([ONE]), caused_by(ONE.header):
            assert current() == inside == share_of(ONE.header)
    assert [one["name"] for one in packets] == ["function"]
    assert current() == OWN


def test_a_segment_follows_its_cause_and_names_the_function_and_its_own_trace(
    monkeypatch: pytest.MonkeyPatch, packets: list[dict[str, Any]]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "indexer")
    before = time.time()
    with continued(ONE):
        pass
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    with continued(ONE):
        pass
    segment, without = packets
    assert (segment["name"], segment["parent_id"], segment["origin"]) == ("indexer", "1" * 16, "AWS::Lambda::Function")
    assert before <= segment["start_time"] <= segment["end_time"]
    assert segment["annotations"] == {"invocation": OWN[5:40]}
    assert "annotations" not in without, "there is no other trace"


def test_a_call_passes_itself_on() -> None:
    with call_of("dynamodb") as span:
        assert span is not None
        assert current() == f"{OWN[:40]};Parent={span.id};Sampled=1"


def test_a_wait_ends_when_the_work_begins_even_if_the_clocks_differ(
    monkeypatch: pytest.MonkeyPatch, packets: list[dict[str, Any]]
) -> None:
    for since in (NOW - 5.0, NOW + 5.0):
        with monkeypatch.context() as patch:
            patch.setattr(tracing, "time", SimpleNamespace(time=lambda: float(NOW)))
            with continued(ONE._replace(carrier="queue", origin="AWS::SQS::Queue", since=since)):
                pass
    waits = [one for one in packets if one["name"] == "queue"]
    assert [(one["start_time"], one["end_time"]) for one in waits] == [(NOW - 5.0, NOW), (NOW, NOW)]
    assert {one["origin"] for one in waits} == {"AWS::SQS::Queue"}
    assert [one["parent_id"] for one in packets if one["name"] == "function"] == [one["id"] for one in waits]
    assert all(one["id"] for one in waits)
    assert not any("annotations" in one for one in waits), "they were received once"


def test_each_cause_of_a_batch_passes_its_own_segment_on(packets: list[dict[str, Any]]) -> None:
    with shared([ONE, TWO, None]):
        shares = [share_of(one.header) for one in (ONE, TWO)]
        for cause, share in zip((ONE, TWO), shares, strict=True):
            with caused_by(cause.header):
                assert current() == share
        assert current() == OWN
        assert share_of(CLIENTS) == CLIENTS, "it is not of this batch"
    ids = {one["trace_id"]: one["id"] for one in packets}
    assert shares == [f"{one.header[:40]};Parent={ids[one.header[5:40]]};Sampled=1" for one in (ONE, TWO)]
    assert [share_of(one.header) for one in (ONE, TWO)] == [ONE.header, TWO.header]


def test_a_header_continues_from_a_call_of_its_own_trace() -> None:
    assert from_call(ONE.header) == ONE.header
    with continued(ONE), call_of("dynamodb"):
        assert from_call(ONE.header) == current() != ONE.header
        assert from_call(TWO.header) == TWO.header


def test_outside_lambda_a_cause_is_passed_on_and_nothing_is_recorded(
    monkeypatch: pytest.MonkeyPatch, packets: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(tracing, "_is_recording", False)
    with continued(ONE), shared([TWO]):
        assert current() == ONE.header
    told("socket", "origin", 1.0, ONE.header)
    assert (current(), packets) == ("", [])


def test_work_of_another_service_has_its_name(packets: list[dict[str, Any]]) -> None:
    told("socket", "origin", 1.0, ONE.header)
    assert [one["name"] for one in packets] == ["socket"]


def test_work_of_another_service_without_a_trace_is_not_recorded(packets: list[dict[str, Any]]) -> None:
    told("socket", "origin", 1.0, "Root=x")
    assert packets == []
