"""Browser requests to S3 are signed with Signature Version 4, the only version that new buckets accept.

Amazon S3 API Reference, "Authenticating Requests: Browser-Based Uploads Using POST (AWS Signature Version 4)".
"""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kit.settings import checkout_root
from services.accounts.adapter import ExportStorage
from services.common import aws
from services.media.adapter import MediaStorage
from tests.support.sessions import new_session

ON_AWS, LOCAL = "", "http://localhost:4566"


@pytest.fixture(params=[ON_AWS, LOCAL])
def endpoint(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A function's environment: role credentials, a region, and an S3 endpoint where it is not AWS's."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    # The shared session has the credentials from when an earlier test made the first client.
    session = new_session()
    monkeypatch.setattr(aws, "session", lambda: session)
    _forget()
    yield request.param
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    aws.link_signer.cache_clear()


def test_an_upload_form_is_signed_by_version_4(endpoint: str) -> None:
    permit = MediaStorage("media", endpoint).permit("uploads/me/1", "image/png", 1000, 900)
    fields = permit["fields"]
    assert fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert fields["x-amz-credential"].split("/")[2:] == ["us-east-1", "s3", "aws4_request"]
    assert len(fields["x-amz-signature"]) == 64
    assert not {"AWSAccessKeyId", "signature"} & set(fields)
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    assert ["content-length-range", 1, 1000] in conditions
    assert {"x-amz-security-token": "token"} in conditions
    assert permit["url"] == ("http://localhost:4566/media" if endpoint else "https://media.s3.amazonaws.com/")


def test_links_are_signed_by_version_4(endpoint: str) -> None:
    links = [
        MediaStorage("media", endpoint).part_url("uploads/me/1", "upload", 1, 5_000_000, 900),
        ExportStorage("exports", endpoint).link("me/export.zip", "export.zip", 900).url,
    ]
    for link, bucket in zip(links, ("media", "exports"), strict=True):
        address = urlsplit(link)
        query = parse_qs(address.query)
        assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
        assert "AWSAccessKeyId" not in query
        wanted = f"{endpoint}/{bucket}/me/" if endpoint else f"https://{bucket}.s3.amazonaws.com/me/"
        assert link.replace("/uploads/", "/").startswith(wanted)


def test_a_link_to_an_export_requires_a_signed_header_that_is_not_in_the_url(endpoint: str) -> None:
    storage = ExportStorage("exports", endpoint)
    first, second = (storage.link("me/export.zip", "export.zip", 900) for _ in range(2))
    (value,), (other,) = first.headers.values(), second.headers.values()
    assert parse_qs(urlsplit(first.url).query)["X-Amz-SignedHeaders"] == ["host;if-none-match"]
    assert value != other
    assert value.strip('"') not in first.url


def _sources() -> Iterator[Path]:
    for folder in ("services", "emulation", "kit", "infra", "loadtests"):
        yield from sorted((checkout_root() / folder).rglob("*.py"))


def _is_call(node: ast.AST | None, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return getattr(node.func, "id", getattr(node.func, "attr", "")) == name


def _unsafe(source: str) -> list[int]:
    """Lines that presign for S3 with a client that ``link_signer`` did not make."""
    tree = ast.parse(source)
    signers = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and (_is_call(node.value, "link_signer") or _is_call(node.value, "CloudFrontSigner"))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr.startswith("generate_presigned")
        and not (_is_call(node.func.value, "link_signer") or getattr(node.func.value, "id", "") in signers)
    ]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("s3 = boto3.client('s3')\ns3.generate_presigned_url('get_object')", [2]),
        ("client('s3').generate_presigned_post(Bucket='b')", [1]),
        ("signer = link_signer()\nsigner.generate_presigned_url('get_object')", []),
        ("link_signer(url).generate_presigned_post(Bucket='b')", []),
    ],
)
def test_the_search_for_other_signers_finds_them(source: str, lines: list[int]) -> None:
    assert _unsafe(source) == lines


def test_every_call_that_presigns_for_s3_uses_the_link_signer() -> None:
    presigning: dict[str, Any] = {
        str(path.relative_to(checkout_root())): source
        for path in _sources()
        if "generate_presigned" in (source := path.read_text("utf-8"))
    }
    assert set(presigning) >= {"services/media/adapter.py", "services/accounts/adapter.py"}
    assert {path: _unsafe(source) for path, source in presigning.items() if _unsafe(source)} == {}
