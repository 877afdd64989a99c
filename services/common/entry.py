"""Lambda entry points: HTTP through Mangum with idempotent commands; batches with partial failures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)
from fastapi import FastAPI
from mangum import Mangum

from services.common import deadletters
from services.common.errors import AccountSuspended, AppError, BadRequest, FieldError, InProgress, Unprocessable
from services.common.http import PROBLEM
from services.common.limits import LimitReached, admit_request
from services.common.observability import logger, tracer
from services.common.settings import settings
from services.common.sockets import Replies, SocketActions
from services.common.streams import Change, change_of

Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]
_KEY_LIMIT = 64
_KEPT_SECONDS = 24 * 3600
#: With less left than this no record of a batch is begun: a push may wait five seconds for its host.
_RECORD_MILLISECONDS = 6_000


class _ServerError(Exception):
    """Carries a 5xx answer past the idempotency record, which must not keep it."""

    def __init__(self, answer: Event) -> None:
        super().__init__(answer["statusCode"])
        self.answer = answer


def http_handler(app: FastAPI) -> Handler:
    """The handler of an HTTP function.

    A command with an ``Idempotency-Key`` acts once for the caller, route and key; a retry gets the first answer
    (24 h), the same key with another body 422, a retry while the first still runs 409. Answers of 5xx are not kept.
    Before all that it is counted (``limits``): 429 when there were too many, 403 for a suspended person; the headers of
    the count are on every answer to a counted request.
    """
    mangum = Mangum(app, lifespan="off", text_mime_types=["text/", "application/json", PROBLEM])

    def handle(event: Event, context: Any) -> Any:
        request = event["requestContext"]["http"]
        key = event.get("headers", {}).get("idempotency-key")
        # One line per request: the access log of the function, and the emulator waits 50 ms for a silent one.
        logger.info("request", extra={"method": request["method"], "path": event["rawPath"]})
        _have_event_loop()
        try:
            admission = admit_request(_caller(event), request["method"], event["rawPath"]) if _caller(event) else None
        except LimitReached as refusal:
            return _problem(refusal, refusal.headers())
        except AccountSuspended as refusal:
            return _problem(refusal)
        answer = run(event, context, key)
        if admission is not None:
            answer["headers"] = {**answer.get("headers", {}), **admission.headers()}
        return answer

    def run(event: Event, context: Any, key: str | None) -> Event:
        if key is None or event["requestContext"]["http"]["method"] == "GET":
            answer: Event = mangum(event, context)
            return answer
        if not 0 < len(key) <= _KEY_LIMIT:
            fault = FieldError("Idempotency-Key", f"1 to {_KEY_LIMIT} characters", f"{len(key)} characters")
            return _problem(BadRequest("The idempotency key is too long or empty.", fault))
        return _once(mangum, event, context, key)

    return traced(handle)


def _caller(event: Event) -> str:
    """User id by the token's claims; empty on open routes."""
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    return str(claims.get("sub") or "")


def _have_event_loop() -> None:
    """Mangum takes the thread's current event loop; where there is none, newer Pythons no longer make one."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


def http_and_socket_handler(app: FastAPI, actions: SocketActions, replies: Callable[[], Replies]) -> Handler:
    """The handler of a function that both the HTTP API and the WebSocket API call, told apart by the event's shape."""
    http = http_handler(app)

    def handle(event: Event, context: Any) -> Any:
        if "http" in event["requestContext"]:
            return http(event, context)
        return actions.dispatch(event, replies())

    return traced(handle)


def _once(mangum: Mangum, event: Event, context: Any, key: str) -> Event:
    command = {
        "caller": _caller(event),
        "method": event["requestContext"]["http"]["method"],
        "path": event["rawPath"],
        "key": key,
        "body": event.get("body") or "",
    }
    config = IdempotencyConfig(
        event_key_jmespath="[caller, method, path, key]",
        payload_validation_jmespath="body",
        expires_after_seconds=_KEPT_SECONDS,
        raise_on_no_idempotency_key=True,
        lambda_context=context,
    )

    @idempotent_function(data_keyword_argument="command", persistence_store=_store(), config=config)  # type: ignore[untyped-decorator]
    def run(*, command: Event) -> Event:
        answer: Event = mangum(event, context)
        if answer["statusCode"] >= 500:
            raise _ServerError(answer)
        return answer

    try:
        result: Event = run(command=command)
    except _ServerError as error:
        return error.answer
    except IdempotencyAlreadyInProgressError:
        return _problem(InProgress("A command with this Idempotency-Key is still running."))
    except IdempotencyValidationError:
        return _problem(Unprocessable("This Idempotency-Key was used with another body."))
    return result


