"""The key that signs links to media: read from AWS, kept for five minutes, and replaced while keys are rotated."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from services.common import signed_urls
from services.common.signed_urls import granted_media
from tests.support.keys import private_pem, public_der, rsa_key

ORIGIN = "https://sns.example"


class Aws:
    """Parameter Store and Secrets Manager, and a clock."""

    def __init__(self) -> None:
        self.place: dict[str, Any] = {"origin": ORIGIN, "keyPairId": "K1"}
        self.key = 0
        self.now = 1000.0
        self.reads = 0
        self.is_down = False

    def client(self, service: str) -> Any:
        """Both services in one object."""
        assert service in ("ssm", "secretsmanager")
        if self.is_down:
            raise ConnectionError(service)
        return self

    def get_parameter(self, *, Name: str) -> Any:
        self.reads += 1
        return {"Parameter": {"Value": json.dumps({"/media-access": self.place}[Name])}}

    def get_secret_value(self, *, SecretId: str) -> Any:
        return {"SecretString": {"media-key": private_pem(rsa_key(self.key))}[SecretId]}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    made = Aws()
    monkeypatch.setenv("MEDIA_ACCESS_PARAMETER", "/media-access")
    monkeypatch.setenv("MEDIA_SIGNING_SECRET", "media-key")
    monkeypatch.setattr(signed_urls, "_held", None)
    monkeypatch.setattr(signed_urls, "client", made.client)
    monkeypatch.setattr(
        signed_urls, "time", SimpleNamespace(monotonic=lambda: made.now, time=lambda: 1_800_000_000 + made.now)
    )
    return made


def key_of_a_link() -> str:
    link = granted_media({"url": "/media/private/ONE/original.jpg"})["url"]
    return dict(parse_qsl(urlsplit(link).query))["Key-Pair-Id"]


def fingerprint(number: int) -> str:
    return hashlib.sha256(public_der(rsa_key(number))).hexdigest()


def test_links_are_signed_with_the_distributions_key(aws: Aws) -> None:
    assert key_of_a_link() == "K1"
    assert signed_urls._access() == signed_urls.Access(ORIGIN, "K1", private_pem(rsa_key(0)))


def test_of_two_trusted_keys_a_link_names_the_one_that_signed_it(aws: Aws) -> None:
    aws.place["keys"] = {fingerprint(0): "K8", fingerprint(1): "K9"}
    aws.key = 1
    assert key_of_a_link() == "K9"


def test_a_rotated_key_is_used_after_five_minutes(aws: Aws) -> None:
    assert key_of_a_link() == "K1"
    aws.place["keyPairId"] = "K2"
    aws.now += 299
    assert (key_of_a_link(), aws.reads) == ("K1", 1)
    aws.now += 1
    assert (key_of_a_link(), aws.reads) == ("K2", 2)


def test_links_keep_the_earlier_key_while_aws_does_not_answer(aws: Aws) -> None:
    assert key_of_a_link() == "K1"
    aws.place["keyPairId"], aws.is_down = "K2", True
    aws.now += 300
    assert key_of_a_link() == "K1"
    aws.is_down = False
    assert key_of_a_link() == "K1", "it is asked again in five minutes, not for each link"
    aws.now += 300
    assert key_of_a_link() == "K2"


def test_without_any_key_nothing_is_signed(aws: Aws) -> None:
    aws.is_down = True
    with pytest.raises(ConnectionError):
        key_of_a_link()
    aws.is_down = False
    assert key_of_a_link() == "K1"
