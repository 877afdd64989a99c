"""Where each kind of event carries its trace header."""

from __future__ import annotations

from typing import Any

import pytest

from emulation.emulator.trace_headers import of_event

HEADER = "Root=1-6b04b32c-964a663396e0d4d9a13e8113;Parent=6da5da66d4d1cb88;Sampled=1"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"headers": {"X-Amzn-Trace-Id": HEADER}}, HEADER),
        ({"Records": [{"attributes": {"AWSTraceHeader": HEADER}}, {}]}, None),
        ({"headers": {"x-amzn-trace-id": "nonsense"}}, None),
        ({"headers": None}, None),
        ({"Records": []}, None),
        ({"Records": [{"dynamodb": {}}]}, None),
        ("text", None),
    ],
)
def test_the_header_is_read_only_from_events_of_http(event: Any, expected: str | None) -> None:
    assert of_event(event) == expected
