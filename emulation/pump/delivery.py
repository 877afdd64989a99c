"""Carries out decisions of ``semantics``: invoke, retry, split, send to the on-failure destination."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import aiohttp

from emulation.aws.client import AwsError
from emulation.aws.outcome import Outcome
from emulation.pump.events import Source, invocation_record
from emulation.pump.semantics import Batch, Discard, Policy, Record, backoff_seconds, decide, expire

log = logging.getLogger("emulation.pump")

#: Tries to reach the on-failure destination before the note is only logged, as AWS drops it with a metric.
DESTINATION_TRIES = 8


class Counters(Protocol):
    processed: int
    discarded: int
    failures: int
    last_error: str


class Invoker(Protocol):
    """The two calls that a delivery makes."""

    async def invoke(self, function_arn: str, event: dict[str, Any]) -> Outcome: ...

    async def deliver(self, arn: str, message: str) -> None: ...


class Delivery:
    """Processes the batches of one lane in order. ``finish`` is called once for each record."""

    def __init__(
        self, client: Invoker, source: Source, shard_id: str, function_arn: str, policy: Policy,
        finish: Callable[[tuple[Record, ...]], None], counters: Counters,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._client = client
        self._source = source
        self._shard_id = shard_id
        self._function_arn = function_arn
        self._policy = policy
        self._finish = finish
        self._counters = counters
        self._sleep = sleep
        self._now = now

    async def deliver(self, records: tuple[Record, ...]) -> None:
        """Return when every record was processed or given up; order is kept."""
        todo = deque([Batch(records)])
        while todo:
            discard, batch = expire(todo.popleft(), self._policy, self._now())
            if discard is not None:
                await self._give_up(discard, None)
            if batch is None:
                continue
            event = {"Records": [record.event for record in batch.records]}
            outcome = await self._client.invoke(self._function_arn, event)
            decision = decide(batch, outcome, self._policy)
            self._count(outcome, failed=bool(decision.again or decision.discard))
            if decision.done:
                self._counters.processed += len(decision.done)
                self._finish(decision.done)
            if decision.discard is not None:
                await self._give_up(decision.discard, outcome)
            todo.extendleft(reversed(decision.again))
            if decision.delay_attempt:
                await self._sleep(backoff_seconds(decision.delay_attempt))

    def _count(self, outcome: Outcome, failed: bool) -> None:
        if not failed:
            return
        self._counters.failures += 1
        reason = "not started" if not outcome.started else outcome.error or "batchItemFailures"
        told = "" if outcome.payload is None else f": {json.dumps(outcome.payload)[:300]}"
        self._counters.last_error = f"{reason}{told}"
        log.warning("%s %s: %s", self._function_arn.rpartition(":")[2], self._shard_id, self._counters.last_error)

    async def _give_up(self, discard: Discard, outcome: Outcome | None) -> None:
        records = discard.batch.records
        if self._policy.on_failure_arn is not None:
            note = invocation_record(discard, outcome, self._source, self._shard_id, self._function_arn, self._now())
            await self._leave_note(self._policy.on_failure_arn, json.dumps(note))
        log.error("gave up %d record(s) of %s: %s", len(records), self._source.name, discard.condition)
        self._counters.discarded += len(records)
        self._finish(records)

    async def _leave_note(self, arn: str, note: str) -> None:
        for attempt in range(1, DESTINATION_TRIES + 1):
            try:
                await self._client.deliver(arn, note)
                return
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                log.error("on-failure destination %s: %s", arn, error)
                await self._sleep(backoff_seconds(attempt))
        log.error("on-failure note dropped: %s", note)
