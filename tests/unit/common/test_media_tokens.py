"""Tokens for the media server are JWTs of HS256 (RFC 7515, RFC 7519)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from services.common.media_tokens import signed


@pytest.mark.parametrize("subject", ["a", "ab", "abc", "日本"])
def test_a_token_has_the_header_and_the_claims_signed_with_the_secret(subject: str) -> None:
    token = signed({"sub": subject}, "secret")
    head, body, mark = token.split(".")
    assert json.loads(_decoded(head)) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(_decoded(body)) == {"aud": "sfu", "sub": subject}
    assert _decoded(mark) == hmac.new(b"secret", f"{head}.{body}".encode(), hashlib.sha256).digest()


def test_parts_of_a_token_have_no_padding_and_no_characters_of_plain_base64() -> None:
    tokens = [signed({"sub": "x" * number}, f"secret-{number}") for number in range(40)]
    assert not set("".join(tokens)) & set("=+/")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
