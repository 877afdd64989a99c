"""Voluntary application server identification: checks the sender's signature (RFC 8292)."""

from __future__ import annotations

import base64
import binascii
import re
import time
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

_HEADER = re.compile(r"^vapid\s+(.+)$", re.IGNORECASE)
_MAX_LIFE_SECONDS = 24 * 3600


class NotIdentified(Exception):
    """The header is missing or wrong; ``status`` as push services answer it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Sender:
    """``key`` is the application server's public point, base64url; ``subject`` the contact of its operator."""

    key: str
    subject: str


def identify(authorization: str | None, audience: str) -> Sender:
    """Check ``Authorization: vapid t=<JWT, ES256>, k=<point>``.

    Raises:
        NotIdentified: 401 without a readable header, 403 for a bad signature, audience, expiry or subject.
    """
    found = _HEADER.match(authorization or "")
    if not found:
        raise NotIdentified(401, "expected 'Authorization: vapid t=…, k=…'")
    fields = dict(part.strip().split("=", 1) for part in found[1].split(",") if "=" in part)
    token, key = fields.get("t", ""), fields.get("k", "")
    try:
        point = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(token, public, algorithms=["ES256"], audience=audience, options={"require": ["exp", "aud"]})
    except (ValueError, binascii.Error, jwt.InvalidTokenError) as error:
        raise NotIdentified(403, f"{type(error).__name__}: {error}") from error
    if claims["exp"] > time.time() + _MAX_LIFE_SECONDS + 60:
        raise NotIdentified(403, "exp: expected at most 24 hours from now")
    subject = str(claims.get("sub", ""))
    if not subject.startswith(("mailto:", "https:")):
        raise NotIdentified(403, "sub: expected a mailto: or https: URL")
    return Sender(key.rstrip("="), subject)
