"""Results of a gateway integration that invokes a function at another Lambda endpoint."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from emulation.emulator.elsewhere import _invoke, _publish


class Lambda:
    """Answers as the Lambda API would, or fails."""

    def __init__(self, payload: Any = None, function_error: str = "", fails: Exception | None = None) -> None:
        self._payload, self._error, self._fails = payload, function_error, fails
        self.asked: list[dict[str, Any]] = []

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self._fails:
            raise self._fails
        answer: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(self._payload).encode())}
        return answer | ({"FunctionError": self._error} if self._error else {})


def _refused(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "I")  # type: ignore[typeddict-item]


def test_an_answer_is_the_functions() -> None:
    there = Lambda({"statusCode": 200})
    assert _invoke(there, "arn:f", {"a": 1}) == {"body": {"statusCode": 200}, "log": ""}
    assert there.asked == [{"FunctionName": "arn:f", "Payload": '{"a": 1}'}]


def test_a_function_that_raised_is_an_error() -> None:
    answer = _invoke(Lambda({"errorType": "KeyError"}, "Unhandled"), "arn:f", {})
    assert answer["error"] is True
    assert answer["body"]["errorType"] == "KeyError"


def test_no_concurrency_left_is_a_throttle_and_not_a_failure_of_the_function() -> None:
    assert _invoke(Lambda(fails=_refused("TooManyRequestsException", 429)), "arn:f", {})["throttle"] is True
    assert "throttle" not in _invoke(Lambda(fails=_refused("ResourceNotFoundException", 404)), "arn:f", {})


def test_an_endpoint_that_does_not_answer_is_an_error() -> None:
    gone = Lambda(fails=EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    assert _invoke(gone, "arn:f", {})["body"]["errorType"] == "EndpointConnectionError"


class Topics:
    """The SNS API without this topic."""

    def publish(self, **asked: Any) -> None:
        raise _refused("NotFound", 404)


def test_a_topic_that_is_not_there_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        _publish(Topics(), "arn:aws:sns:us-east-1:000000000000:gone", "{}", "ALARM")
    assert "arn:aws:sns:us-east-1:000000000000:gone: the message of an alarm was not published" in caplog.text
