"""Lambda's rules for a batch and its outcome. Pure: no clock, no network.

Sources: AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB", "Retain discarded records for a DynamoDB
event source in Lambda", "Configuring partial batch response with DynamoDB and Lambda".
Splitting a batch does not consume the retry quota; an invocation that never started (throttled) does not either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from emulation.aws.outcome import Outcome

UNLIMITED = -1


class Condition(StrEnum):
    """Why records were given up, as written to the on-failure destination."""

    RETRIES = "RetryAttemptsExhausted"
    AGE = "MaximumRecordAgeExceeded"


@dataclass(frozen=True)
class Policy:
    """The part of an event source mapping that rules processing; times in seconds, -1 is unlimited."""

    batch_size: int = 100
    window_seconds: float = 0.0
    max_retries: int = UNLIMITED
    max_age_seconds: float = UNLIMITED
    bisect: bool = False
    partial_responses: bool = False
    parallelization: int = 1
    on_failure_arn: str | None = None

    @classmethod
    def of_mapping(cls, mapping: dict[str, Any]) -> Policy:
        """Read a mapping as ``GetEventSourceMapping`` describes it; absent fields have AWS's defaults."""
        destination = (mapping.get("DestinationConfig") or {}).get("OnFailure") or {}
        return cls(
            batch_size=int(mapping.get("BatchSize") or 100),
            window_seconds=float(mapping.get("MaximumBatchingWindowInSeconds") or 0),
            max_retries=_limit(mapping.get("MaximumRetryAttempts")),
            max_age_seconds=_limit(mapping.get("MaximumRecordAgeInSeconds")),
            bisect=mapping.get("BisectBatchOnFunctionError") in (True, "true"),
            partial_responses="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []),
            parallelization=int(mapping.get("ParallelizationFactor") or 1),
            on_failure_arn=destination.get("Destination"),
        )


def _limit(value: Any) -> int:
    return UNLIMITED if value is None or int(value) < 0 else int(value)


@dataclass(frozen=True)
class Record:
    """One stream record: ``event`` is what the function gets, ``created`` its Unix time in seconds."""

    sequence: str
    key: str
    created: float
    event: dict[str, Any]
    size: int = 0


@dataclass(frozen=True)
class Batch:
    """Records to deliver together, and the results of earlier tries.

    ``attempts`` counts failed invocations against the retry quota, ``invocations`` all that had the first record.
    """

    records: tuple[Record, ...]
    attempts: int = 0
    invocations: int = 0

    @property
    def first(self) -> Record:
        return self.records[0]

    @property
    def last(self) -> Record:
        return self.records[-1]


@dataclass(frozen=True)
class Discard:
    """Records given up: they go to the on-failure destination, then count as processed."""

    batch: Batch
    condition: Condition


@dataclass(frozen=True)
class Decision:
    """``done`` records are finished, ``discard`` is given up, then the ``again`` batches follow in order."""

    done: tuple[Record, ...] = ()
    discard: Discard | None = None
    again: tuple[Batch, ...] = ()
    #: 0: at once (a split makes progress by itself); n: wait as before the n-th retry.
    delay_attempt: int = 0


def expire(batch: Batch, policy: Policy, now: float) -> tuple[Discard | None, Batch | None]:
    """Before each invocation: records beyond the maximum age are given up, younger ones stay."""
    if policy.max_age_seconds == UNLIMITED:
        return None, batch
    old = tuple(record for record in batch.records if now - record.created > policy.max_age_seconds)
    if not old:
        return None, batch
    young = tuple(record for record in batch.records if now - record.created <= policy.max_age_seconds)
    rest = replace(batch, records=young) if young else None
    return Discard(replace(batch, records=old), Condition.AGE), rest


def decide(batch: Batch, outcome: Outcome, policy: Policy) -> Decision:
    """The next step after one invocation of ``batch``."""
    if not outcome.started:
        return Decision(again=(batch,), delay_attempt=batch.attempts + 1)
    failed_at = first_failure(batch.records, outcome, policy)
    if failed_at is None:
        return Decision(done=batch.records)
    if failed_at > 0:
        # Progress: what is left starts again, its first record has failed once.
        rest = Batch(batch.records[failed_at:], attempts=1, invocations=1)
        return replace(_after_failure(rest, policy), done=batch.records[:failed_at])
    failed = replace(batch, attempts=batch.attempts + 1, invocations=batch.invocations + 1)
    return _after_failure(failed, policy)


def _after_failure(batch: Batch, policy: Policy) -> Decision:
    if policy.bisect and len(batch.records) > 1:
        middle = (len(batch.records) + 1) // 2
        unspent = replace(batch, attempts=batch.attempts - 1)
        halves = (batch.records[:middle], batch.records[middle:])
        return Decision(again=tuple(replace(unspent, records=half) for half in halves))
    if policy.max_retries != UNLIMITED and batch.attempts > policy.max_retries:
        return Decision(discard=Discard(batch, Condition.RETRIES))
    return Decision(again=(batch,), delay_attempt=batch.attempts)


def first_failure(records: Sequence[Record], outcome: Outcome, policy: Policy) -> int | None:
    """Index of the first record that was not processed; None when all were.

    With ReportBatchItemFailures: a null or empty response or list is success; an empty, null or unknown
    ``itemIdentifier``, a bad key name or a response of another shape is a failure of the whole batch.
    """
    if outcome.error is not None:
        return 0
    if not policy.partial_responses or outcome.payload in (None, {}):
        return None
    if not isinstance(outcome.payload, dict):
        return 0
    failures = outcome.payload.get("batchItemFailures")
    if failures in (None, []):
        return None
    return _lowest(records, failures) if isinstance(failures, list) else 0


def _lowest(records: Sequence[Record], failures: list[Any]) -> int:
    positions = {record.sequence: index for index, record in enumerate(records)}
    found = []
    for failure in failures:
        identifier = failure.get("itemIdentifier") if isinstance(failure, dict) else None
        if not isinstance(identifier, str) or identifier not in positions:
            return 0
        found.append(positions[identifier])
    return min(found)


def backoff_seconds(attempt: int) -> float:
    """Wait before the n-th retry: doubles from 0.1 s to 10 s (AWS does not document its own figures)."""
    return 0.0 if attempt <= 0 else float(min(10.0, 0.1 * 2 ** (min(attempt, 20) - 1)))
