"""Lambda's rules for stream batches, one case each."""

from __future__ import annotations

from typing import Any

import pytest

from emulation.pump.semantics import (
    UNLIMITED,
    Batch,
    Condition,
    Decision,
    Outcome,
    Policy,
    Record,
    backoff_seconds,
    decide,
    expire,
    first_failure,
)

RECORDS = tuple(Record(sequence=str(100 + n), key=f"k{n}", created=1000.0 + n, event={"n": n}) for n in range(5))
PARTIAL = Policy(partial_responses=True)


def failures(*sequences: Any) -> Outcome:
    return Outcome(payload={"batchItemFailures": [{"itemIdentifier": one} for one in sequences]})


@pytest.mark.parametrize(
    "payload", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, {"other": "field"}]
)
def test_null_and_empty_responses_are_success(payload: Any) -> None:
    assert first_failure(RECORDS, Outcome(payload=payload), PARTIAL) is None


@pytest.mark.parametrize(
    "payload",
    [
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"wrongKey": "102"}]},
        {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        {"batchItemFailures": ["102"]},
        {"batchItemFailures": "102"},
        {"batchItemFailures": 102},
        "text",
        "",
    ],
)
def test_invalid_responses_fail_the_whole_batch(payload: Any) -> None:
    assert first_failure(RECORDS, Outcome(payload=payload), PARTIAL) == 0


def test_the_lowest_failed_sequence_number_is_the_checkpoint() -> None:
    decision = decide(Batch(RECORDS), failures("104", "102", "103"), PARTIAL)
    assert decision.done == RECORDS[:2]
    assert [batch.records for batch in decision.again] == [RECORDS[2:]]


def test_records_after_a_partial_success_have_failed_once() -> None:
    """Earlier tries were of another first record, so they do not count against these records' retry quota."""
    decision = decide(Batch(RECORDS, attempts=2, invocations=3), failures("102"), PARTIAL)
    assert decision.again == (Batch(RECORDS[2:], attempts=1, invocations=1),)
    assert decision.delay_attempt == 1


def test_without_report_batch_item_failures_the_response_does_not_matter() -> None:
    assert decide(Batch(RECORDS), failures("100"), Policy()) == Decision(done=RECORDS)


def test_an_error_retries_the_whole_batch_until_the_quota_is_used() -> None:
    policy, batch = Policy(max_retries=2), Batch(RECORDS)
    for retry in (1, 2):
        decision = decide(batch, Outcome(error="Unhandled"), policy)
        assert (decision.done, decision.discard, decision.delay_attempt) == ((), None, retry)
        (batch,) = decision.again
    decision = decide(batch, Outcome(error="Unhandled"), policy)
    assert decision.discard is not None
    assert decision.discard.condition is Condition.RETRIES
    assert decision.discard.batch.records == RECORDS
    assert decision.discard.batch.invocations == 3


def test_unlimited_retries_never_give_up() -> None:
    decision = decide(Batch(RECORDS, attempts=10_000), Outcome(error="Unhandled"), Policy())
    assert decision.discard is None
    assert decision.again


def test_splitting_does_not_use_the_retry_quota() -> None:
    decision = decide(Batch(RECORDS), Outcome(error="Unhandled"), Policy(bisect=True, max_retries=0))
    assert [batch.records for batch in decision.again] == [RECORDS[:3], RECORDS[3:]]
    assert [batch.attempts for batch in decision.again] == [0, 0]
    assert decision.delay_attempt == 0


def test_a_single_record_is_discarded_instead_of_split() -> None:
    decision = decide(Batch(RECORDS[:1]), Outcome(error="Unhandled"), Policy(bisect=True, max_retries=0))
    assert decision.discard is not None


def test_a_partial_failure_with_bisect_splits_the_rest() -> None:
    decision = decide(Batch(RECORDS), failures("101"), Policy(bisect=True, partial_responses=True))
    assert decision.done == RECORDS[:1]
    assert [batch.records for batch in decision.again] == [RECORDS[1:3], RECORDS[3:]]


def test_throttling_does_not_count() -> None:
    decision = decide(Batch(RECORDS, attempts=0), Outcome(status=429, started=False), Policy(max_retries=0))
    assert decision.again == (Batch(RECORDS),)
    assert decision.delay_attempt == 1


def test_records_beyond_the_maximum_age_are_given_up_before_the_invocation() -> None:
    discard, rest = expire(Batch(RECORDS), Policy(max_age_seconds=60), now=1062.5)
    assert discard is not None
    assert (discard.condition, discard.batch.records) == (Condition.AGE, RECORDS[:3])
    assert rest is not None
    assert rest.records == RECORDS[3:]


def test_policy_is_read_from_a_mapping() -> None:
    policy = Policy.of_mapping(
        {
            "BatchSize": 10, "MaximumBatchingWindowInSeconds": 2, "MaximumRetryAttempts": 3,
            "MaximumRecordAgeInSeconds": -1, "BisectBatchOnFunctionError": True, "ParallelizationFactor": 4,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:0:dead"}},
        }
    )  # fmt: skip
    assert policy == Policy(10, 2.0, 3, -1, True, True, 4, "arn:aws:sqs:us-east-1:0:dead")
    assert Policy.of_mapping({}) == Policy() == Policy(100, 0.0, UNLIMITED, UNLIMITED, False, False, 1, None)


@pytest.mark.parametrize(
    ("field", "value", "policy"),
    [
        ("MaximumRecordAgeInSeconds", 60, Policy(max_age_seconds=60)),
        ("MaximumRetryAttempts", 0, Policy(max_retries=0)),
        ("MaximumRetryAttempts", 1, Policy(max_retries=1)),
        ("MaximumRetryAttempts", -1, Policy()),
        ("BisectBatchOnFunctionError", "true", Policy(bisect=True)),
        ("BisectBatchOnFunctionError", False, Policy()),
        ("FunctionResponseTypes", [], Policy()),
        ("DestinationConfig", {"OnFailure": {}}, Policy()),
        ("DestinationConfig", {}, Policy()),
    ],
)
def test_each_field_of_a_mapping_sets_its_part_of_the_policy(field: str, value: Any, policy: Policy) -> None:
    assert Policy.of_mapping({field: value}) == policy


def test_backoff_grows_to_a_limit() -> None:
    assert [backoff_seconds(n) for n in (0, 1, 2, 3)] == [0.0, 0.1, 0.2, 0.4]
    assert backoff_seconds(10_000) == 10.0
