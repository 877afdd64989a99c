"""S3 of LocalStack by links and forms, which are signed with keys of users and of sessions of roles.

Runs where ``.asyncsns/venv-localstack`` exists (``make install EMULATOR=localstack``); otherwise it is skipped.
Sources: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)" and
"Authenticating Requests: Browser-Based Uploads Using POST (AWS Signature Version 4)".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from tests.support.localstack_process import LocalStack

pytestmark = pytest.mark.skipif(
    not LocalStack.is_installed(), reason="LocalStack is not installed: make install EMULATOR=localstack"
)
BUCKET, KEY, CONTENT = "uploads", "uploads/someone/1", b"content"


@pytest.fixture(scope="module")
def localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    process = LocalStack(tmp_path_factory.mktemp("localstack"))
    try:
        yield process.start()
    finally:
        process.stop()


@pytest.fixture(scope="module")
def signers(localstack: LocalStack) -> dict[str, Any]:
    """S3 clients: of the root user, of a user, of a role's session, and with a key that nobody has."""
    localstack.client("s3").create_bucket(Bucket=BUCKET)
    iam = localstack.client("iam")
    iam.create_user(UserName="signer")
    user = iam.create_access_key(UserName="signer")["AccessKey"]
    role = iam.create_role(RoleName="signer", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    session = localstack.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    keys = {
        "root": DEFAULT_CREDENTIALS.for_boto3(),
        "user": {"aws_access_key_id": user["AccessKeyId"], "aws_secret_access_key": user["SecretAccessKey"]},
        "session": {
            "aws_access_key_id": session["AccessKeyId"], "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        },
        "nobody": {"aws_access_key_id": "LKIAQAAAAAAAGMKEM7X5", "aws_secret_access_key": "test"},
    }  # fmt: skip
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    return {
        name: boto3.client("s3", endpoint_url=localstack.url, region_name=REGION, config=config, **of_one)
        for name, of_one in keys.items()
    }


@pytest.fixture(autouse=True)
def _stored(localstack: LocalStack, signers: dict[str, Any]) -> None:
    localstack.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=CONTENT)


def _link(signer: Any, **more: str) -> str:
    where = {"Bucket": BUCKET, "Key": KEY, **more}
    return str(signer.generate_presigned_url("get_object", Params=where, ExpiresIn=60))


@pytest.mark.parametrize(("name", "status"), [("root", 200), ("user", 200), ("session", 200), ("nobody", 403)])
def test_a_link_opens_with_the_signature_of_a_known_key(signers: dict[str, Any], name: str, status: int) -> None:
    link = _link(signers[name])
    assert httpx.get(link, timeout=60).status_code == status
    for changed in (link.replace("someone", "anyone"), link.replace("Expires=60", "Expires=600"), link[:-1] + "g"):
        assert httpx.get(changed, timeout=60).status_code == 403


def test_a_link_opens_only_with_the_headers_that_it_was_signed_for(signers: dict[str, Any]) -> None:
    link = _link(signers["session"], IfNoneMatch='"secret"')
    assert httpx.get(link, headers={"if-none-match": '"secret"'}, timeout=60).content == CONTENT
    for headers in ({}, {"if-none-match": '"guess"'}, {"if-none-match": "*"}):
        assert httpx.get(link, headers=headers, timeout=60).status_code == 403


def test_an_unsigned_request_is_refused(localstack: LocalStack, signers: dict[str, Any]) -> None:
    address = f"{localstack.url}/{BUCKET}/{KEY}"
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert httpx.request(method, address, timeout=60).status_code == 403, method
    assert "<Code>AccessDenied</Code>" in httpx.get(address, timeout=60).text
    assert httpx.get(_link(signers["root"]), timeout=60).content == CONTENT


def _sent(localstack: LocalStack, fields: dict[str, str]) -> int:
    files = {"file": ("f", b"new", "image/png")}
    return httpx.post(f"{localstack.url}/{BUCKET}", data=fields, files=files, timeout=60).status_code


def _form(signer: Any) -> dict[str, str]:
    fields: dict[str, str] = signer.generate_presigned_post(
        Bucket=BUCKET, Key=KEY, Conditions=[["content-length-range", 1, 2]], ExpiresIn=60
    )["fields"]
    return fields


def _wider(policy: str) -> str:
    document = json.loads(base64.b64decode(policy))
    document["conditions"][0][2] = 100
    return base64.b64encode(json.dumps(document).encode()).decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: {"policy": _wider(fields["policy"])},
        lambda fields: {"x-amz-signature": "0" * 64},
        lambda fields: {"x-amz-algorithm": "AWS4-HMAC-SHA1"},
        lambda fields: {"x-amz-credential": "nobody"},
        lambda fields: {"policy": ""},
    ],
)
def test_a_changed_form_stores_nothing(
    localstack: LocalStack, signers: dict[str, Any], change: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    fields = _form(signers["session"])
    assert _sent(localstack, fields | change(fields)) == 403
    assert _sent(localstack, {"key": KEY}) == 403
    assert httpx.get(_link(signers["root"]), timeout=60).content == CONTENT


@pytest.mark.parametrize(("name", "status"), [("root", 204), ("user", 204), ("session", 204), ("nobody", 403)])
def test_a_form_stores_with_the_signature_of_a_known_key(
    localstack: LocalStack, signers: dict[str, Any], name: str, status: int
) -> None:
    fields: dict[str, str] = signers[name].generate_presigned_post(Bucket=BUCKET, Key=KEY, ExpiresIn=60)["fields"]
    assert _sent(localstack, fields) == status
    assert httpx.get(_link(signers["root"]), timeout=60).content == (b"new" if status == 204 else CONTENT)
