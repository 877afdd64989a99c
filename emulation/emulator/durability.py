"""When to take a snapshot: after requests that may have changed something, and of what."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulation.emulator.integrity import JOURNAL_NAME
from emulation.emulator.journal import Journal
from emulation.emulator.mailbox import STATE_NAME as MAILBOX
from emulation.emulator.snapshot import Encoding, SnapshotStore, StateGetter, fork_and_take, take
from emulation.emulator.streams import STATE_NAME as STREAMS

log = logging.getLogger("emulation.emulator")

_READ_OPERATIONS = (
    "Get", "List", "Describe", "Query", "Scan", "BatchGet", "Head", "Lookup", "Filter", "Validate", "TransactGet",
)  # fmt: skip
#: The journal has these before they are acknowledged.
_ITEM_OPERATIONS = frozenset({
    "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
    "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction",
})  # fmt: skip
#: While it forks the emulator answers nobody: milliseconds on an idle machine, half a second where processors are
#: scarce. It then forks so much less often that it spends a fiftieth of its time on it, but every second: what was
#: acknowledged two seconds before a kill is there.
_REST, _LONGEST_REST = 50.0, 1.0
#: Tables are written whole when the journal has grown to this, or to the size of what was last written.
_JOURNAL_BYTES = 4_000_000
TABLES = frozenset({"dynamodb", STREAMS})
#: Credential scope of a request -> state files its requests may change. A service not listed may change all.
_TOUCHES: dict[str, frozenset[str]] = {
    "dynamodb": TABLES,
    "sqs": frozenset({"sqs"}),
    "sns": frozenset({"sns", "sqs"}),
    "kinesis": frozenset({"kinesis"}),
    "cognito-idp": frozenset({"cognito", MAILBOX}),
    "s3": frozenset({"s3", "sqs", "sns"}),
    "monitoring": frozenset({"cloudwatch", "sns", "sqs"}),  # an alarm may publish
    "logs": frozenset({"cloudwatch_logs"}),
    "execute-api": frozenset(),  # frames to open sockets
}
#: Written seldom: big, always changing, and no loss when the last minute of them is missing.
SLOW = frozenset({"cloudwatch_logs", "cloudwatch"})
SLOW_SECONDS = 60.0
ALL = "*"


def touched_services(method: str, path: str, headers: list[tuple[bytes, bytes]]) -> frozenset[str]:
    """State files that a request may have changed: empty for a read, ``{"*"}`` when it cannot be told."""
    if method in ("GET", "HEAD", "OPTIONS") and not path.startswith("/v2/email"):
        return frozenset()
    target = scope = ""
    for name, value in headers:
        if name == b"x-amz-target":
            target = value.decode("latin-1")
        elif name == b"authorization":
            scope = _credential_scope(value.decode("latin-1"))
    version, _, operation = target.rpartition(".")
    if version.startswith("DynamoDBStreams") or (version.startswith("DynamoDB_") and operation in _ITEM_OPERATIONS):
        return frozenset()
    if operation.startswith(_READ_OPERATIONS):
        return frozenset()
    if path.startswith("/_aws/execute-api/") or path.endswith("/invocations"):
        return frozenset()  # what the function itself changes comes as requests of its own
    if not scope and target.startswith("AWSCognito"):
        scope = "cognito-idp"
    return _TOUCHES.get(scope, frozenset({ALL}))


def _credential_scope(authorization: str) -> str:
    """``dynamodb`` of ``AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/dynamodb/aws4_request, ...``."""
    _, found, rest = authorization.partition("Credential=")
    parts = rest.partition(",")[0].split("/")
    return parts[3] if found and len(parts) >= 5 else ""


@dataclass
class Durability:
    """Takes snapshots while anything changes; idle, it only looks at a dictionary."""

    store: SnapshotStore
    encoding: Encoding
    journal: Journal
    getters: Callable[[], dict[str, StateGetter]]
    busy: Callable[[], bool]
    period: float
    #: service -> snapshots still to take. Two, because an answer may precede the work behind it (S3 -> SQS).
    dirty: dict[str, int] = field(default_factory=dict)
    snapshots: int = 0
    last: dict[str, Any] = field(default_factory=dict)
    last_error: str = ""
    _slow_due: float = 0.0
    _fork_seconds: float = 0.0
    _tables_bytes: int = 0

    def touch(self, services: frozenset[str]) -> None:
        for service in services:
            self.dirty[service] = 2

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            started = time.monotonic()
            try:
                await self._once()
            except (OSError, ValueError) as error:
                self.last_error = f"{type(error).__name__}: {error}"
                log.error("snapshot failed: %s", self.last_error)
            taken = time.monotonic() - started
            await asyncio.sleep(max(0.05, self.period - taken, min(_REST * self._fork_seconds, _LONGEST_REST)))

    def _due(self) -> dict[str, StateGetter]:
        if self.busy():
            # The emulator itself takes messages from queues for Lambda, without any request.
            self.dirty["sqs"] = 2
        self.journal.flush()
        if self.journal.size > max(_JOURNAL_BYTES, self._tables_bytes):
            self.touch(TABLES)
        if not self.dirty:
            return {}
        wanted, every = set(self.dirty), ALL in self.dirty
        for service in list(self.dirty):
            self.dirty[service] -= 1
            if not self.dirty[service]:
                del self.dirty[service]
        slow = time.monotonic() >= self._slow_due
        if slow and (every or wanted & SLOW):
            self._slow_due = time.monotonic() + SLOW_SECONDS
        return {
            name: getter
            for name, getter in self.getters().items()
            if (every or name in wanted) and (slow or name not in SLOW)
        }

    async def _once(self) -> None:
        due = self._due()
        if not due:
            return
        if self.store.forget_if_files_are_gone():
            log.error("files of the newest snapshot are gone; all is written again")
            due = self.getters()
        journal = self._follow_with_new_journal(due)
        pid, pipe, fork_seconds = fork_and_take(self.store, self.encoding, due)
        report = json.loads(await asyncio.to_thread(_collect, pid, pipe) or b"{}")
        if "checksums" not in report:
            self.touch(frozenset(due))
            raise ValueError(report.get("error", "the snapshot child ended without a report"))
        self.store.checksums = report.pop("checksums")
        self._completed(report["errors"], journal)
        self.snapshots += 1
        self._fork_seconds = fork_seconds
        self.last = {**report, "fork_milliseconds": round(fork_seconds * 1000, 1), "at": time.time()}

    def _follow_with_new_journal(self, due: dict[str, StateGetter]) -> int | None:
        """The number of the journal that follows, when the tables are in this snapshot."""
        if "dynamodb" not in due:
            return None
        due[STREAMS] = self.getters()[STREAMS]  # the journal has both, so both are written with its end
        number = self.journal.rotate()
        due[JOURNAL_NAME] = lambda: {"first": number}
        return number

    def _completed(self, errors: list[str], journal: int | None) -> None:
        self.last_error = "; ".join(errors)
        if errors:
            log.error("snapshot incomplete: %s", self.last_error)
        elif journal is not None:
            # The generation before can still be gone back to, so its journals stay.
            self.journal.drop_before(self.store.oldest_journal() or journal)
            self._tables_bytes = sum(
                path.stat().st_size for name in TABLES if (path := self.store.current / f"{name}.json").exists()
            )

    def final(self) -> None:
        """The last picture, of everything, in this process."""
        due = self.getters()
        self.store.forget_if_files_are_gone()
        journal = self._follow_with_new_journal(due)
        self._completed(take(self.store, self.encoding, due).errors, journal)


def _collect(pid: int, pipe: int) -> bytes:
    with os.fdopen(pipe, "rb") as stream:
        report = stream.read()
    os.waitpid(pid, 0)
    return report
