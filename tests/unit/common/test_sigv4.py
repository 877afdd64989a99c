"""Our signature equals botocore's, character by character."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from services.common.sigv4 import signed

AT = 1_780_000_000.0
MOMENT = "20260528T202640Z"


class _AtThatMoment(SigV4Auth):
    def add_auth(self, request: Any) -> None:
        request.context["timestamp"] = MOMENT
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


@pytest.mark.parametrize("token", [None, "a/long+token=="])
@pytest.mark.parametrize(
    ("path", "body"),
    [("/", b"{}"), ("/prod/@connections/L0SM9cOFvHcCIhw%3D", "こんにちは".encode()), ("/a b/~c", b"")],
)
def test_signatures_equal_those_of_botocore(token: str | None, path: str, body: bytes) -> None:
    credentials = ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", token)
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.Query  of  spaces"}
    usual = AWSRequest("POST", f"https://dynamodb.eu-west-1.amazonaws.com{path}", headers=dict(headers), data=body)
    _AtThatMoment(credentials, "dynamodb", "eu-west-1").add_auth(usual)
    ours = signed(credentials, "eu-west-1", "dynamodb", "dynamodb.eu-west-1.amazonaws.com", path, headers, body, AT)
    assert ours["x-amz-date"] == MOMENT
    assert ours.get("x-amz-security-token") == token
    assert ours["authorization"] == usual.headers["Authorization"]
