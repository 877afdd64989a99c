"""JWT authorizers of HTTP APIs whose tokens are Amazon Cognito's, as the emulator's gateway judges them.

A token's signature is checked once; its claims are checked for each request, as on AWS.
Source: "Control access to HTTP APIs with JWT authorizers",
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from emulation.aws.upstream import Upstream

_POOL = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/([A-Za-z0-9_-]+)")
_HEADER_SOURCE = "$request.header."
_KEY_SECONDS = 5.0
#: Unknown keys are looked for once in so many seconds.
_LOOK_AGAIN_SECONDS = 2.0
#: Tokens whose signature is known to hold.
_REMEMBERED = 4096


class UnauthorizedError(Exception):
    """401: no token, or an invalid one."""


class ForbiddenError(Exception):
    """403: the token has none of the route's scopes."""


@dataclass(frozen=True, slots=True)
class JwtRules:
    """One authorizer. ``header``: where the token is; ``pool``: the user pool of the issuer."""

    header: str
    issuer: str
    pool: str
    audience: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Token:
    """Claims as the token has them, as events have them (texts), and its scopes in order."""

    claims: Mapping[str, Any]
    texts: Mapping[str, str]
    scopes: tuple[str, ...]


def parse_rules(authorizer: Mapping[str, Any]) -> JwtRules | None:
    """None for an authorizer that the emulator handles: another kind, issuer or identity source."""
    sources, jwt = authorizer.get("identitySource") or [], authorizer.get("jwtConfiguration") or {}
    sources = [sources] if isinstance(sources, str) else sources
    issuer = str(jwt.get("issuer") or "")
    pool = _POOL.fullmatch(issuer)
    if authorizer.get("authorizerType") != "JWT" or pool is None or len(sources) != 1:
        return None
    if not sources[0].startswith(_HEADER_SOURCE):
        return None
    header = sources[0].removeprefix(_HEADER_SOURCE).lower()
    return JwtRules(header, issuer, pool[1], frozenset(map(str, jwt.get("audience") or ())))


@dataclass
class Authorizer:
    """Validates tokens; keys are read from the emulator when a token names an unknown key."""

    upstream: Upstream
    clock: Callable[[], float] = time.time
    _keys: dict[tuple[str, str], RSAPublicKey] = field(default_factory=dict)
    _looked: dict[str, float] = field(default_factory=dict)
    _known: dict[tuple[str, str], Token] = field(default_factory=dict)

    def forget(self) -> None:
        """User pools may have changed: all tokens are checked again."""
        self._keys.clear()
        self._looked.clear()
        self._known.clear()

    async def authorize(self, rules: JwtRules, value: str | None, scopes: Sequence[str]) -> Token:
        """The token in the header ``value``.

        Raises:
            UnauthorizedError, ForbiddenError: the request is refused.
            UnreachableError, UpstreamTimeoutError: the pool's keys are not known, and the emulator is down.
        """
        text = _token_of(value or "")
        token = self._known.get((rules.pool, text))
        if token is None:
            token = await self._verified(rules.pool, text)
        if not _holds(token.claims, rules, int(self.clock())):
            raise UnauthorizedError
        if scopes and not any(scope in token.scopes for scope in scopes):
            raise ForbiddenError
        return token

    async def _verified(self, pool: str, text: str) -> Token:
        try:
            head, body, signature = text.split(".")
            kid, claims, signed = json.loads(_decoded(head))["kid"], json.loads(_decoded(body)), _decoded(signature)
        except (ValueError, KeyError, TypeError, binascii.Error):
            raise UnauthorizedError from None
        key = await self._key(pool, kid) if isinstance(kid, str) and isinstance(claims, dict) else None
        if key is None:
            raise UnauthorizedError
        try:
            key.verify(signed, f"{head}.{body}".encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            raise UnauthorizedError from None
        token = Token(claims, {name: _text(one) for name, one in claims.items()}, _scopes(claims))
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[pool, text] = token
        return token

    async def _key(self, pool: str, kid: str) -> RSAPublicKey | None:
        if (pool, kid) not in self._keys and self.clock() >= self._looked.get(pool, 0.0) + _LOOK_AGAIN_SECONDS:
            answer = await self.upstream.send("GET", f"/{pool}/.well-known/jwks.json", [], seconds=_KEY_SECONDS)
            self._looked[pool] = self.clock()
            for one in json.loads(answer.body).get("keys", ()) if answer.status == 200 else ():
                numbers = (int.from_bytes(_decoded(one[part]), "big") for part in ("e", "n"))
                self._keys[pool, one["kid"]] = RSAPublicNumbers(*numbers).public_key()
        return self._keys.get((pool, kid))


def _token_of(value: str) -> str:
    value = value.strip()
    return value.split(" ", 1)[1].strip() if value.lower().startswith("bearer ") else value


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _holds(claims: Mapping[str, Any], rules: JwtRules, now: int) -> bool:
    """Issuer, times and audience; ``client_id`` where there is no ``aud``."""
    try:
        times = int(claims.get("exp", now + 1)) > now >= max(int(claims.get("nbf", now)), int(claims.get("iat", now)))
    except (TypeError, ValueError):
        return False
    if not times or claims.get("iss") != rules.issuer:
        return False
    audience = claims["aud"] if claims.get("aud") is not None else claims.get("client_id")
    told = audience if isinstance(audience, list) else [audience]
    return not rules.audience or any(str(one) in rules.audience for one in told if one is not None)


def _scopes(claims: Mapping[str, Any]) -> tuple[str, ...]:
    found: set[str] = set()
    for name in ("scope", "scp"):
        value = claims.get(name)
        found.update(value.split() if isinstance(value, str) else map(str, value) if isinstance(value, list) else ())
    return tuple(sorted(found))


def _text(value: Any) -> str:
    """Every claim is a text in an event: an array as its items in brackets."""
    if isinstance(value, list):
        return "[" + " ".join(map(_text, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)
