"""Signed URLs and cookies: canned and custom policies, and each reason for refusal."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from emulation.edge.signing import (
    RefusedError,
    Signed,
    canned_policy,
    decode,
    encode,
    presented,
    resource_matches,
    split_query,
    verify,
)
from tests.support.keys import public_pem, rsa_key

KEY = rsa_key()
KEYS = {"K1": public_pem(KEY)}
URL = "https://localhost/media/a.jpg"
NOW = 1_800_000_000.0


def signature(policy: str, algorithm: hashes.HashAlgorithm | None = None) -> str:
    return encode(KEY.sign(policy.encode(), padding.PKCS1v15(), algorithm or hashes.SHA1()))  # noqa: S303


def custom(condition: dict[str, object], resource: str = URL) -> Signed:
    policy = json.dumps({"Statement": [{"Resource": resource, "Condition": condition}]})
    return Signed("K1", signature(policy), policy=encode(policy.encode()))


def before(seconds: float) -> dict[str, object]:
    return {"DateLessThan": {"AWS:EpochTime": int(NOW + seconds)}}


def refusal(signed: Signed, url: str = URL, client: str = "127.0.0.1") -> str:
    with pytest.raises(RefusedError) as caught:
        verify(signed, KEYS, url, client, NOW)
    return caught.value.code


def test_a_canned_policy_is_rebuilt_from_url_and_expiry() -> None:
    expires = int(NOW) + 60
    signed = Signed("K1", signature(canned_policy(URL, expires)), expires=str(expires))
    verify(signed, KEYS, URL, "127.0.0.1", NOW)
    assert refusal(signed, URL + "?size=big") == "AccessDenied"


def test_the_canned_policy_is_written_as_the_document_says() -> None:
    expected = '{"Statement":[{"Resource":"http://h/a?b=c","Condition":{"DateLessThan":{"AWS:EpochTime":7}}}]}'
    assert canned_policy("http://h/a?b=c", 7) == expected


def test_an_expired_link_is_refused() -> None:
    expires = int(NOW)
    signed = Signed("K1", signature(canned_policy(URL, expires)), expires=str(expires))
    assert refusal(signed) == "AccessDenied"


def test_sha256_is_taken_when_named() -> None:
    expires = int(NOW) + 60
    text = signature(canned_policy(URL, expires), hashes.SHA256())
    verify(Signed("K1", text, expires=str(expires), algorithm="SHA256"), KEYS, URL, "127.0.0.1", NOW)
    assert refusal(Signed("K1", text, expires=str(expires))) == "AccessDenied"


def test_a_custom_policy_may_have_wildcards_start_and_address() -> None:
    condition = before(60) | {
        "DateGreaterThan": {"AWS:EpochTime": int(NOW) - 1},
        "IpAddress": {"AWS:SourceIp": "10.1.0.0/16"},
    }
    signed = custom(condition, "https://*/media/*.jp?")
    verify(signed, KEYS, URL, "10.1.2.3", NOW)
    assert refusal(signed, client="10.2.0.1") == "AccessDenied"
    assert refusal(signed, "https://localhost/private/a.jpg", "10.1.2.3") == "AccessDenied"


def test_not_yet_valid_is_refused() -> None:
    assert refusal(custom(before(60) | {"DateGreaterThan": {"AWS:EpochTime": int(NOW) + 1}})) == "AccessDenied"


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        (Signed("K9", "AAAA", expires="1"), "InvalidKey"),
        (Signed("K1", "AAAA", policy="!!"), "MalformedPolicy"),
        (Signed("K1", "AAAA", policy=encode(b"{}")), "AccessDenied"),
        (Signed("K1", "!", expires="1900000000"), "MalformedSignature"),
        (Signed("K1", "AAAA", expires="soon"), "MalformedPolicy"),
        (custom({}), "MalformedPolicy"),
    ],
)
def test_each_defect_has_its_code(signed: Signed, code: str) -> None:
    assert refusal(signed) == code


def test_cloudfronts_parameters_leave_the_query_string() -> None:
    query, own = split_query("a=1&Expires=9&Signature=s~-_&Key-Pair-Id=K1&b=2")
    assert query == "a=1&b=2"
    assert own == {"Expires": "9", "Signature": "s~-_", "Key-Pair-Id": "K1"}
    assert split_query("Expires=9&x=1") == ("Expires=9&x=1", {})


def test_signed_cookies_are_used_when_the_url_is_not_signed() -> None:
    cookies = {"CloudFront-Key-Pair-Id": "K1", "CloudFront-Signature": "s", "CloudFront-Policy": "p"}
    assert presented({}, cookies) == Signed("K1", "s", policy="p")
    assert presented({"Key-Pair-Id": "K2", "Signature": "t", "Expires": "1"}, cookies).key_pair_id == "K2"
    with pytest.raises(RefusedError, match="MissingKey"):
        presented({}, {})
    with pytest.raises(RefusedError, match="AccessDenied"):
        presented({"Key-Pair-Id": "K2"}, {})


def test_base64_uses_the_alphabet_of_cloudfront() -> None:
    assert encode(b"\xfb\xff\xfe") == "-~~-"
    assert decode(encode(b"any content")) == b"any content"


def test_wildcards_of_resources_match_one_character_or_any_number() -> None:
    assert resource_matches("http://h/media/*", "http://h/media/a/b?c=d")
    assert not resource_matches("http://h/media/?", "http://h/media/ab")
