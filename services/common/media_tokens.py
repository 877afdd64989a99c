"""Tokens for the media server (SFU): a JWT (RFC 7519, HS256) by the secret that both sides share.

The claims are described in ``emulation/sfu/tokens.py``; the signing context decides who gets a token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


def signed(claims: Mapping[str, Any], secret: str) -> str:
    """A JWT for the media server."""
    head = _encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = _encoded(json.dumps({"aud": "sfu", **claims}).encode())
    mark = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_encoded(mark)}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
