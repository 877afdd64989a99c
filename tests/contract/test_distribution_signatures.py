"""Access to private media of the deployed distribution.

CloudFront Developer Guide: "Serve private content with signed URLs and signed cookies" (canned and custom policies,
trusted key groups), "Restrict access to an Amazon S3 origin".
"""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from emulation.edge.bucket_policy import allows
from services.common.signed_urls import encode, sign
from tests.contract.deployed_edge import DeployedEdge

PHOTO = b"\xff\xd8\xff" + b"photo" * 100


@pytest.fixture
def path(deployed_edge: DeployedEdge) -> str:
    return deployed_edge.medium(PHOTO, private=True)


class Signer:
    """Signs for the deployed key group, as botocore does for any application on AWS."""

    def __init__(self, edge: DeployedEdge, key: str | None = None, key_id: str | None = None) -> None:
        self.origin, deployed_id, deployed_key = edge.signer()
        self.key, self.key_id = key or deployed_key, key_id or deployed_id

    def policy(self, resource: str, seconds: float = 60, **conditions: Any) -> str:
        condition = {"DateLessThan": {"AWS:EpochTime": int(time.time() + seconds)}, **conditions}
        return json.dumps(
            {"Statement": [{"Resource": self.origin + resource, "Condition": condition}]}, separators=(",", ":")
        )

    def url(self, path: str, policy: str | None = None, seconds: float = 60) -> str:
        """The path with its signature: with a canned policy unless ``policy`` is given."""
        signer = CloudFrontSigner(self.key_id, lambda message: sign(self.key, message))
        expires = None if policy else datetime.datetime.fromtimestamp(time.time() + seconds, datetime.UTC)
        url = str(signer.generate_presigned_url(self.origin + path, date_less_than=expires, policy=policy))
        return url.removeprefix(self.origin)

    def cookie(self, policy: str) -> str:
        content = policy.encode()
        parts = {"Policy": encode(content), "Signature": encode(sign(self.key, content)), "Key-Pair-Id": self.key_id}
        return "; ".join(f"CloudFront-{name}={value}" for name, value in parts.items())


def code(answer: httpx.Response) -> str:
    assert answer.status_code == 403
    assert PHOTO not in answer.content
    return answer.text.split("<Code>")[1].split("<")[0]


def other_key() -> str:
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return rsa.generate_private_key(65537, 2048).private_bytes(serialization.Encoding.PEM, *form).decode()


def test_without_a_signature_nothing_opens(deployed_edge: DeployedEdge, path: str) -> None:
    assert code(deployed_edge.get(path)) == "MissingKey"
    assert deployed_edge.client.head(deployed_edge.base + path).status_code == 403
    public = deployed_edge.medium(PHOTO, private=False)
    assert deployed_edge.get(public).content == PHOTO


def test_a_canned_policy_opens_one_object_for_its_time(deployed_edge: DeployedEdge, path: str) -> None:
    signer, other = Signer(deployed_edge), deployed_edge.medium(PHOTO, private=True)
    link = signer.url(path)
    assert deployed_edge.get(link).content == PHOTO
    assert deployed_edge.client.head(deployed_edge.base + link).status_code == 200
    assert deployed_edge.get(link, range="bytes=0-2").content == PHOTO[:3]
    assert code(deployed_edge.get(link.replace(path, other))) == "AccessDenied"
    assert code(deployed_edge.get(signer.url(path, seconds=-2))) == "AccessDenied"


def test_a_custom_policy_opens_a_folder(deployed_edge: DeployedEdge, path: str) -> None:
    signer, folder = Signer(deployed_edge), path.rpartition("/")[0]
    assert deployed_edge.get(signer.url(path, signer.policy(f"{folder}/*"))).content == PHOTO
    assert code(deployed_edge.get(signer.url(path, signer.policy("/media/private/other/*")))) == "AccessDenied"
    assert code(deployed_edge.get(signer.url(path, signer.policy(f"{folder}/*", seconds=-2)))) == "AccessDenied"


def test_a_custom_policy_can_begin_later_and_name_addresses(deployed_edge: DeployedEdge, path: str) -> None:
    signer = Signer(deployed_edge)
    later = {"DateGreaterThan": {"AWS:EpochTime": int(time.time()) + 30}}
    assert code(deployed_edge.get(signer.url(path, signer.policy(path, **later)))) == "AccessDenied"
    here, elsewhere = ({"IpAddress": {"AWS:SourceIp": one}} for one in ("127.0.0.0/8", "192.0.2.0/24"))
    assert deployed_edge.get(signer.url(path, signer.policy(path, **here))).status_code == 200
    assert code(deployed_edge.get(signer.url(path, signer.policy(path, **elsewhere)))) == "AccessDenied"


