"""Transient errors of AWS's APIs: clients get 503 (try again) instead of 500.

Sources: Amazon DynamoDB Developer Guide, "Error handling with DynamoDB" (OK to retry); Amazon DynamoDB API Reference,
``TransactWriteItems`` (reasons of a cancelled transaction); AWS SDKs and Tools Reference Guide, "Retry behavior".
"""

from __future__ import annotations

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from services.common.dynamo import cancellation_codes
from services.common.errors import Unavailable

_PASSING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
#: Of the items of a transaction; ``None`` means that this one had no objection.
_PASSING_REASONS = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


def unavailable(error: BaseException) -> Unavailable | None:
    """The 503 for a transient ``error``; ``None`` for all others."""
    return Unavailable("A service that this needs is busy or unreachable. Try again.") if passes(error) else None


def passes(error: BaseException) -> bool:
    """Whether the same call may succeed a moment later: throttled, in conflict, failed at AWS, or without a
    response."""
    if isinstance(error, HTTPClientError | NoConnection):  # no connection, no answer in time
        return True
    if not isinstance(error, ClientError):
        return False
    if reasons := cancellation_codes(error):
        return set(reasons) <= _PASSING_REASONS
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"]["Code"] in _PASSING or status >= 500
