"""Signature Version 4: the verifier accepts botocore's signatures, and nothing else."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.emulator.signatures import Pinned, is_signed_by, parse_authorization, pinned, seconds_of
from emulation.signature import Credentials as Keys
from emulation.signature import CredentialScope, canonical_query, signature, signed_headers

KEYS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
HOST = "127.0.0.1:4566"
PATHS = st.text(st.sampled_from("abz019-_.~%/ :+@üあ"), max_size=20).map(lambda path: f"/x{path}")
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
BODIES = st.binary(max_size=200)
#: Our client never requests a path with empty or dot segments.
SEGMENTS = st.text(st.sampled_from("abz09-_.~"), min_size=1, max_size=6).filter(lambda one: one.strip("."))


def test_the_signature_equals_the_example_of_aws() -> None:
    """The example of "Create a signed AWS API request": ``GET /?Action=ListUsers&Version=2010-05-08`` of 2015-08-30."""
    lines = "content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n"
    lines += "x-amz-date:20150830T123600Z\n"
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    query = canonical_query("Version=2010-05-08&Action=ListUsers")
    canonical = f"GET\n/\n{query}\n{lines}\ncontent-type;host;x-amz-date\n{empty}"
    found = signature(
        KEYS.secret_access_key, CredentialScope("20150830", "us-east-1", "iam"), "20150830T123600Z", canonical
    )
    assert found == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


def by_botocore(service: str, path: str, value: str, body: bytes) -> list[tuple[bytes, bytes]]:
    sent = {"Host": HOST, "X-Amz-Target": value}
    request = AWSRequest("POST", f"http://{HOST}{path}", data=body, headers=sent)
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    kind(Credentials(*KEYS), service, "us-east-1").add_auth(request)
    return [(name.lower().encode(), str(one).encode()) for name, one in request.headers.items()]


def asked(headers: list[tuple[bytes, bytes]], path: str, body: bytes) -> Pinned | None:
    request = pinned("POST", path, {}, headers)
    if request is not None:
        request.body = body
    return request


def holds(headers: list[tuple[bytes, bytes]], path: str, body: bytes, secret: str = KEYS.secret_access_key) -> bool:
    request = asked(headers, path, body)
    return request is not None and is_signed_by(request, secret, time.time())


@settings(max_examples=60, deadline=None)
@given(service=st.sampled_from(["dynamodb", "lambda", "s3"]), path=PATHS, value=VALUES, body=BODIES)
def test_signatures_of_botocore_are_valid_and_any_change_is_not(
    service: str, path: str, value: str, body: bytes
) -> None:
    sent = quote(path, safe="/~%:@+" if service == "s3" else "/~%")
    headers = by_botocore(service, sent, value, body)
    plain = not any(part in sent + "/" for part in ("//", "/./", "/../"))
    if service == "s3" or plain:
        assert holds(headers, sent, body) or not plain
    assert not holds(headers, sent, body + b"x")
    assert not holds(headers, f"{sent}y", body)
    assert not holds(headers, sent, body, "wrong")
    for changed in (b"host", b"x-amz-target", b"x-amz-date"):
        other = [(name, b"20260101T000000Z" if name == changed else one) for name, one in headers]
        assert not holds(other, sent, body), changed


@settings(max_examples=30, deadline=None)
@given(path=st.lists(SEGMENTS, max_size=4), query=VALUES, body=BODIES)
def test_our_own_client_signs_as_botocore_does(path: list[str], query: str, body: bytes) -> None:
    target = f"/{'/'.join(path)}?{quote(query, safe='')}=1&a"
    ours = signed_headers(KEYS, "us-east-1", "iam", "PUT", HOST, target, body)
    headers = {"Host": HOST, "x-amz-content-sha256": ours["x-amz-content-sha256"]}
    request = AWSRequest("PUT", f"http://{HOST}{target}", data=body, headers=headers)
    request.context["timestamp"] = ours["x-amz-date"]
    signer: Any = SigV4Auth(Credentials(*KEYS), "iam", "us-east-1")
    request.headers["X-Amz-Date"] = ours["x-amz-date"]
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert ours["authorization"].endswith(f"Signature={expected}")


@pytest.mark.parametrize(
    "prefix",
    [
        "", "Bearer x", "AWS4-HMAC-SHA256 junk",
        "AWS4-HMAC-SHA256 Credential=k/20260101/r/s/other, SignedHeaders=host, Signature=",
        "AWS4-HMAC-SHA256 Credential=k/2026/r/s/aws4_request, SignedHeaders=host, Signature=",
        "AWS4-HMAC-SHA256 Credential=k/20260101/r/s/aws4_request, Signature=",
    ],
)  # fmt: skip
def test_another_authorization_is_left_to_ministack(prefix: str) -> None:
    assert parse_authorization(prefix) is None
    assert pinned("GET", "/", {}, [(b"authorization", prefix.encode() + b"0" * 64)]) is None


def test_unusual_requests_are_left_to_ministack() -> None:
    headers = by_botocore("dynamodb", "/", "x", b"")
    assert pinned("POST", "/", {}, headers) is not None
    assert pinned("POST", "/", {"Action": ["x"]}, headers) is None
    assert pinned("POST", "/", {}, [*headers, headers[0]]) is None
    assert pinned("POST", "/a/../b", {}, headers) is None


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_signature_of_another_time_does_not_hold(minutes: int) -> None:
    request = asked(by_botocore("dynamodb", "/", "x", b""), "/", b"")
    assert request is not None
    assert is_signed_by(request, KEYS.secret_access_key, time.time())
    assert not is_signed_by(request, KEYS.secret_access_key, time.time() + 60 * minutes)


@pytest.mark.parametrize(("date", "seconds"), [("20150830T123600Z", 1440938160), ("20151330T123600Z", 0), ("x", 0)])
def test_dates_of_signatures_are_read_as_utc(date: str, seconds: int) -> None:
    assert seconds_of(date) == seconds


def test_the_host_is_signed() -> None:
    headers = dict(by_botocore("dynamodb", "/", "x", b""))
    without = headers[b"authorization"].replace(b"host;", b"")
    request = asked([*(headers | {b"authorization": without}).items()], "/", b"")
    assert request is not None
    assert not is_signed_by(request, KEYS.secret_access_key, time.time())
