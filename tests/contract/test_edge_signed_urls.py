"""CloudFront Developer Guide: "Serve private content with signed URLs and signed cookies"."""

from __future__ import annotations

import datetime
import json
import time

import httpx
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from emulation.edge.signing import encode
from tests.contract.edge_support import EdgeNetwork


def sign(edge: EdgeNetwork, message: bytes) -> bytes:
    return edge.private_key.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303


def signed_url(edge: EdgeNetwork, path: str, policy: str | None = None, seconds: int = 60) -> str:
    """A URL signed by botocore's own signer, which applications on AWS use."""
    signer = CloudFrontSigner(edge.key_pair_id, lambda message: sign(edge, message))
    expires = None if policy else datetime.datetime.fromtimestamp(time.time() + seconds, datetime.UTC)
    return str(signer.generate_presigned_url(edge.cdn + path, date_less_than=expires, policy=policy))


def custom_policy(edge: EdgeNetwork, resource: str, seconds: float) -> str:
    condition = {"DateLessThan": {"AWS:EpochTime": int(time.time() + seconds)}}
    return json.dumps({"Statement": [{"Resource": edge.cdn + resource, "Condition": condition}]}, separators=(",", ":"))


def code(answer: httpx.Response) -> str:
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "text/xml"
    return answer.text.split("<Code>")[1].split("<")[0]


def test_without_a_signature_the_object_is_refused(edge: EdgeNetwork) -> None:
    answer = edge.client.get(edge.cdn + "/media/a.jpg")
    assert code(answer) == "MissingKey"
    assert answer.headers["x-cache"] == "Error from cloudfront"


def test_a_behaviour_signed_by_the_account_refuses_other_keys(edge: EdgeNetwork) -> None:
    assert code(edge.client.get(edge.cdn + "/closed/a.jpg")) == "MissingKey"
    assert code(edge.client.get(signed_url(edge, "/closed/a.jpg"))) == "InvalidKey"


def test_a_canned_policy_opens_one_object_until_it_expires(edge: EdgeNetwork) -> None:
    url = signed_url(edge, "/media/a.jpg")
    assert edge.client.get(url).content == b"j" * 5000
    assert code(edge.client.get(url.replace("/a.jpg", "/b.jpg"))) == "AccessDenied"
    assert code(edge.client.get(signed_url(edge, "/media/a.jpg", seconds=-2))) == "AccessDenied"


def test_a_custom_policy_opens_a_folder(edge: EdgeNetwork) -> None:
    policy = custom_policy(edge, "/media/*", 60)
    assert edge.client.get(signed_url(edge, "/media/a.jpg", policy)).status_code == 200
    other = custom_policy(edge, "/elsewhere/*", 60)
    assert code(edge.client.get(signed_url(edge, "/media/a.jpg", other))) == "AccessDenied"


def test_an_expired_custom_policy_is_refused(edge: EdgeNetwork) -> None:
    policy = custom_policy(edge, "/media/*", -2)
    assert code(edge.client.get(signed_url(edge, "/media/a.jpg", policy))) == "AccessDenied"


def test_signed_cookies_open_the_folder_too(edge: EdgeNetwork) -> None:
    policy = custom_policy(edge, "/media/*", 60).encode()
    cookies = {
        "CloudFront-Policy": encode(policy),
        "CloudFront-Signature": encode(sign(edge, policy)),
        "CloudFront-Key-Pair-Id": edge.key_pair_id,
    }
    header = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    assert edge.client.get(edge.cdn + "/media/a.jpg", headers=header).status_code == 200
    wrong = {"cookie": header["cookie"].replace(edge.key_pair_id, "KOTHER")}
    assert code(edge.client.get(edge.cdn + "/media/a.jpg", headers=wrong)) == "InvalidKey"


def test_a_changed_signature_is_refused_even_when_the_object_is_cached(edge: EdgeNetwork) -> None:
    url = signed_url(edge, "/media/a.jpg")
    assert edge.client.get(url).status_code == 200
    assert edge.client.get(url).headers["x-cache"] == "Hit from cloudfront"
    marker = "Signature="
    at = url.index(marker) + len(marker)
    flipped = url[:at] + ("A" if url[at] != "A" else "B") + url[at + 1 :]
    assert code(edge.client.get(flipped)) == "AccessDenied"