@pytest.mark.parametrize(
    ("forge", "expected"),
    [
        (lambda link: link.replace("Signature=", "Signature=AAAA"), "AccessDenied"),
        (lambda link: link.replace("Policy=", "Policy=AAAA"), "MalformedPolicy"),
        (lambda link: link.replace("Key-Pair-Id=", "Key-Pair-Id=X"), "InvalidKey"),
        (lambda link: link.partition("&Key-Pair-Id")[0], "MissingKey"),
        (lambda link: link.replace("Signature=", "Other="), "AccessDenied"),
    ],
    ids=["signature", "policy", "key", "no-key", "no-signature"],
)
def test_a_changed_link_is_refused_even_when_the_object_is_cached(
    deployed_edge: DeployedEdge, path: str, forge: Callable[[str], str], expected: str
) -> None:
    signer = Signer(deployed_edge)
    link = signer.url(path, signer.policy(path))
    assert [deployed_edge.get(link).headers["x-cache"] for _ in range(2)] == [
        "Miss from cloudfront",
        "Hit from cloudfront",
    ]
    assert code(deployed_edge.get(forge(link))) == expected


def test_a_key_outside_the_key_group_opens_nothing(deployed_edge: DeployedEdge, path: str) -> None:
    thief = Signer(deployed_edge, key=other_key())
    assert code(deployed_edge.get(thief.url(path))) == "AccessDenied"
    assert code(deployed_edge.get(path, cookie=thief.cookie(thief.policy(path)))) == "AccessDenied"


def test_signatures_are_not_part_of_the_cache_key(deployed_edge: DeployedEdge, path: str) -> None:
    signer = Signer(deployed_edge)
    assert deployed_edge.get(signer.url(path, seconds=60)).headers["x-cache"] == "Miss from cloudfront"
    assert deployed_edge.get(signer.url(path, seconds=90)).headers["x-cache"] == "Hit from cloudfront"


def test_cookies_open_a_folder_for_their_time(deployed_edge: DeployedEdge, path: str) -> None:
    signer, folder = Signer(deployed_edge), path.rpartition("/")[0]
    good = signer.cookie(signer.policy(f"{folder}/*"))
    other = deployed_edge.medium(PHOTO, private=True)
    assert deployed_edge.get(path, cookie=f"theme=dark; {good}").content == PHOTO
    assert code(deployed_edge.get(other, cookie=good)) == "AccessDenied"
    assert (
        code(deployed_edge.get(path, cookie=signer.cookie(signer.policy(f"{folder}/*", seconds=-2)))) == "AccessDenied"
    )
    assert code(deployed_edge.get(path, cookie=good.replace("Signature=", "Signature=AAAA"))) == "AccessDenied"
    assert code(deployed_edge.get(path, cookie=good.replace("Key-Pair-Id=", "Key-Pair-Id=X"))) == "InvalidKey"


def test_a_signed_url_takes_precedence_over_cookies(deployed_edge: DeployedEdge, path: str) -> None:
    """ "Choose between signed URLs and signed cookies": with both, CloudFront uses the URL."""
    signer = Signer(deployed_edge)
    expired = signer.url(path, seconds=-2)
    assert code(deployed_edge.get(expired, cookie=signer.cookie(signer.policy(path)))) == "AccessDenied"


def test_the_bucket_policies_admit_this_distribution_and_no_other(deployed_edge: DeployedEdge, path: str) -> None:
    found = deployed_edge.aws("cloudfront").get_distribution(Id=deployed_edge.distribution)["Distribution"]
    for bucket, key in ((deployed_edge.media_bucket, path[1:]), (deployed_edge.ui_bucket, "index.html")):
        policy = json.loads(deployed_edge.aws("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        resource = f"arn:aws:s3:::{bucket}/{key}"
        assert allows(policy, "s3:GetObject", resource, found["ARN"])
        assert not allows(policy, "s3:GetObject", resource, found["ARN"].replace(found["Id"], "E2OTHER"))
        assert not allows(policy, "s3:PutObject", resource, found["ARN"])
    policy = json.loads(deployed_edge.aws("s3").get_bucket_policy(Bucket=deployed_edge.media_bucket)["Policy"])
    upload = f"arn:aws:s3:::{deployed_edge.media_bucket}/uploads/a/b"
    assert not allows(policy, "s3:GetObject", upload, found["ARN"])
