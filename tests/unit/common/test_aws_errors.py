"""Transient errors of AWS become 503 with Retry-After; all others remain internal errors."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError, ReadTimeoutError
from fastapi.testclient import TestClient

from services.common.aws_errors import _PASSING_REASONS, passes, unavailable
from services.common.http import Router, create_app


def client_error(code: str, status: int = 400, *reasons: str) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    if reasons:
        answer["CancellationReasons"] = [{"Code": one} for one in reasons]
    return ClientError(answer, "PutItem")


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (client_error("ProvisionedThroughputExceededException"), True),
        (client_error("ThrottlingException"), True),
        (client_error("InternalServerError", 500), True),
        (client_error("SlowDown", 503), True),
        (client_error("TransactionCanceledException", 400, "None", "TransactionConflict"), True),
        (client_error("TransactionCanceledException", 400, *sorted(_PASSING_REASONS)), True),
        (client_error("TransactionCanceledException", 400, "TransactionConflict", "ConditionalCheckFailed"), False),
        (client_error("TransactionCanceledException"), False),
        (client_error("ValidationException"), False),
        (client_error("AccessDeniedException"), False),
        (ReadTimeoutError(endpoint_url="x"), True),
        (EndpointConnectionError(endpoint_url="x"), True),
        (ParamValidationError(report="x"), False),
        (RuntimeError("ours"), False),
    ],
    ids=str,
)
def test_which_errors_are_transient(error: Exception, passing: bool) -> None:
    assert passes(error) is passing


def test_a_transient_error_becomes_a_503_that_says_to_try_again() -> None:
    found = unavailable(client_error("SlowDown", 503))
    assert found is not None
    assert found.to_problem()["detail"].endswith("Try again.")
    assert unavailable(client_error("ValidationException")) is None


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (client_error("ProvisionedThroughputExceededException"), 503, "unavailable"),
        (client_error("ValidationException"), 500, "about:blank"),
    ],
)
def test_aws_errors_are_answered_by_kind_without_their_text(error: Exception, status: int, kind: str) -> None:
    router = Router()

    @router.get("/it")
    async def it() -> None:
        raise error

    answer = TestClient(create_app("test", router), raise_server_exceptions=False).get("/it")
    assert (answer.status_code, answer.json()["type"]) == (status, kind)
    assert str(error) not in answer.text