@cache
def _store() -> DynamoDBPersistenceLayer:
    return DynamoDBPersistenceLayer(
        table_name=settings().require("table_idempotency"),
        key_attr="pk",
        sort_key_attr="sk",
        static_pk_value="IDEMPOTENCY",
        expiry_attr="ttl",
    )


def _problem(error: AppError, headers: Mapping[str, str] | None = None) -> Event:
    return {
        "statusCode": error.status,
        "headers": {"content-type": PROBLEM, **(headers or {})},
        "body": json.dumps(error.to_problem()),
        "isBase64Encoded": False,
    }


_KINDS = {
    "sqs": EventType.SQS,
    "dynamodb": EventType.DynamoDBStreams,
    "kinesis": EventType.KinesisDataStreams,
}


class OutOfTime(Exception):
    """A function that runs out of time is ended without a word, and its whole batch comes again: so it stops before."""


def batch_handler(kind: str, record_handler: Callable[[Mapping[str, Any]], None]) -> Handler:
    """A consumer of SQS (``sqs``), DynamoDB Streams (``dynamodb``) or Kinesis (``kinesis``).

    ``record_handler`` gets the raw record, and must be idempotent; a record that it raises on is reported in
    ``batchItemFailures`` and alone is retried (for streams: it and what follows it; of a queue: until it is given up,
    see ``deadletters``). A slow batch stops in time: what was done is done, the rest comes again.
    """
    processor = BatchProcessor(event_type=_KINDS[kind], raise_on_entire_batch_failure=False)

    def unwrap(record: Any) -> None:
        try:
            if processor.lambda_context.get_remaining_time_in_millis() < _RECORD_MILLISECONDS:
                raise OutOfTime("the batch took the function's time; this record was not begun")
            record_handler(record.raw_event)
        except Exception as error:
            if kind == "sqs" and deadletters.settle(record.raw_event, error):
                return
            raise

    def handle(event: Event, context: Any) -> Any:
        logger.info("batch", extra={"source": kind, "records": len(event["Records"])})
        answer = process_partial_response(event=event, record_handler=unwrap, processor=processor, context=context)
        if answer["batchItemFailures"]:
            reasons = [repr(error)[:300] for _, error, _ in processor.exceptions[:3]]
            logger.error("records failed", extra={"failed": len(answer["batchItemFailures"]), "reasons": reasons})
        return answer

    return traced(handle)


def whole_batch_handler(kind: str, run: Callable[[Sequence[Mapping[str, Any]]], Sequence[str]]) -> Handler:
    """A consumer that wants the records of a batch together, for example to serve them in parallel.

    ``run`` returns the identifiers (``_IDENTIFIERS``) of the records that failed; raising fails the whole batch.
    """

    def handle(event: Event, _: Any) -> Any:
        logger.info("batch", extra={"source": kind, "records": len(event["Records"])})
        failed = run(event["Records"])
        return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}

    return traced(handle)


def ordered_handler(
    kind: str, record_handler: Callable[[Mapping[str, Any]], None], key: Callable[[Mapping[str, Any]], str]
) -> Handler:
    """A stream consumer that keeps the order per ``key``.

    After a record that raises, those of the same key wait for its retry; all others go on, so that one bad record
    neither holds them up nor takes them along when it is given up.
    """

    def run(records: Sequence[Mapping[str, Any]]) -> list[str]:
        failed: list[str] = []
        stopped: set[str] = set()
        for record in records:
            if key(record) in stopped:
                failed.append(_identifier(kind, record))
                continue
            try:
                record_handler(record)
            except Exception as error:
                logger.exception("a record failed", exc_info=error)
                stopped.add(key(record))
                failed.append(_identifier(kind, record))
        return failed

    return whole_batch_handler(kind, run)


def change_handler(project: Callable[[Sequence[Change]], None]) -> Handler:
    """A consumer of a DynamoDB stream that takes a batch at once, so that it can fold many changes into few writes.

    ``project`` must be idempotent and must not depend on order: when the whole batch fails, it is called again record
    by record, and only those that fail by themselves are reported.
    """

    def run(records: Sequence[Mapping[str, Any]]) -> list[str]:
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


_IDENTIFIERS = {
    "sqs": lambda record: record["messageId"],
    "dynamodb": lambda record: record["dynamodb"]["SequenceNumber"],
    "kinesis": lambda record: record["kinesis"]["sequenceNumber"],
}


def _identifier(kind: str, record: Mapping[str, Any]) -> str:
    """What ``batchItemFailures`` calls a record of this source."""
    return str(_IDENTIFIERS[kind](record))


def traced(handle: Handler) -> Handler:
    """``handle`` inside an X-Ray subsegment."""
    wrapped: Handler = tracer.capture_lambda_handler(handle, capture_response=False)
    return wrapped
