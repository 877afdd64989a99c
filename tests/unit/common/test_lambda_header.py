"""The header of an invocation's trace is parsed once, and that of the next invocation is noticed."""

from __future__ import annotations

import pytest
from aws_xray_sdk.core.context import Context
from aws_xray_sdk.core.lambda_launcher import LambdaContext
from aws_xray_sdk.core.models.trace_header import TraceHeader

from services.common.lambda_header import VARIABLE, read_when_changed

FIRST, SECOND = "1-6b04b32c-964a663396e0d4d9a13e8113", "1-6b04b32c-964a663396e0d4d9a13e8114"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The headers that the SDK parses."""
    found: list[str] = []
    parse = TraceHeader.from_header_str

    def counted(header: str) -> TraceHeader:
        found.append(header)
        return parse(header)

    monkeypatch.setattr(TraceHeader, "from_header_str", counted)
    monkeypatch.delenv(VARIABLE, raising=False)
    return found


def test_each_invocation_has_its_own_segment_and_one_look_at_the_header(
    parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = LambdaContext()
    read_when_changed(context)
    for root in (FIRST, SECOND):
        monkeypatch.setenv(VARIABLE, f"Root={root};Parent=6da5da66d4d1cb88;Sampled=1")
        assert {context.get_trace_entity().trace_id for _ in range(5)} == {root}
    assert len(parsed) == 2


def test_a_segment_that_was_put_there_stays_while_the_header_names_its_trace(
    parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = LambdaContext()
    read_when_changed(context)
    monkeypatch.setenv(VARIABLE, f"Root={FIRST};Parent=6da5da66d4d1cb88;Sampled=1")
    own = context.get_trace_entity()
    context.set_trace_entity(own)
    assert context.get_trace_entity() is own
    monkeypatch.setenv(VARIABLE, f"Root={FIRST}0;Parent=6da5da66d4d1cb88;Sampled=1")
    assert context.get_trace_entity() is not own
    assert len(parsed) == 2


def test_without_a_header_it_is_as_the_sdk_has_it(parsed: list[str]) -> None:
    context = LambdaContext()
    read_when_changed(context)
    assert context.get_trace_entity() is context.get_trace_entity()
    assert len(parsed) == 2


def test_another_context_stays_as_it_is() -> None:
    context = Context()
    read_when_changed(context)
    assert "_refresh_context" not in vars(context)
