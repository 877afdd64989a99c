"""Log events are stored in order, outside invocations, up to the limit of their group."""

from __future__ import annotations

import contextvars
from typing import Any

from emulation.emulator.log_events import LogEvents, Noted, Sizes


def _stream(*times: int) -> dict[str, Any]:
    last = times[-1] if times else None
    return {"events": [{"message": "m", "timestamp": one} for one in times], "lastEventTimestamp": last}


def test_noted_lines_are_stored_once_in_their_own_context() -> None:
    account = contextvars.ContextVar("account", default="")
    stored: list[tuple[str, str]] = []
    events = LogEvents(10, lambda noted: stored.append((account.get(), noted.group)), lambda: iter(()))
    for name in ("a", "b"):
        account.set(name)
        events.note(Noted(contextvars.copy_context(), f"group-{name}", "stream", ["line"], 1))
    events.flush()
    events.flush()
    assert stored == [("a", "group-a"), ("b", "group-b")]


def test_a_group_keeps_its_newest_events() -> None:
    streams = {"old": _stream(1, 2), "empty": _stream(), "middle": _stream(*range(3, 13)), "new": _stream(20, 21)}
    groups = [{"streams": streams}]
    LogEvents(5, lambda _: None, lambda: iter(groups)).trim()
    assert list(streams) == ["empty", "middle", "new"]
    assert [one["timestamp"] for one in streams["middle"]["events"]] == [10, 11, 12]
    assert streams["middle"]["firstEventTimestamp"] == 10


def test_a_small_excess_of_log_events_is_not_trimmed() -> None:
    streams = {"one": _stream(*range(11))}
    LogEvents(10, lambda _: None, lambda: iter([{"streams": streams}])).trim()
    assert len(streams["one"]["events"]) == 11


def test_sizes_follow_growing_shrinking_and_removed_lists() -> None:
    sizes, events = Sizes(), [{"message": "12345"}]
    for expected in (5, 8, 3, 0):
        assert sizes.of(events) == expected
        sizes.keep_what_was_asked()
        if expected == 5:
            events.append({"message": "678"})
        else:
            del events[:1]
