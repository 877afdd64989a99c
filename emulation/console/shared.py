"""What a page reads from another server, shared by all tabs that show the page.

One read at a time, kept for a second. While the next one is slow, what was read last is given at once, with its age.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from typing import Any, Final, NamedTuple

#: Seconds for which an answer is given again without another read.
FRESH: Final = 1.0
#: Seconds to wait for a read when an earlier answer is kept.
PATIENCE: Final = 0.1
#: Seconds after which an earlier answer is not given any more.
OLDEST: Final = 60.0


class Answer(NamedTuple):
    """``age``: seconds since its read began; ``None`` when no newer one is being read."""

    value: Any
    age: float | None


class _Kept(NamedTuple):
    value: Any
    begun: float
    ended: float
    oldest: float


class Shared:
    """Safe to use from several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic, patience: float | None = None) -> None:
        self._now = now
        self._patience = PATIENCE if patience is None else patience
        self._lock = threading.Lock()
        self._kept: dict[Hashable, _Kept] = {}
        self._reading: dict[Hashable, Future[Any]] = {}

    def of(
        self, name: Hashable, read: Callable[[], Any], *, newest: bool = False, oldest: float = OLDEST,
        patience: float | None = None,
    ) -> Answer:  # fmt: skip
        """What ``read`` returns, or returned up to ``oldest`` seconds before. ``newest``: wait for a read.

        Raises:
            Exception: what ``read`` raises; nothing that was read before is given then.
        """
        with self._lock:
            kept = self._kept.get(name)
            now = self._now()
            if kept and now - kept.ended < FRESH:
                return Answer(kept.value, None)
            reading = self._reading.get(name) or self._begin(name, read, oldest)
        if newest or kept is None or now - kept.ended > oldest:
            return Answer(reading.result(), None)
        wait((reading,), self._patience if patience is None else patience)
        return Answer(reading.result(), None) if reading.done() else Answer(kept.value, self._now() - kept.begun)

    def has(self, name: Hashable) -> bool:
        """Whether it was read, or is being read."""
        with self._lock:
            return name in self._kept or name in self._reading

    def forget(self) -> None:
        """Something was changed: the next answers are read after it."""
        with self._lock:
            self._kept.clear()
            self._reading.clear()

    def _begin(self, name: Hashable, read: Callable[[], Any], oldest: float) -> Future[Any]:
        future: Future[Any] = Future()
        self._reading[name] = future
        given = name, read, oldest, future
        threading.Thread(target=self._read, args=given, name=f"read {name}", daemon=True).start()
        return future

    def _read(self, name: Hashable, read: Callable[[], Any], oldest: float, future: Future[Any]) -> None:
        begun = self._now()
        try:
            value = read()
        except Exception as error:
            self._end(name, future, None)
            future.set_exception(error)
        else:
            self._end(name, future, _Kept(value, begun, self._now(), oldest))
            future.set_result(value)

    def _end(self, name: Hashable, future: Future[Any], kept: _Kept | None) -> None:
        with self._lock:
            if self._reading.get(name) is not future:
                return  # It was forgotten meanwhile.
            del self._reading[name]
            self._kept.pop(name, None)
            now = self._now()
            self._kept = {key: one for key, one in self._kept.items() if now - one.ended <= one.oldest}
            if kept:
                self._kept[name] = kept
