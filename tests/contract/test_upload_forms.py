"""Amazon S3 API Reference, "Authenticating Requests: Browser-Based Uploads Using POST (AWS Signature Version 4)"."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from emulation.settings import REGION
from services.media.adapter import MediaStorage
from tests.contract.emulator_process import EmulatorProcess, wait_until

BUCKET, KEY, CONTENT = "uploads", "uploads/someone/1", b"content"


@pytest.fixture(scope="module")
def keys(emulator: EmulatorProcess) -> dict[str, str]:
    return _keys(emulator)


def _keys(emulator: EmulatorProcess) -> dict[str, str]:
    """Keys of a user who may write to the private bucket."""
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    iam = emulator.client("iam")
    iam.create_user(UserName="signer")
    statement = {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="signer", PolicyName="rights", PolicyDocument=document)
    key = iam.create_access_key(UserName="signer")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def _signer(emulator: EmulatorProcess, keys: dict[str, str], version: str) -> Any:
    config = Config(signature_version=version, s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=emulator.url, region_name=REGION, config=config, **keys)


def _form(emulator: EmulatorProcess, keys: dict[str, str], version: str = "s3v4", seconds: int = 300) -> dict[str, str]:
    fields: dict[str, str] = _signer(emulator, keys, version).generate_presigned_post(
        Bucket=BUCKET,
        Key=KEY,
        Fields={"Content-Type": "image/png"},
        Conditions=[{"Content-Type": "image/png"}, ["content-length-range", 1, 100]],
        ExpiresIn=seconds,
    )["fields"]
    return fields


def _send(emulator: EmulatorProcess, fields: dict[str, str], content: bytes = CONTENT) -> tuple[int, str]:
    sent = httpx.post(f"{emulator.url}/{BUCKET}", data=fields, files={"file": ("f", content, "image/png")}, timeout=60)
    return sent.status_code, sent.text


def _stored(emulator: EmulatorProcess) -> bytes | None:
    s3 = emulator.client("s3")
    found = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return bytes(s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()) if found else None


@pytest.fixture(autouse=True)
def _empty(emulator: EmulatorProcess, keys: dict[str, str]) -> None:
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=KEY)


def test_a_form_stores_an_upload_that_its_policy_permits(emulator: EmulatorProcess, keys: dict[str, str]) -> None:
    assert _send(emulator, _form(emulator, keys))[0] == 204
    assert _stored(emulator) == CONTENT


def _wider(policy: str) -> str:
    document = json.loads(base64.b64decode(policy))
    for condition in document["conditions"]:
        if isinstance(condition, list):
            condition[2] = 1_000_000
    return base64.b64encode(json.dumps(document).encode()).decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: {"policy": _wider(fields["policy"])},
        lambda fields: {"x-amz-signature": fields["x-amz-signature"][::-1]},
        lambda fields: {"x-amz-signature": "0" * 64},
        lambda fields: {"x-amz-credential": fields["x-amz-credential"].replace(REGION, "eu-west-1")},
        lambda fields: {"x-amz-date": "20200101T000000Z"},
        lambda fields: {"x-amz-algorithm": "AWS4-HMAC-SHA1"},
        lambda fields: {"key": "uploads/somebody-else/1"},
        lambda fields: {"Content-Type": "text/html"},
        lambda fields: {"x-amz-meta-more": "than was signed"},
        lambda fields: {"policy": ""},
    ],
)
def test_a_changed_form_is_refused(emulator: EmulatorProcess, keys: dict[str, str], change: Any) -> None:
    fields = _form(emulator, keys)
    status, answer = _send(emulator, fields | change(fields))
    assert status in (400, 403), answer
    assert _stored(emulator) is None


@pytest.mark.parametrize(("content", "code"), [(b"", "EntityTooSmall"), (b"x" * 101, "EntityTooLarge")])
def test_content_of_another_size_is_refused(
    emulator: EmulatorProcess, keys: dict[str, str], content: bytes, code: str
) -> None:
    status, answer = _send(emulator, _form(emulator, keys), content)
    assert (status, code in answer) == (400, True)
    assert _stored(emulator) is None


def test_an_expired_form_is_refused(emulator: EmulatorProcess, keys: dict[str, str]) -> None:
    status, answer = _send(emulator, _form(emulator, keys, seconds=-1))
    assert (status, "Policy expired" in answer) == (403, True)


def test_an_unsigned_form_is_refused(emulator: EmulatorProcess, keys: dict[str, str]) -> None:
    assert _send(emulator, {"key": KEY, "Content-Type": "image/png"})[0] == 403
    assert _stored(emulator) is None


def test_version_2_is_refused(emulator: EmulatorProcess, keys: dict[str, str]) -> None:
    """ "Specifying the Signature Version in request authentication": it is disabled for buckets created since 2020."""
    fields = _form(emulator, keys, version="s3")
    assert "AWSAccessKeyId" in fields
    status, answer = _send(emulator, fields)
    assert (status, "Please use AWS4-HMAC-SHA256" in answer) == (400, True)
    assert _stored(emulator) is None
    emulator.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=CONTENT)
    where = {"Bucket": BUCKET, "Key": KEY}
    old, new = (
        _signer(emulator, keys, version).generate_presigned_url("get_object", Params=where)
        for version in ("s3", "s3v4")
    )
    assert httpx.get(new, timeout=60).content == CONTENT
    refused = httpx.get(old, timeout=60)
    assert refused.status_code in (400, 403)
    assert "Please use AWS4-HMAC-SHA256" in refused.text


def test_served_media_are_written_once_and_uploads_are_read_by_etag(
    emulator: EmulatorProcess, keys: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Amazon S3 User Guide, "How to prevent object overwrites with conditional writes"; GetObject, ``If-Match``."""
    signer = _signer(emulator, keys, "s3v4")
    monkeypatch.setattr("services.media.adapter.client", lambda _: signer)
    bucket, file = MediaStorage(BUCKET), tmp_path / "file"
    for content in (CONTENT, b"another"):
        file.write_bytes(content)
        bucket.store(file, KEY, "image/png")
    assert _stored(emulator) == CONTENT
    (size, tag), got = bucket.find(KEY) or (0, ""), tmp_path / "got"
    assert (size, bucket.fetch(KEY, tag, got), got.read_bytes()) == (len(CONTENT), True, CONTENT)
    emulator.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=b"another")
    assert not bucket.fetch(KEY, tag, got)
    emulator.client("s3").delete_object(Bucket=BUCKET, Key=KEY)
    assert not bucket.fetch(KEY, tag, got)


def test_an_upload_survives_a_kill_without_a_snapshot(home: Path) -> None:
    emulator = EmulatorProcess(home).start()
    try:
        fields = _form(emulator, _keys(emulator))
        wait_until(lambda: emulator.health()["snapshot"]["pending"] == [], 60, "the bucket and the user are on disk")
        assert _send(emulator, fields)[0] == 204
        # Of a change by a snapshot a second one is pending after the answer.
        assert emulator.health()["snapshot"]["pending"] == []
        emulator.kill()
        emulator.start()
        assert _stored(emulator) == CONTENT
    finally:
        emulator.stop()
