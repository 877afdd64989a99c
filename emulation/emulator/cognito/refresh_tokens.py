"""Encrypted refresh tokens, which only the user pool can read, so that no verifier accepts them as bearer tokens.

MiniStack signs them with the key of the access tokens, so every verifier, including its JWT authorizer, accepted them.
Here they are a JWE, as in Cognito (RFC 7516; the issuer is replicated in the header, RFC 7519 section 5.3). Older
tokens are refused: their owners sign in again. Sources: Amazon Cognito Developer Guide, "Refresh tokens" and
"Understanding the access token" (``auth_time`` is when the user signed in, also after a refresh).
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from emulation.emulator import seams

INVALID = ("NotAuthorizedException", "Invalid Refresh Token", 400)
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303 - RSA-OAEP of RFC 7518 is with SHA-1
_TAG_BYTES = 16

#: When the user signed in whose tokens are being refreshed; None outside of a refresh.
_signed_in_at: ContextVar[int | None] = ContextVar("signed_in_at", default=None)


class Opened(str):
    """The signed token inside an encrypted one. It never leaves the process."""

    __slots__ = ()


def seal_token(inner: str, issuer: str, public_key: Any) -> str:
    """JWE compact serialization: header, encrypted key, IV, ciphertext, tag."""
    header = _encoded(json.dumps({"cty": "JWT", "enc": "A256GCM", "alg": "RSA-OAEP", "iss": issuer}).encode())
    key, iv = AESGCM.generate_key(256), os.urandom(12)
    sealed = AESGCM(key).encrypt(iv, inner.encode(), header.encode())
    parts = (public_key.encrypt(key, _OAEP), iv, sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:])
    return ".".join((header, *(_encoded(part) for part in parts)))


def issuer_of(token: Any) -> str:
    """``iss`` in the header of an encrypted token; empty for anything else."""
    if not isinstance(token, str) or token.count(".") != 4:
        return ""
    try:
        header = json.loads(_decoded(token.partition(".")[0]))
    except ValueError:
        return ""
    return str(header.get("iss") or "") if isinstance(header, dict) else ""


def open_token(token: str, private_key: Any) -> str | None:
    """The inner token, or None when it was not encrypted for this key or was changed."""
    header, *parts = token.split(".")
    try:
        key, iv, sealed, tag = (_decoded(part) for part in parts)
        opened = AESGCM(private_key.decrypt(key, _OAEP)).decrypt(iv, sealed + tag, header.encode())
        return opened.decode()
    except (ValueError, InvalidTag):
        return None


def seal() -> None:
    """Encrypt refresh tokens that MiniStack issues, and decrypt them wherever it reads them."""
    service = seams.module("services.cognito")
    _seal_issued(service)
    _open_at_refresh(service)
    _open_at_revocation(service)
    _keep_auth_time(service)


def opened(service: Any, token: Any) -> Opened | None:
    """The signed token inside of a refresh token of one of the pools."""
    if isinstance(token, Opened):
        return token
    pool_id = issuer_of(token).rpartition("/")[2]
    if not pool_id or service._get_pool_unscoped(pool_id) is None:
        return None
    inner = open_token(token, service._pool_signing_key(pool_id, "access")[0])
    return Opened(inner) if inner is not None else None


def _seal_issued(service: Any) -> None:
    issue = service._fake_token

    def issue_sealed(sub: str, pool_id: str, client_id: str, use: str = "access", *more: Any, **named: Any) -> Any:
        token = issue(sub, pool_id, client_id, use, *more, **named)
        if use != "refresh":
            return token
        key = service._pool_signing_key(pool_id, "access")[0]
        return seal_token(token, service._token_claims(token)["iss"], key.public_key())

    service._fake_token = issue_sealed


def _open_at_refresh(service: Any) -> None:
    resolve, refresh, exchange = (
        service._refresh_auth_user, service._refresh_auth_result, service._oauth2_refresh_api_issued_token,
    )  # fmt: skip
    invalid = service.error_response_json(*INVALID)

    def resolve_opened(pool: Any, pid: str, cid: str, refresh_token: Any) -> Any:
        inner = opened(service, refresh_token)
        return resolve(pool, pid, cid, inner) if inner or not refresh_token else (None, invalid)

    def refresh_opened(pool: Any, pid: str, cid: str, refresh_token: Any) -> Any:
        inner = opened(service, refresh_token)
        if inner is None:
            return None, invalid
        with _as_signed_in(service, inner):
            return refresh(pool, pid, cid, inner)

    def exchange_opened(refresh_val: str, cid: str, csec: str) -> Any:
        return exchange(opened(service, refresh_val) or Opened(), cid, csec)

    service._refresh_auth_user, service._refresh_auth_result = resolve_opened, refresh_opened
    service._oauth2_refresh_api_issued_token = exchange_opened


def _open_at_revocation(service: Any) -> None:
    revoked, revoke, claims = service._refresh_token_revoked, service._revoke_token, service._token_claims

    def is_revoked(refresh_token: str, user: Any) -> Any:
        return revoked(opened(service, refresh_token) or refresh_token, user)

    def revoke_opened(data: dict[str, Any]) -> Any:
        token = data.get("Token")
        service._refresh_tokens.pop(token, None)
        return revoke({**data, "Token": opened(service, token) or token})

    service._refresh_token_revoked, service._revoke_token = is_revoked, revoke_opened
    # What reads claims asks for three parts first, where it takes access or ID tokens.
    service._token_claims = lambda token: claims(opened(service, token) or token)


def _keep_auth_time(service: Any) -> None:
    sign, grant = service._signed_jwt, service._oauth2_token

    def sign_with_auth_time(claims: dict[str, Any], pool_id: str = "", use: str = "") -> Any:
        moment = _signed_in_at.get()
        return sign(claims | {"auth_time": moment} if moment is not None else claims, pool_id, use)

    def grant_with_auth_time(
        data: Any, query_params: Any, raw_body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Any:
        form = parse_qs(raw_body.decode("utf-8", "replace"))
        inner = opened(service, form.get("refresh_token", [""])[0])
        with _as_signed_in(service, inner):
            return grant(data, query_params, raw_body, headers)

    service._signed_jwt, service._oauth2_token = sign_with_auth_time, grant_with_auth_time


@contextmanager
def _as_signed_in(service: Any, inner: Opened | None) -> Iterator[None]:
    """Within, tokens say when the owner of ``inner`` signed in: when it was issued."""
    token = _signed_in_at.set(int(service._token_claims(inner)["iat"]) if inner else None)
    try:
        yield
    finally:
        _signed_in_at.reset(token)


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
