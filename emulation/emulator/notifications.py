"""S3 delivers its notifications before it answers.

MiniStack starts a thread for them, which a kill could end after the answer. Delivery is an append to a queue, or a
record of an invocation; its effects still run after the response.
"""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams


def deliver_before_the_answer() -> None:
    """Replace the function that starts the thread."""
    s3 = seams.module("services.s3")

    def deliver(bucket_name: str, key: str, event_name: str, *more: Any, **named: Any) -> None:
        if bucket_name in s3._bucket_notifications:
            named["sequencer"] = s3._next_event_sequencer(event_name)
            s3._fire_s3_event(bucket_name, key, event_name, *more, **named)

    s3._fire_s3_event_async = deliver
