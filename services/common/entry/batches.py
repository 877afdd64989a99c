"""Consumers of queues and streams: records that fail are reported alone, the others of their batch are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from services.common import deadletters
from services.common.carriers import cause_of, projecting
from services.common.entry.functions import Event, Handler
from services.common.observability import logger, note, observed
from services.common.settings import QueueSettings
from services.common.streams import Change, change_of
from services.common.tracing import continued, shared

Record = Mapping[str, Any]
#: With less left than this no record of a batch is begun: a push may wait five seconds for its host.
_RECORD_MILLISECONDS = 6_000
_REASONS = 3
#: Source → what ``batchItemFailures`` calls its records.
_IDENTIFIERS: dict[str, Callable[[Record], Any]] = {
    "sqs": lambda record: record["messageId"],
    "dynamodb": lambda record: record["dynamodb"]["SequenceNumber"],
    "kinesis": lambda record: record["kinesis"]["sequenceNumber"],
}


class OutOfTime(Exception):
    """Lambda ends a function that times out, and delivers its whole batch again: so the function stops before that."""


def queue_handler(record_handler: Callable[[Record], None], settings: QueueSettings) -> Handler:
    """A consumer of an SQS queue.

    ``record_handler`` gets the raw record, and must be idempotent; a record that it raises on is reported in
    ``batchItemFailures`` and alone is retried until it is given up (see ``deadletters``). A slow batch stops in time:
    finished records are done, the others are delivered again.
    """
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def unwrap(record: Any) -> None:
        try:
            if processor.lambda_context.get_remaining_time_in_millis() < _RECORD_MILLISECONDS:
                raise OutOfTime("the batch took the function's time; this record was not begun")
            with continued(cause_of(record.raw_event)):
                record_handler(record.raw_event)
        except Exception as error:
            if not deadletters.settle(record.raw_event, error, settings):
                raise

    def handle(event: Event, context: Any) -> Any:
        _note_source("sqs", event)
        answer = process_partial_response(event=event, record_handler=unwrap, processor=processor, context=context)
        if answer["batchItemFailures"]:
            note(reasons=[repr(error)[:300] for _, error, _ in processor.exceptions[:_REASONS]])
        note(failed=len(answer["batchItemFailures"]))
        return answer

    return observed(handle)


def whole_batch_handler(kind: str, run: Callable[[Sequence[Record]], Sequence[str]]) -> Handler:
    """A consumer of DynamoDB Streams (``dynamodb``) or Kinesis (``kinesis``) that wants the records of a batch
    together, for example to serve them in parallel.

    ``run`` returns the identifiers (``_IDENTIFIERS``) of the records that failed; raising fails the whole batch.
    """

    def run_shared(records: Sequence[Record]) -> Sequence[str]:
        with shared(map(cause_of, records)):
            return run(records)

    return _batch_handler(kind, run_shared)


def _batch_handler(kind: str, run: Callable[[Sequence[Record]], Sequence[str]]) -> Handler:
    def handle(event: Event, _: Any) -> Any:
        _note_source(kind, event)
        with projecting() if kind == "dynamodb" else nullcontext():
            failed = run(event["Records"])
        note(failed=len(failed))
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    return observed(handle)


def ordered_handler(kind: str, record_handler: Callable[[Record], None], key: Callable[[Record], str]) -> Handler:
    """A stream consumer that keeps the order per ``key``.

    After a record that raises, those of the same key wait for its retry; all others go on, so that one bad record
    neither delays them nor is dead-lettered with them.
    """

    def run(records: Sequence[Record]) -> list[str]:
        failed: list[str] = []
        stopped: set[str] = set()
        for record in records:
            if key(record) in stopped:
                failed.append(_identifier(kind, record))
                continue
            try:
                with continued(cause_of(record)):
                    record_handler(record)
            except Exception as error:
                logger.exception("a record failed", exc_info=error)
                stopped.add(key(record))
                failed.append(_identifier(kind, record))
        return failed

    return _batch_handler(kind, run)


def change_handler(project: Callable[[Sequence[Change]], None]) -> Handler:
    """A consumer of a DynamoDB stream that takes a batch at once, so that it can fold many changes into few writes.

    ``project`` must be idempotent and must not depend on order: when the whole batch fails, it is called again record
    by record, and only the failing records are reported.
    """

    def run(records: Sequence[Record]) -> list[str]:
        changes = [change_of(record) for record in records]
        try:
            project(changes)
        except Exception as error:
            logger.warning("batch failed, now record by record", exc_info=error)
        else:
            return []
        return [
            _identifier("dynamodb", record)
            for record, change in zip(records, changes, strict=True)
            if not _succeeds(project, change)
        ]

    return whole_batch_handler("dynamodb", run)


def _succeeds(project: Callable[[Sequence[Change]], None], change: Change) -> bool:
    try:
        project([change])
    except Exception as error:
        logger.exception("a record failed", extra={"event_id": change.event_id}, exc_info=error)
        return False
    return True


def _identifier(kind: str, record: Record) -> str:
    return str(_IDENTIFIERS[kind](record))


def _note_source(kind: str, event: Event) -> None:
    """``sqs asyncsns-due``, ``dynamodb asyncsns-posts``: the queue, table or stream that the records come from."""
    records = event["Records"]
    # arn:aws:sqs:<region>:<account>:<queue>, …:table/<table>/stream/<label>, …:stream/<stream>
    parts = str(records[0].get("eventSourceARN") or "").split(":", 5) if records else [""]
    path = parts[-1].split("/")
    note(operation=f"{kind} {path[1] if len(path) > 1 else path[0]}".strip(), records=len(records))
