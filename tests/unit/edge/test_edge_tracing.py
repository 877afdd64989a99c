"""A viewer's header may start a trace; every other part of it is ignored."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import pytest

from emulation.edge.tracing import Tracer
from emulation.sampling import RESERVOIR_PER_SECOND

_PARENT = "0123456789abcdef"


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracer]:
    monkeypatch.setenv("EMULATION_TRACE_SHARE", "0")
    found = Tracer("127.0.0.1", 9)
    yield found
    found.close()


def _root(before: float = 0.0) -> str:
    return f"1-{int(time.time() - before):08x}-{secrets.token_hex(12)}"


def test_a_viewer_begins_the_trace(tracer: Tracer) -> None:
    root = _root()
    trace = tracer.start_for_viewer(f"Root={root};Parent={_PARENT}")
    assert trace is not None
    assert (trace.root, trace.parent) == (root, _PARENT)
    assert trace.header() == f"Root={root};Parent={trace.segment};Sampled=1".encode()


@pytest.mark.parametrize("flag", ["1", "0", "?", "1;Sampled=1"])
def test_a_viewer_does_not_decide_the_sampling(flag: str, tracer: Tracer) -> None:
    header = f"Root={_root()};Parent={_PARENT};Sampled={flag}"
    kept = [trace.sampled for _ in range(3 * RESERVOIR_PER_SECOND) if (trace := tracer.start_for_viewer(header))]
    assert kept[0]
    assert not kept[-1]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Sampled=1",
        "Root=x;Sampled=1",
        f"Root=1-ffffffff-{'a' * 24}",
        f"Root=1-00000000-{'a' * 24};Parent={_PARENT}",
        f"Root=1-6b04b32c-{'a' * 23}",
        f"Root=1-6b04b32c-{'A' * 24}",
        f"x=1;Root=1-6b04b32c-{'a' * 24}",
    ],
)
def test_an_invalid_or_old_trace_id_starts_no_trace(header: str, tracer: Tracer) -> None:
    assert tracer.start_for_viewer(header) is None


def test_trace_ids_older_than_five_minutes_are_refused(tracer: Tracer) -> None:
    assert tracer.start_for_viewer(f"Root={_root(before=299)}") is not None
    assert tracer.start_for_viewer(f"Root={_root(before=320)}") is None
    assert tracer.start_for_viewer(f"Root={_root(before=-320)}") is None
