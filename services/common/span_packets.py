"""When the subsegments of an invocation are sent to the X-Ray daemon.

In Lambda the SDK sends each as a packet of its own as soon as it ends: a tenth of what a timeline read costs. Here
those of an invocation go together when its outermost one ends, or earlier when there are many: a packet holds 64 KB.
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

#: Some have a stack trace of several kilobytes.
MOST = 20


class Together:
    """A streaming strategy of the SDK: has what ``aws_xray_sdk``'s ``DefaultStreaming`` has."""

    #: The SDK sets and reads it; nothing here goes by it.
    streaming_threshold = 0

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def is_eligible(self, segment: Any) -> bool:
        if not segment or not segment.sampled:
            return False
        is_done = not any(one.in_progress for one in segment.subsegments)
        return is_done or segment.get_total_subsegments_size() > MOST

    def stream(self, entity: Any, callback: Callable[[Any], None]) -> None:
        """Hand each subtree that has ended to ``callback``, which sends it."""
        with self._lock:
            self._stream(entity, callback)

    def _stream(self, entity: Any, callback: Callable[[Any], None]) -> bool:
        """Whether the entity and all below it have ended; then it goes with what is above it."""
        children = list(entity.subsegments)
        ended = [child for child in children if self._stream(child, callback)]
        if len(ended) == len(children) and not entity.in_progress:
            return True
        for child in ended:
            callback(child)
            entity.remove_subsegment(child)
        return False
