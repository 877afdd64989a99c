"""Keeps the running workers equal to the deployed mappings."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from emulation.aws.client import AwsClient, AwsError
from emulation.pump.checkpoints import CheckpointStore
from emulation.pump.events import Source
from emulation.pump.filters import PatternError, compile_criteria
from emulation.pump.semantics import Policy
from emulation.pump.shard import ShardWorker
from emulation.pump.takeover import Takeover
from emulation.pump.wake import Wake

log = logging.getLogger("emulation.pump")

LOOK_SECONDS = 1.0
#: Shards change only by resharding.
SHARDS_SECONDS = 15.0
KEEP_CHECKPOINTS_SECONDS = 86_400.0
#: Properties of a mapping whose change restarts its workers.
_RULES = (
    "EventSourceArn", "FunctionArn", "BatchSize", "MaximumBatchingWindowInSeconds", "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError", "FunctionResponseTypes", "ParallelizationFactor",
    "DestinationConfig", "FilterCriteria", "StartingPosition",
)  # fmt: skip


@dataclass
class PumpedMapping:
    """A mapping and its workers, by shard."""

    mapping: dict[str, Any]
    rules: str
    workers: dict[str, ShardWorker] = field(default_factory=dict)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    shards_due: float = 0.0
    problem: str = ""


@dataclass
class Supervisor:
    """Reads the deployed mappings every second; ``mappings`` are the active ones."""

    client: AwsClient
    wake: Wake
    checkpoints: CheckpointStore
    takeover: Takeover
    mappings: dict[str, PumpedMapping] = field(default_factory=dict)
    problem: str = "not looked yet"

    async def run(self) -> None:
        """Compare mappings with workers until cancelled; then stop all workers."""
        try:
            while True:
                try:
                    await self.look()
                    self.problem = ""
                except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                    self.problem = f"{type(error).__name__}: {error}"
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for identifier in list(self.mappings):
                await self._stop(identifier)

    async def look(self) -> None:
        """One comparison of what is deployed with what runs."""
        deployed = {
            mapping["UUID"]: mapping
            for mapping in await self.takeover.pumped(await self.client.mappings())
            if Source(mapping["EventSourceArn"]).service in ("dynamodb", "kinesis")
        }
        for identifier in list(self.mappings):
            if identifier not in deployed or self.mappings[identifier].rules != _rules(deployed[identifier]):
                await self._stop(identifier)
        for identifier, mapping in deployed.items():
            pumped = self.mappings.setdefault(identifier, PumpedMapping(mapping, _rules(mapping)))
            await self._follow_shards(identifier, pumped)
        used = {worker.key for pumped in self.mappings.values() for worker in pumped.workers.values()}
        self.checkpoints.forget_unused(used, time.time() - KEEP_CHECKPOINTS_SECONDS)

    async def _follow_shards(self, identifier: str, pumped: PumpedMapping) -> None:
        self._reap(pumped)
        if time.monotonic() < pumped.shards_due:
            return
        source = Source(pumped.mapping["EventSourceArn"])
        try:
            shard_ids = await self.client.shard_ids(source.arn)
            role = await self.client.function_role(pumped.mapping["FunctionArn"])
            passes = compile_criteria(pumped.mapping.get("FilterCriteria"))
        except (AwsError, PatternError) as error:
            pumped.problem = str(error)
            return
        pumped.problem = ""
        pumped.shards_due = time.monotonic() + SHARDS_SECONDS
        for shard_id in shard_ids:
            if shard_id in pumped.tasks:
                continue
            worker = ShardWorker(
                key=f"{identifier}|{source.arn}|{shard_id}", source=source, shard_id=shard_id,
                mapping=pumped.mapping, policy=Policy.of_mapping(pumped.mapping), passes=passes,
                client=self.client, wake=self.wake, checkpoints=self.checkpoints, role_arn=role,
            )  # fmt: skip
            pumped.workers[shard_id] = worker
            pumped.tasks[shard_id] = asyncio.create_task(worker.run(), name=worker.key)
            log.info("pumping %s %s to %s", source.name, shard_id, pumped.mapping["FunctionArn"])

    def _reap(self, pumped: PumpedMapping) -> None:
        """Restart a worker that died of an error of ours, from its checkpoint."""
        for shard_id, task in list(pumped.tasks.items()):
            if task.done() and not task.cancelled() and task.exception() is not None:
                log.error("worker %s failed", task.get_name(), exc_info=task.exception())
                del pumped.tasks[shard_id], pumped.workers[shard_id]
                pumped.shards_due = 0.0

    async def _stop(self, identifier: str) -> None:
        pumped = self.mappings.pop(identifier)
        for task in pumped.tasks.values():
            task.cancel()
        await asyncio.gather(*pumped.tasks.values(), return_exceptions=True)
        self.checkpoints.try_flush()
        log.info("stopped pumping %s", pumped.mapping["FunctionArn"])

    def describe(self) -> list[dict[str, Any]]:
        """Per mapping: function, source and what each shard is at."""
        return [
            {
                "mapping": identifier,
                "function": pumped.mapping["FunctionArn"].split(":function:")[-1],
                "source": pumped.mapping["EventSourceArn"],
                "problem": pumped.problem or None,
                "shards": [worker.describe() for worker in pumped.workers.values()],
            }
            for identifier, pumped in self.mappings.items()
        ]


def _rules(mapping: dict[str, Any]) -> str:
    return json.dumps({name: mapping.get(name) for name in _RULES}, sort_keys=True, default=str)
